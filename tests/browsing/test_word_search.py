"""Searches by words: what they rank by, and what they say of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustertags.browsing.named_tags import NamedTags, find_named_tags
from clustertags.browsing.word_search import ByWords, WordIndex, clean_words, explain, explain_unknown
from clustertags.editing import new_edits
from clustertags.editing.replay import apply_edits
from clustertags.errors import UsageError
from clustertags.labels.rules import Rules
from clustertags.library.library_features import LibraryFeatures, load_library_features
from clustertags.library.model import FittedLibrary
from clustertags.names.name_vectors import name_vectors
from clustertags.types import Classifier, Features
from tests.conftest import Library
from tests.made.fitted import journal_of, simple_library
from tests.made.image_text import image_vectors, text_vectors

RETRIEVER, SEASHORE, PIZZA = 207, 978, 963  # of ImageNet's classes


@pytest.fixture(scope="module")
def library() -> FittedLibrary:
    """Clusters of 30, 20 and 10 photos, of which two each are labelled, and 5 in none, which are of the first kind."""
    made = simple_library()
    return replace(made, seeds=replace(made.seeds, vocabulary=("Rex", "hot dog", "dog")))


@pytest.fixture(scope="module")
def index(library: FittedLibrary) -> WordIndex:
    """Photos of the three kinds show a dog, the sea and pizza."""
    weight = np.zeros((1000, 3), np.float32)
    weight[[RETRIEVER, SEASHORE, PIZZA], [0, 1, 2]] = 12
    kinds = np.maximum(library.clusters.labels, 0)
    features = Features(np.eye(3, dtype=np.float32)[kinds], np.ones(library.n_photos, np.float32))
    return WordIndex(LibraryFeatures(library, features, Classifier(weight, np.zeros(1000, np.float32))))


def photos(result: ByWords) -> list[int]:
    return [item.photo for item in result.found.items]


def test_words_find_what_the_network_sees(library: FittedLibrary, index: WordIndex) -> None:
    dogs, sea, pizza = {*range(30), *range(60, 65)}, {*range(30, 50)}, {*range(50, 60)}
    for words, shown in (("a sandy beach", sea), ("pizza with cheese", pizza), ("a puppy in the grass", dogs)):
        result = index.search(library, words, limit=100)
        assert set(photos(result)[: len(shown)]) == shown
        assert (result.basis, result.tags, result.unknown) == ("classes", (), ())
        scores = [item.score for item in result.found.items]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert result.found.total == 65
    assert "found by chance" in explain(index.search(library, "pizza"), "efficientnet-lite0")


def test_tags_among_the_words_count_next_to_them(library: FittedLibrary, index: WordIndex) -> None:
    result = index.search(library, "Rex eats pizza", limit=100)
    assert (result.basis, result.tags) == ("classes", ("Rex",))
    score = {item.photo: item.score for item in result.found.items}
    assert score[0] > score[2] > score[30], "the label, a prediction, neither"
    assert score[55] > score[35], "pizza without Rex before the sea without Rex"
    assert "your tags (Rex) and by" in explain(result, "x")


def test_words_that_are_tags_alone_rank_labels_first(library: FittedLibrary, index: WordIndex) -> None:
    result = index.search(library, "#REX", limit=100)
    assert (result.basis, result.tags) == ("tags", ("Rex",))
    assert photos(result)[:2] == [0, 1]
    assert [(item.own, item.score) for item in result.found.items[:3]] == [(True, 1.0), (True, 1.0), (False, 0.9)]
    assert result.found.items[40].score <= 0.2
    assert explain(result, "x") == "Ranked by the scores of your tags alone: Rex."


def test_a_tag_that_means_nothing_to_the_encoder_is_found_all_the_same(
    library: FittedLibrary, index: WordIndex
) -> None:
    named = replace(library, seeds=replace(library.seeds, vocabulary=("qzxv", "b", "c")))
    result = index.search(named, "qzxv")
    assert (result.basis, photos(result)[:2], result.unknown) == ("tags", [0, 1], ("qzxv",))
    assert explain_unknown(result) == ""


def test_words_that_nothing_knows_find_nothing_and_say_so(library: FittedLibrary, index: WordIndex) -> None:
    result = index.search(library, "qzxv xkcqj")
    assert (result.basis, result.found.items, result.found.total) == ("nothing", (), 0)
    assert "None of the words is known" in explain(result, "x")
    partly = index.search(library, "qzxv beach")
    assert (partly.basis, partly.unknown) == ("classes", ("qzxv",))
    assert explain_unknown(partly) == "Not known to the encoder: qzxv."


def test_hidden_and_empty_photos_are_not_found_and_pages_join(library: FittedLibrary, index: WordIndex) -> None:
    edited = apply_edits(library, journal_of([new_edits.hide_photos(library, [31])]))
    edited = replace(edited, blank={edited.photos[32].content_hash: "nothing to see: one colour"})
    whole = index.search(edited, "the sea", limit=100)
    assert whole.found.total == 63
    assert not {31, 32} & set(photos(whole))
    parts = [index.search(edited, "the sea", offset=at, limit=25) for at in (0, 25, 50)]
    assert [at for part in parts for at in photos(part)] == photos(whole)
    assert [part.found.next_offset for part in parts] == [25, 50, None]


def test_without_classes_only_tags_are_searched(library: FittedLibrary) -> None:
    features = Features(np.eye(65, 4, dtype=np.float32), np.ones(65, np.float32))
    index = WordIndex(LibraryFeatures(library, features, None))
    assert index.search(library, "Rex on a beach").basis == "tags"
    assert index.search(library, "a beach").basis == "nothing"


def test_named_tags_are_the_longest_and_whole_words(library: FittedLibrary) -> None:
    assert find_named_tags(library, "a hot dog") == NamedTags((1,), are_all=True)
    assert find_named_tags(library, "Dog with a hot dog") == NamedTags((1, 2), are_all=True)
    assert find_named_tags(library, "hot dogs") == NamedTags((), are_all=False)
    assert find_named_tags(library, "the dog sleeps") == NamedTags((2,), are_all=False)
    aliased = replace(library, rules=Rules(aliases={"puppy": "dog"}))
    assert find_named_tags(aliased, "puppy") == NamedTags((2,), are_all=True)
    demoted = replace(library, demoted={"dog": "everywhere"})
    assert find_named_tags(demoted, "a dog sleeps").columns == ()
    assert find_named_tags(demoted, "dog").columns == (2,)


@pytest.mark.parametrize("text", ["", "   ", "\x00\x1b", "\u200b\u202e", "x" * 201])
def test_no_words_and_too_many_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="words"):
        clean_words(text)


def test_control_characters_and_runs_of_spaces_go() -> None:
    assert clean_words(" a\x1b[31m  dog\n\ud800") == "a [31m dog"
    assert len(clean_words("x" * 200)) == 200


def test_an_image_text_network_ranks_by_the_cosine_with_the_text_tower(image_text: Library) -> None:
    fitted = load_library_features(image_text.artifacts)
    index, library = WordIndex(fitted), fitted.library
    words = "a red thing on the beach"
    result = index.search(library, words, limit=100)
    assert (result.basis, result.tags) == ("image-text", ())
    text = name_vectors(fitted.encoder, [words])[0]
    spelt = text_vectors([words, f"a photo of a {words}"]).mean(axis=0)
    np.testing.assert_allclose(text, spelt / np.linalg.norm(spelt), atol=1e-5)
    images = image_vectors([image_text.photos / photo.path for photo in library.photos])
    # Photos are resized by another library, and the network may run in bfloat16.
    assert (fitted.features.values * images).sum(axis=1).min() > 0.99
    cosines = fitted.features.values.astype(np.float64) @ text
    assert photos(result) == np.argsort(-cosines, kind="stable").tolist()
    for item in result.found.items:
        assert item.score == pytest.approx(max(cosines[item.photo], 0), abs=1e-6)
    nearest = [index.search(library, words).found.items[0].score for words in ("dog", "sea", "sky", "red", "blue")]
    assert max(nearest) > 0.01, "not all words are opposite to all photos"
    assert "clip:clustertags-tiny matches the words" in explain(result, "clip:clustertags-tiny")


def test_labels_come_before_cosines_where_the_words_are_a_tag(image_text: Library) -> None:
    fitted = load_library_features(image_text.artifacts)
    for tag in ("kind0", "kind1", "kind2"):
        result = WordIndex(fitted).search(fitted.library, tag)
        assert [item.own for item in result.found.items[:4]] == [True, True, True, False]
