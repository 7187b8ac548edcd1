"""The text tower of an image-text network as an encoder of names, run by OpenVINO: its vectors share the photos' space.

The zero-shot classifier of ImageNet's classes is made of their names' vectors (Radford et al. 2021, "Learning
transferable visual models from natural language supervision", section 3.1.2), so that clusters get names and the tag
model its block of outputs as with a network that was trained on these classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from clustertags.errors import WordsError
from clustertags.features.conversion import (
    TEXT_FILE,
    TEXT_PARAMETERS_FILE,
    TOKENIZER_FILE,
    ConvertedBackbone,
    add_classifier,
    read_converted,
)
from clustertags.features.text_cleaning import CLEANINGS
from clustertags.names.cached_vectors import CachedVectors
from clustertags.names.hierarchy import N_CLASSES
from clustertags.names.known_words import unknown_words
from clustertags.names.name_vectors import class_text, name_vectors, unit
from clustertags.support.printable import printable
from clustertags.types import Classifier, Float32, no_progress

if TYPE_CHECKING:
    from pathlib import Path

    import openvino
    from tokenizers import Tokenizer

    from clustertags.types import Progress

_CHUNK_CLASSES = 20
_STAGE = "Reading class names"


class ImageTextEncoder:
    """Texts to vectors in the space of the features of `backbone`, which has a text tower; from any thread.

    Raises `WordsError` on first use where the text tower is missing or damaged.
    """

    def __init__(self, backbone: ConvertedBackbone) -> None:
        if backbone.text is None:
            raise ValueError(f"{backbone.name} has no text tower")
        self._backbone = backbone
        self._clean = CLEANINGS[backbone.text.cleaning]
        self._cached = CachedVectors(self._infer)
        self.logit_scale = backbone.text.logit_scale

    def encode(self, texts: Sequence[str]) -> Float32:
        """(n, n_features) float32, rows of unit length."""
        return self._cached.stacked(texts, self._backbone.n_features)

    def class_vectors(self) -> Float32:
        """(1000, n_features) float32, unit rows: of ImageNet's classes, as the zero-shot classifier holds them."""
        classifier = self._backbone.classifier()
        if classifier is None:
            raise self._missing("classifier")
        return unit(classifier.weight)

    def unknown_words(self, text: str) -> tuple[str, ...]:
        """The words of a text that mean nothing to the network."""
        return unknown_words(text, self._pieces)

    def _pieces(self, word: str) -> list[str]:
        encoding = self._tokenizer.encode(self._clean(word), add_special_tokens=False)
        return [piece for piece, real in zip(encoding.tokens, encoding.attention_mask, strict=True) if real]

    def _infer(self, text: str) -> Float32:
        ids = np.array([self._tokenizer.encode(self._clean(text)).ids], np.int64)
        row: Float32 = np.asarray(self._network({0: ids})[0][0], np.float32)
        return row / np.float32(max(float(np.linalg.norm(row)), 1e-12))

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        if find_spec("tokenizers") is None:
            raise WordsError("the package that cuts words into pieces is missing: pip install tokenizers")
        from tokenizers import Tokenizer  # noqa: PLC0415

        try:
            return Tokenizer.from_str((self._backbone.folder / TOKENIZER_FILE).read_text(encoding="utf-8"))
        except Exception as error:  # tokenizers raises Exception itself
            raise self._missing(TOKENIZER_FILE) from error

    @cached_property
    def _network(self) -> openvino.CompiledModel:
        from clustertags.features.silent_openvino import openvino  # noqa: PLC0415

        folder = self._backbone.folder
        # In float32, so that a vector is the same on every processor but for rounding.
        config = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        core = openvino.Core()
        try:
            network = core.read_model(folder / TEXT_FILE, folder / TEXT_PARAMETERS_FILE)
            return core.compile_model(network, "CPU", config)
        except RuntimeError as error:
            raise self._missing(TEXT_FILE) from error

    def _missing(self, what: str) -> WordsError:
        return WordsError(
            f"the text tower of {printable(self._backbone.name)} cannot be loaded, as "
            f"{printable(self._backbone.folder / what)} is missing or damaged: fit again with the same --backbone"
        )


def add_zero_shot_classifier(folder: Path, progress: Progress = no_progress) -> None:
    """Add the classifier to the converted image-text network in `folder`."""
    encoder = ImageTextEncoder(read_converted(folder))
    texts = [class_text(synset) for synset in range(N_CLASSES)]
    chunks = []
    for start in range(0, N_CLASSES, _CHUNK_CLASSES):
        progress(_STAGE, start, N_CLASSES)
        chunks.append(name_vectors(encoder, texts[start : start + _CHUNK_CLASSES]))
    progress(_STAGE, N_CLASSES, N_CLASSES)
    weight = np.asarray(encoder.logit_scale * np.concatenate(chunks), np.float32)
    add_classifier(folder, Classifier(weight, np.zeros(N_CLASSES, np.float32)))
