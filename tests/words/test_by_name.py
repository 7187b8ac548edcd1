"""Scores of tags that no photo was labelled with."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.tagging.rules import Rules
from clustertags.words.encoder import SentenceEncoder
from clustertags.words.joining import join, no_scores, without_examples
from clustertags.words.zero_shot import prepare_candidates

RETRIEVER, PIZZA, AIRLINER = 207, 963, 404


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


def sure_of(*classes: int) -> np.ndarray:
    rows = np.full((len(classes), 1000), 0.1 / 999, np.float32)
    rows[np.arange(len(classes)), list(classes)] = 0.9
    return rows


def test_a_photo_has_the_tag_that_names_what_it_shows(encoder: SentenceEncoder) -> None:
    candidates = prepare_candidates(encoder, ["dog", "supper", "flying machine", "wedding"])
    said = candidates.probabilities(sure_of(RETRIEVER, PIZZA, AIRLINER))
    assert said.argmax(axis=1).tolist() == [0, 1, 2]
    assert said[0, 0] > 0.5
    assert said[:, 3].max() < 0.1


def test_a_score_depends_neither_on_other_tags_nor_on_other_photos(encoder: SentenceEncoder) -> None:
    rows = sure_of(RETRIEVER, PIZZA)
    together = prepare_candidates(encoder, ["dog", "pizza", "sea"]).probabilities(rows)
    alone = prepare_candidates(encoder, ["pizza"]).probabilities(rows[1:])
    np.testing.assert_array_equal(together[1:, 1:2], alone)


def test_tags_with_examples_aliases_and_blocked_ones_are_not_scored_by_name() -> None:
    rules = Rules(aliases={"kitty": "cat", "pup": "dog"}, blocked=frozenset({"secret"}), spellings={"dog": "Dog"})
    assert without_examples(["Kitty", "pup", "Secret", "CAT", "sea", "SEA"], ["Cat"], rules) == ("Dog", "sea")


def test_joined_scores_keep_what_was_learnt(encoder: SentenceEncoder) -> None:
    rows = sure_of(RETRIEVER)
    joined = join(no_scores(1), prepare_candidates(encoder, ["dog"]), rows)
    assert joined.scores.shape == (1, 1)
    assert joined.parts[-1, 0, 0] == joined.scores[0, 0]
    assert not joined.abstained.any()
