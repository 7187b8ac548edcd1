"""The tables of the extra protocols: cached scores are not computed again, and a failure is a row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from clustertags.benchmark.execution.cells import cell_key
from clustertags.benchmark.execution.runner import RunCallbacks
from clustertags.benchmark.extra_protocols import protocol_tables
from clustertags.benchmark.extra_protocols.protocol_tables import SplitScores, extra_sections, score_unseen, score_users
from clustertags.errors import UsageError
from tests.benchmark.made_sets import Frequent, Means, Personal, made_set

LABELLED = made_set()


class Asked(Means):
    name = "asked"
    title = "Asked"

    def predict_candidates(self, photos: object, candidates: list[str]) -> np.ndarray:
        return np.zeros((1, len(candidates)))


def test_cached_scores_become_a_table_without_computing(tmp_path: Path) -> None:
    for seed, value in enumerate((0.5, 0.6, 0.7)):
        path = tmp_path / f"zero-shot-{cell_key(Asked, LABELLED.digest())}-{seed}.json"
        path.write_text(json.dumps([value, 0.2, 0.4, 0.3]))
    (section,) = extra_sections(LABELLED, [Frequent, Asked], tmp_path, 0, RunCallbacks())
    assert section.rows == (("Asked", "0.600 ± 0.100", "0.200 ± 0.000", "0.400 ± 0.000", "0.300 ± 0.000"),)


def test_without_a_method_that_can_be_asked_there_is_no_table(tmp_path: Path) -> None:
    assert extra_sections(LABELLED, [Frequent, Means], tmp_path, 0, RunCallbacks()) == ()


@dataclass
class _Scores:
    zero_shot: float = 0.5
    unseen: float = 0.2
    seen: float = 0.4
    harmonic: float = 0.3


def protocol(monkeypatch: pytest.MonkeyPatch, *, fails: bool) -> None:
    """A fake protocol that checks its arguments."""

    def split_tags(tags: np.ndarray, random_state: int, *, labels_a_tag: int) -> int:
        assert labels_a_tag == 10
        assert tags.shape == LABELLED.tags.shape
        return random_state

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


def test_a_failure_has_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    protocol(monkeypatch, fails=True)
    assert score_unseen(LABELLED, Asked, 7) == SplitScores(reason="label more")


def test_users_are_called_synthetic(tmp_path: Path) -> None:
    for seed in range(3):
        path = tmp_path / f"synthetic-users-{cell_key(Personal, LABELLED.digest())}-{seed}.json"
        path.write_text("[0.75, 0.25]")
    (section,) = extra_sections(LABELLED, [Frequent, Personal], tmp_path, 0, RunCallbacks())
    assert section.rows == (("Frequency", "0.750 ± 0.000", "0.250 ± 0.000"),)
    assert "SYNTHETIC" in section.description
    assert "synthetic users" in section.columns[1]


def test_users_are_assigned_by_the_random_state(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Synthetic:
        synthetic: float = 0.9
        shuffled: float = 0.4

    def assign_synthetic_users(tags: np.ndarray, names: tuple[str, ...], *, random_state: int) -> int:
        assert len(names) == tags.shape[1]
        return random_state

    def score_synthetic_users(
        methods: list[object], photos: object, synthetic: int, random_state: int
    ) -> tuple[Synthetic, ...]:
        assert isinstance(methods[0], Personal)
        assert synthetic == random_state == 5
        return (Synthetic(),)

    monkeypatch.setattr(protocol_tables, "assign_synthetic_users", assign_synthetic_users)
    monkeypatch.setattr(protocol_tables, "score_synthetic_users", score_synthetic_users)
    assert score_users(LABELLED, Personal, 5).figures == (0.9, 0.4)
