"""The stored text tower, which needs neither torch nor open_clip."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import WordsError
from clustertags.features.conversion import TEXT_FILE, TOKENIZER_FILE, ConvertedBackbone, read_converted
from clustertags.library.artifacts import Artifacts
from clustertags.names.backbone_encoder import encoder_for
from clustertags.names.encoder import sentence_encoder
from clustertags.names.image_text_encoder import ImageTextEncoder
from clustertags.names.name_vectors import class_text, name_vectors
from clustertags.names.tag_names import encode_tag_names
from tests.conftest import Library
from tests.made.image_text import N_FEATURES, text_vectors


@pytest.fixture
def stored(image_text: Library) -> ConvertedBackbone:
    return read_converted(Artifacts(image_text.artifacts).current().folder)


def test_vectors_are_the_networks_own(stored: ConvertedBackbone) -> None:
    texts = ["a dog on a beach", "Caf\u00e9, 2024!", "", "word " * 100]
    np.testing.assert_allclose(ImageTextEncoder(stored).encode(texts), text_vectors(texts), atol=1e-5)
    assert ImageTextEncoder(stored).encode([]).shape == (0, N_FEATURES)


def test_the_classifier_is_made_of_the_names_of_the_classes(stored: ConvertedBackbone) -> None:
    encoder, classifier = ImageTextEncoder(stored), stored.classifier()
    assert classifier is not None
    assert classifier.weight.shape == (1000, N_FEATURES)
    expected = name_vectors(encoder, [class_text(at) for at in (0, 207, 999)])
    np.testing.assert_allclose(classifier.weight[[0, 207, 999]], encoder.logit_scale * expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(encoder.class_vectors()[[0, 207, 999]], expected, atol=1e-5)
    assert not classifier.bias.any()


def test_names_are_read_by_the_text_tower_and_compared_with_photos(stored: ConvertedBackbone) -> None:
    names = encode_tag_names(encoder_for(stored), ["dog", "sea"])
    assert names.logit_scale == pytest.approx(1 / 0.07, rel=1e-5)
    np.testing.assert_allclose(names.vectors, name_vectors(encoder_for(stored), ["dog", "sea"]), atol=1e-6)


def test_a_network_without_a_text_tower_goes_with_the_packaged_encoder(stored: ConvertedBackbone) -> None:
    plain = replace(stored, text=None)
    assert encoder_for(plain) is sentence_encoder()
    with pytest.raises(ValueError, match="no text tower"):
        ImageTextEncoder(plain)


@pytest.mark.parametrize("file", [TEXT_FILE, TOKENIZER_FILE])
def test_a_text_tower_that_is_gone_is_named_with_the_remedy(
    stored: ConvertedBackbone, tmp_path: Path, file: str
) -> None:
    folder = Path(shutil.copytree(stored.folder, tmp_path / "copy"))
    (folder / file).write_text("damaged")
    with pytest.raises(WordsError, match=rf"text tower of clip:clustertags-tiny .*{file}.*fit again"):
        ImageTextEncoder(replace(stored, folder=folder)).encode(["a dog"])
    (folder / file).unlink()
    with pytest.raises(WordsError, match=file):
        ImageTextEncoder(replace(stored, folder=folder)).encode(["a dog"])


def test_reading_loads_neither_torch_nor_open_clip(stored: ConvertedBackbone) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from clustertags.features.conversion import read_converted\n"
        "from clustertags.names.backbone_encoder import encoder_for\n"
        f"print(encoder_for(read_converted(Path({str(stored.folder)!r}))).encode(['a dog']).shape)\n"
        "print(sorted({'torch', 'open_clip', 'timm', 'ftfy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == [f"(1, {N_FEATURES})", "[]"]
