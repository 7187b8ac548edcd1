"""The zero-shot table beside the main one: what is kept is not computed again, and a failure is a row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from clustertags.benchmark.execution.cells import cell_key
from clustertags.benchmark.execution.runner import Watch
from clustertags.benchmark.extra_protocols import protocol_tables
from clustertags.benchmark.extra_protocols.protocol_tables import Answer, other_sections, score_unseen, score_users
from clustertags.errors import UsageError
from tests.benchmark.made_sets import Frequent, Means, Personal, made_set

LABELLED = made_set()


class Asked(Means):
    name = "asked"
    title = "Asked"

    def predict_candidates(self, photos: object, candidates: list[str]) -> np.ndarray:
        return np.zeros((1, len(candidates)))


def test_kept_answers_become_a_table_without_computing(tmp_path: Path) -> None:
    for seed, value in enumerate((0.5, 0.6, 0.7)):
        path = tmp_path / f"zero-shot-{cell_key(Asked, LABELLED.digest())}-{seed}.json"
        path.write_text(json.dumps([value, 0.2, 0.4, 0.3]))
    (section,) = other_sections(LABELLED, [Frequent, Asked], tmp_path, 0, Watch())
    assert section.rows == (("Asked", "0.600 ± 0.100", "0.200 ± 0.000", "0.400 ± 0.000", "0.300 ± 0.000"),)


def test_without_a_method_that_can_be_asked_there_is_no_table(tmp_path: Path) -> None:
    assert other_sections(LABELLED, [Frequent, Means], tmp_path, 0, Watch()) == ()


@dataclass
class _Scores:
    zero_shot: float = 0.5
    unseen: float = 0.2
    seen: float = 0.4
    harmonic: float = 0.3


def protocol(monkeypatch: pytest.MonkeyPatch, *, fails: bool) -> None:
    """A protocol that looks at what it is given."""

    def split_tags(tags: np.ndarray, seed: int, *, labels_a_tag: int) -> int:
        assert labels_a_tag == 10
        assert tags.shape == LABELLED.tags.shape
        return seed

    def score_zero_shot(method: Asked, photos: object, tags: np.ndarray, split: int, task: object) -> _Scores:
        assert isinstance(method, Asked)
        assert split == 7
        if fails:
            raise UsageError("label more")
        return _Scores()

    monkeypatch.setattr(protocol_tables, "split_tags", split_tags)
    monkeypatch.setattr(protocol_tables, "score_zero_shot", score_zero_shot)


def test_a_method_is_scored_by_the_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    protocol(monkeypatch, fails=False)
    assert score_unseen(LABELLED, Asked, 7).figures == (0.5, 0.2, 0.4, 0.3)


def test_what_a_method_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    protocol(monkeypatch, fails=True)
    assert score_unseen(LABELLED, Asked, 7) == Answer(reason="label more")


def test_users_are_called_synthetic(tmp_path: Path) -> None:
    for seed in range(3):
        path = tmp_path / f"synthetic-users-{cell_key(Personal, LABELLED.digest())}-{seed}.json"
        path.write_text("[0.75, 0.25]")
    (section,) = other_sections(LABELLED, [Frequent, Personal], tmp_path, 0, Watch())
    assert section.rows == (("Frequency", "0.750 ± 0.000", "0.250 ± 0.000"),)
    assert "SYNTHETIC" in section.words
    assert "synthetic users" in section.columns[1]


def test_users_are_planted_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Planted:
        planted: float = 0.9
        shuffled: float = 0.4

    def plant_users(tags: np.ndarray, names: tuple[str, ...], *, seed: int) -> int:
        assert len(names) == tags.shape[1]
        return seed

    def score_planted_users(methods: list[object], photos: object, planted: int, seed: int) -> tuple[Planted, ...]:
        assert isinstance(methods[0], Personal)
        assert planted == seed == 5
        return (Planted(),)

    monkeypatch.setattr(protocol_tables, "plant_users", plant_users)
    monkeypatch.setattr(protocol_tables, "score_planted_users", score_planted_users)
    assert score_users(LABELLED, Personal, 5).figures == (0.9, 0.4)
