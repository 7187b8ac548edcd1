"""What the tag model is given of its tags' names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustertags.names.encoder import SentenceEncoder, sentence_encoder
from clustertags.names.name_prior import TagNames
from clustertags.names.tag_names import encode_tag_names, encode_vocabulary
from clustertags.types import Classifier


def classifier(n_classes: int) -> Classifier:
    return Classifier(np.zeros((n_classes, 4), np.float32), np.zeros(n_classes, np.float32))


def test_names_are_those_of_the_vocabulary_and_reading_them_is_told() -> None:
    words, told = sentence_encoder(), []
    vocabulary = [f"thing {number}" for number in range(40)]
    found = encode_vocabulary(vocabulary, classifier(1000), words, progress=lambda *step: told.append(step))
    assert found is not None
    np.testing.assert_array_equal(found.vectors, encode_tag_names(words, vocabulary).vectors)
    assert [(done, total) for _, done, total in told] == [(0, 40), (32, 40), (40, 40)]


def test_names_that_were_read_before_are_not_read_again() -> None:
    first = encode_tag_names(sentence_encoder(), ["cat", "dog"])
    saved = TagNames.from_tensors(first.to_tensors())
    read: list[str] = []

    class Listening(SentenceEncoder):
        def encode(self, texts: Sequence[str]) -> np.ndarray:
            read.extend(texts)
            return super().encode(texts)

    known = dict(zip(["cat", "dog"], saved.vectors, strict=True))
    found = encode_vocabulary(["bird", "cat", "dog"], classifier(1000), Listening(), known=known)
    assert found is not None
    assert set(read) == {"bird", "a photo of a bird"}
    whole = encode_tag_names(sentence_encoder(), ["bird", "cat", "dog"])
    for name in ("vectors", "classes", "centre", "scale", "members"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))


def test_there_are_none_without_tags_or_without_imagenets_classes() -> None:
    words = sentence_encoder()
    assert encode_vocabulary([], classifier(1000), words) is None
    assert encode_vocabulary(["dog"], None, words) is None
    assert encode_vocabulary(["dog"], classifier(900), words) is None


def test_odd_names_have_finite_scores() -> None:
    named = encode_tag_names(sentence_encoder(), ["", "_", "\ud800", "\u2764\ufe0f", "x" * 5000, "{}", "\u732b"])
    assert np.isfinite(named.scores(np.full((2, 1000), 1e-3))).all()
