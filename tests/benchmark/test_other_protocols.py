"""The zero-shot table beside the main one: what is kept is not computed again, and a failure is a row."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from clustertags.benchmark import other_protocols
from clustertags.benchmark.cells import cell_key
from clustertags.benchmark.other_protocols import ZeroShotAnswer, score_zero_shot_split, zero_shot_sections
from clustertags.benchmark.runner import Watch
from clustertags.errors import UsageError
from tests.benchmark.made_sets import Frequent, Means, made_set

LABELLED = made_set()


class Asked(Means):
    name = "asked"
    title = "Asked"

    def predict_candidates(self, photos: object, candidates: list[str]) -> np.ndarray:
        return np.zeros((1, len(candidates)))


def test_kept_answers_become_a_table_without_computing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_protocols, "PROTOCOL", "json")
    for seed, value in enumerate((0.5, 0.6, 0.7)):
        path = tmp_path / f"zero-shot-{cell_key(Asked, LABELLED.digest())}-{seed}.json"
        path.write_text(json.dumps([value, 0.2, 0.4, 0.3, 1.0, 2.0]))
    (section,) = zero_shot_sections(LABELLED, [Frequent, Asked], tmp_path, 0, Watch())
    assert section.rows == (
        ("Asked", "0.600 ± 0.100", "0.200 ± 0.000", "0.400 ± 0.000", "0.300 ± 0.000", "1.00", "2.00"),
    )


def test_without_a_method_that_can_be_asked_there_is_no_table(tmp_path: Path) -> None:
    assert zero_shot_sections(LABELLED, [Frequent, Means], tmp_path, 0, Watch()) == ()


@dataclass
class _Scores:
    zero_shot: float = 0.5
    unseen: float = 0.2
    seen: float = 0.4
    harmonic: float = 0.3
    fit_seconds: float = 1.0
    predict_seconds: float = 2.0


def protocol(monkeypatch: pytest.MonkeyPatch, *, fails: bool) -> None:
    """A protocol that looks at what it is given."""

    def split_tags(tags: np.ndarray, seed: int) -> int:
        assert tags.shape == LABELLED.tags.shape
        return seed

    def score_zero_shot(method: Asked, photos: object, tags: np.ndarray, split: int, task: object) -> _Scores:
        assert isinstance(method, Asked)
        assert split == 7
        if fails:
            raise UsageError("label more")
        return _Scores()

    module = ModuleType("made_protocol")
    module.__dict__.update(split_tags=split_tags, score_zero_shot=score_zero_shot)
    monkeypatch.setitem(sys.modules, "made_protocol", module)
    monkeypatch.setattr(other_protocols, "PROTOCOL", "made_protocol")


def test_a_method_is_scored_by_the_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    protocol(monkeypatch, fails=False)
    assert score_zero_shot_split(LABELLED, Asked, 7).figures == (0.5, 0.2, 0.4, 0.3, 1.0, 2.0)


def test_what_a_method_lacks_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    protocol(monkeypatch, fails=True)
    assert score_zero_shot_split(LABELLED, Asked, 7) == ZeroShotAnswer(reason="label more")
