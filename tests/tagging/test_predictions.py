"""Predictions in which some tags were found to say nothing of a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustertags.tagging.model import TagScores
from clustertags.tagging.photo_tags import ClusterPrediction, PhotoTags
from clustertags.tagging.predictions import PredictionBuilder, TagOptions, predict_by_cluster
from clustertags.types import ClusterDescription


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


def test_tags_are_listed_by_score_and_a_demoted_one_with_its_reason() -> None:
    given = answer([0.4, 0.6, 0.5], {"tbt": "everywhere"})
    assert [(tag.tag, tag.demoted) for tag in given.tags] == [("dog", ""), ("tbt", "everywhere"), ("cat", "")]
    assert not given.abstained
    assert [tag.tag for tag in answer([0.4, 0.6, 0.9], {"tbt": "everywhere"}, top_k=2).tags] == ["tbt", "dog"]


def test_a_photo_with_demoted_tags_alone_abstains_and_still_shows_them() -> None:
    given = answer([0.1, 0.2, 0.9], {"tbt": "everywhere"})
    assert given.abstained
    assert given.reason == "its best tag that is not demoted, dog, has 0.20, less than the 0.30 required"
    assert [tag.tag for tag in given.tags] == ["tbt"]
    assert answer([0.9, 0.9, 0.9], {"cat": "a", "dog": "b", "tbt": "c"}).reason.endswith("is demoted")
    assert answer([0.1, 0.2, 0.9], {"tbt": "everywhere"}, abstained=True).tags == ()


def test_a_library_without_tags_gives_what_its_clusters_show_best_first() -> None:
    described = ClusterDescription("insect", (("animal", 0.2), ("insect", 0.9), ("ant", 0.6)), "hierarchy")
    cluster = ClusterPrediction(0, "insect", 1.0)
    everything = predict_by_cluster("a.jpg", cluster, [described], TagOptions(min_score=0.0, top_k=2))
    assert [(tag.tag, tag.score) for tag in everything.tags] == [("insect", 0.9), ("ant", 0.6)]


def silence(known: float, cluster: ClusterPrediction | None, *, n_by_name: int = 0) -> str:
    scores = replace(scores_of([0.04, 0.02]), known=np.array([known], np.float32))
    least = np.full(2, 0.3, np.float32)
    builder = PredictionBuilder(("cat", "dog"), scores, least, TagOptions(min_score=0.3), n_by_name=n_by_name)
    return builder.build(0, "a.jpg", cluster).reason


@pytest.mark.parametrize(
    ("cluster", "like"),
    [
        (ClusterPrediction(3, "geyser", 0.9, 40, 0), "like 40 photos of which none is tagged: cluster geyser; "),
        (ClusterPrediction(3, "geyser", 0.9, 1, 0), "like 1 photo of which none is tagged: cluster geyser; "),
        (ClusterPrediction(3, "cluster 3", 0.9, 1234, 1), "like 1,234 photos of which 1 is tagged: cluster 3; "),
        (ClusterPrediction(3, "sea, boat", 0.9, 40, 2), "like 40 photos of which 2 are tagged: cluster sea, boat; "),
        (None, "few tagged photos are like it, and it is in no cluster; "),
        (ClusterPrediction(3, "geyser", 0.9, 0, 0), "few tagged photos are like it, and it is in no cluster; "),
    ],
)
def test_a_photo_of_an_unknown_kind_is_silent_for_what_it_is_like(cluster: ClusterPrediction | None, like: str) -> None:
    assert silence(0.1, cluster) == (
        f"{like}it is 90% sure to show none of the tags; its best tag, cat, has 0.04, less than the 0.30 required"
    )


def test_a_photo_that_shows_some_tag_is_silent_for_its_score_alone() -> None:
    cluster = ClusterPrediction(3, "geyser", 0.9, 40, 0)
    low = "its best tag, cat, has 0.04, less than the 0.30 required"
    assert silence(0.6, cluster) == low
    assert silence(0.1, cluster, n_by_name=2) == low, "a candidate's score is not that of a kind that is labelled"
