"""The open protocol: what a method is given, how its scores become probabilities, and what is kept."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pytest

from clustertags.benchmark.execution.runner import NO_USERS, RunCallbacks
from clustertags.benchmark.extra_protocols.open_draws import OpenDraw, OpenSettings, open_draws
from clustertags.benchmark.extra_protocols.open_figures import OpenFigures, Place, ScoreKind
from clustertags.benchmark.extra_protocols.open_scoring import OpenScores, score_draw, score_open_libraries
from clustertags.benchmark.method_interface import PhotoSample, Task
from clustertags.types import Bool
from tests.benchmark.made_sets import Frequent, Lacking, Means, Personal, Unsound, made_set

LABELLED = made_set(n_tags=6, n_each=24)
SETTINGS = OpenSettings(labels=(3,), n_draws=2)
DRAW: OpenDraw = next(open_draws(LABELLED, SETTINGS))


class Fatal(Frequent):
    """Takes its process with it at the first draw."""

    name: ClassVar[str] = "fatal"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        if task.random_state == 0:
            os._exit(7)
        return super().fit(photos, tags, task)


class Graded(Means):
    """The same order in 0..1, so that scores are also taken as they are."""

    name: ClassVar[str] = "graded"
    title: ClassVar[str] = "Graded"

    def predict_scores(self, photos: PhotoSample) -> np.ndarray:
        return 1 / (1 + np.exp(-super().predict_scores(photos)))


class Checked(Means):
    """Looks at what it gets."""

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        assert task.names == tuple(LABELLED.names[column] for column in DRAW.known)
        np.testing.assert_array_equal(tags, LABELLED.tags[DRAW.labelled][:, DRAW.known])
        np.testing.assert_array_equal(photos.features.values, LABELLED.features.values[DRAW.labelled])
        assert task.unlabelled is not None
        np.testing.assert_array_equal(task.unlabelled.features.values, LABELLED.features.values[DRAW.unlabelled])
        assert task.random_state == DRAW.random_state
        return super().fit(photos, tags, task)


def figures(scores: OpenScores, place: Place, kind: ScoreKind) -> OpenFigures:
    return next(item.figures for item in scores.found if (item.place, item.kind) == (place, kind))


def test_a_method_gets_known_tags_and_the_library_alone() -> None:
    assert score_draw(LABELLED, Checked, DRAW).reason == ""


def test_scores_of_any_unit_are_mapped_and_those_in_0_to_1_are_also_taken_as_they_are() -> None:
    means, graded = score_draw(LABELLED, Means, DRAW), score_draw(LABELLED, Graded, DRAW)
    assert {(item.place, item.kind) for item in means.found} == {(place, ScoreKind.MAPPED) for place in Place}
    assert {(item.place, item.kind) for item in graded.found} == {
        (place, kind) for place in Place for kind in ScoreKind
    }
    for place in Place:
        mapped = figures(means, place, ScoreKind.MAPPED)
        assert (mapped.auroc or 0) > 0.9
        assert (mapped.ece or 1) < 0.2
        # The logistic function keeps the order, so that the map leads to the same; by itself it gives too much.
        again = figures(graded, place, ScoreKind.MAPPED)
        assert asdict(again) == pytest.approx(asdict(mapped), abs=1e-4)
        given = figures(graded, place, ScoreKind.AS_GIVEN)
        assert (given.unknown_at_50 or 0) > (mapped.unknown_at_50 or 0) + 0.3


def test_no_photo_is_mapped_by_its_own_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each map is fitted on other photos than it is used on; those outside are mapped by those of the library."""
    from clustertags.benchmark.extra_protocols import open_scoring

    used: list[tuple[set[bytes], set[bytes]]] = []
    real = open_scoring.map_to_probabilities

    def watched(known: np.ndarray, correct: np.ndarray, scores: np.ndarray) -> np.ndarray:
        used.append(({row.tobytes() for row in known}, {row.tobytes() for row in scores}))
        return real(known, correct, scores)

    monkeypatch.setattr(open_scoring, "map_to_probabilities", watched)
    score_draw(LABELLED, Means, DRAW)
    assert len(used) == 3
    assert all(not fitted & mapped for fitted, mapped in used)
    assert {len(mapped) for _, mapped in used} >= {len(DRAW.outside)}


def test_failures_have_reasons_and_are_tried_again(tmp_path: Path) -> None:
    methods = [Frequent, Lacking, Unsound, Personal]
    scores = score_open_libraries(LABELLED, methods, SETTINGS, tmp_path, RunCallbacks())
    assert [(item.method, item.number) for item in scores] == [
        (method.name, number) for method in methods for number in range(2)
    ]
    reasons = {item.method: item.reason for item in scores}
    assert reasons == {
        "frequent": "",
        "lacking": "the weights of lacking are not here: <b>get them</b>",
        "unsound": "ValueError: some of its scores are not finite",
        "personal": NO_USERS,
    }
    assert len(list(tmp_path.glob("open-*.json"))) == 2


def test_a_second_run_reads_what_the_first_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[int, int]] = []
    first = score_open_libraries(
        LABELLED, [Means], SETTINGS, tmp_path, RunCallbacks(progress=lambda _, at, total: done.append((at, total)))
    )
    assert done == [(1, 2), (2, 2)]
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert score_open_libraries(LABELLED, [Means], SETTINGS, tmp_path, RunCallbacks()) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times
    damaged = min(tmp_path.iterdir())
    damaged.write_text("{}", encoding="utf-8")
    assert score_open_libraries(LABELLED, [Means], SETTINGS, tmp_path, RunCallbacks()) == first
    other = OpenSettings(known_share=0.7, labels=(3,), n_draws=2)
    assert score_open_libraries(LABELLED, [Means], other, tmp_path, RunCallbacks()) != first


def test_a_method_that_takes_its_process_with_it_loses_that_draw_alone(tmp_path: Path) -> None:
    first, second = score_open_libraries(LABELLED, [Fatal], SETTINGS, tmp_path, RunCallbacks())
    assert first.reason == "its process ended unexpectedly"
    assert second.reason == ""
    assert len(second.found) == 4
