"""Scores of tags that no photo was labelled with."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.labels.rules import Rules
from clustertags.names.candidate_scores import prepare_candidates
from clustertags.names.encoder import SentenceEncoder
from clustertags.tagging.candidates import append_candidates, shrink_to_names, without_examples
from clustertags.tagging.fusion import COMPONENTS
from clustertags.tagging.model import TagScores

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
    joined = append_candidates(TagScores.none(1), prepare_candidates(encoder, ["dog"]), rows)
    assert joined.scores.shape == (1, 1)
    assert joined.contributions[-1, 0, 0] == joined.scores[0, 0]
    assert not joined.abstained.any()


def learnt(scores: list[list[float]]) -> TagScores:
    values = np.array(scores, np.float32)
    n = len(values)
    nothing = np.zeros((len(COMPONENTS), *values.shape), np.float32)
    return TagScores(values, COMPONENTS, nothing, np.zeros(n, np.float32), np.zeros(n, bool), ("",) * n)


def test_the_fewer_examples_the_more_a_name_counts(encoder: SentenceEncoder) -> None:
    """Three tags, of 1, 4 and 1,000 examples, are said to be as likely; the photo shows a dog."""
    names = prepare_candidates(encoder, ["pizza", "supper", "starfish"])
    said = learnt([[0.9, 0.9, 0.9]])
    drawn = shrink_to_names(said, np.array([1, 4, 1000]), names, sure_of(RETRIEVER)).scores[0]
    assert drawn[0] < 0.5 < drawn[1] < drawn[2]
    assert drawn[2] == pytest.approx(0.9, abs=0.01)
    by_name = names.probabilities(sure_of(RETRIEVER))[0, 0]
    assert np.log(drawn[0] / (1 - drawn[0])) == pytest.approx(
        (np.log(9) + np.log(by_name / (1 - by_name))) / 2, abs=1e-3
    )


def test_what_a_name_changes_is_its_part(encoder: SentenceEncoder) -> None:
    names = prepare_candidates(encoder, ["dog", "pizza"])
    drawn = shrink_to_names(learnt([[0.2, 0.2], [0.2, 0.0]]), np.array([1, 1]), names, sure_of(RETRIEVER, RETRIEVER))
    shown = drawn.contributions[COMPONENTS.index("name")]
    assert shown[0, 0] > 0 > shown[0, 1]
    assert np.abs(np.delete(drawn.contributions, COMPONENTS.index("name"), axis=0)).max() == 0
    assert drawn.scores[1, 1] < 0.001
    assert 0.2 < drawn.scores[0, 0] == drawn.scores[1, 0]
