"""Predictions in which some tags were found to say nothing of a picture."""

from __future__ import annotations

import numpy as np

from clustertags.tagging.model import TagScores
from clustertags.tagging.photo_tags import PhotoTags
from clustertags.tagging.predictions import PredictionBuilder, TagOptions


def scores_of(values: list[float], *, abstained: bool = False) -> TagScores:
    n = len(values)
    return TagScores(
        np.array([values], np.float32),
        ("head",),
        np.zeros((1, 1, n), np.float32),
        np.zeros(1, np.float32),
        np.array([abstained]),
        ("unlike every photo" if abstained else "",),
    )


def answer(values: list[float], demoted: dict[str, str], *, top_k: int = 10, abstained: bool = False) -> PhotoTags:
    names = ("cat", "dog", "tbt")
    options = TagOptions(top_k=top_k, min_score=0.3)
    scores = scores_of(values, abstained=abstained)
    return PredictionBuilder(names, scores, np.full(3, 0.3, np.float32), options, None, demoted).build(0, "a.jpg", None)


def test_a_demoted_tag_comes_after_all_others_and_is_shown_with_its_reason() -> None:
    given = answer([0.4, 0.6, 0.9], {"tbt": "everywhere"})
    assert [(tag.tag, tag.demoted) for tag in given.tags] == [("dog", ""), ("cat", ""), ("tbt", "everywhere")]
    assert not given.abstained
    assert [tag.tag for tag in answer([0.4, 0.6, 0.9], {}).tags] == ["tbt", "dog", "cat"]
    assert [tag.tag for tag in answer([0.4, 0.6, 0.9], {"tbt": "everywhere"}, top_k=2).tags] == ["dog", "cat"]


def test_a_photo_with_demoted_tags_alone_abstains_and_still_shows_them() -> None:
    given = answer([0.1, 0.2, 0.9], {"tbt": "everywhere"})
    assert given.abstained
    assert "dog, has 0.20" in given.reason
    assert [tag.tag for tag in given.tags] == ["tbt"]
    assert answer([0.9, 0.9, 0.9], {"cat": "a", "dog": "b", "tbt": "c"}).reason.endswith("is demoted")
    assert answer([0.1, 0.2, 0.9], {"tbt": "everywhere"}, abstained=True).tags == ()
