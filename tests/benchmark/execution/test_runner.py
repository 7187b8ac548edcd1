"""Runs resume, and a method that fails is a row with its reason."""

from __future__ import annotations

import importlib
import multiprocessing
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clustertags.benchmark.execution.cells import CellStore, cell_key
from clustertags.benchmark.execution.runner import NO_USERS, RunCallbacks, first_reasons, run_methods
from clustertags.benchmark.execution.worker import CellRequest, Job, measure, send_outcomes, work
from tests.benchmark.made_sets import Dying, Frequent, Lacking, Means, Personal, Unsound, made_set, small_split

LABELLED = made_set()


@pytest.fixture
def store(tmp_path: Path) -> CellStore:
    return CellStore(tmp_path / "cells", small_split(LABELLED))


def test_a_second_run_computes_nothing(store: CellStore) -> None:
    notices: list[str] = []
    ran = run_methods(LABELLED, store, [Frequent, Means], callbacks=RunCallbacks(notice=notices.append))
    assert (ran.n_computed, ran.failures) == (8, {})
    assert [line.split(" cells")[0] for line in notices] == ["frequent: 4 of 4", "clustertags: 4 of 4"]
    times = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*") if path.is_file()}
    assert run_methods(LABELLED, store, [Frequent, Means]).n_computed == 0
    assert times == {path: path.stat().st_mtime_ns for path in store.folder.rglob("*") if path.is_file()}


def test_an_interrupt_leaves_whole_cells_and_the_next_run_the_rest(store: CellStore) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_methods(LABELLED, store, [Frequent], callbacks=RunCallbacks(progress=stop))
    n_left = sum(store.read(Frequent, draw) is None for draw in store.split.draws)
    assert n_left <= 1
    assert len(list(store.folder.rglob("*.json"))) == 4 - n_left
    assert run_methods(LABELLED, store, [Frequent]).n_computed == n_left
    assert all(store.has(Frequent, draw) for draw in store.split.draws)


def test_a_damaged_cell_is_computed_again(store: CellStore) -> None:
    run_methods(LABELLED, store, [Frequent])
    damaged = next(store.folder.rglob("*.safetensors"))
    damaged.write_bytes(damaged.read_bytes()[:40])
    assert run_methods(LABELLED, store, [Frequent]).n_computed == 1


def test_a_method_without_its_weights_is_reported_and_tried_again(store: CellStore) -> None:
    ran = run_methods(LABELLED, store, [Lacking, Frequent, Personal])
    assert first_reasons(ran.failures["lacking"]) == ("the weights of lacking are not here: <b>get them</b>",)
    assert first_reasons(ran.failures["personal"]) == (NO_USERS,)
    assert ran.n_computed == 4
    assert len(run_methods(LABELLED, store, [Lacking]).failures["lacking"]) == 4


def test_a_method_that_takes_its_process_with_it_loses_that_cell_alone(store: CellStore) -> None:
    ran = run_methods(LABELLED, store, [Dying])
    assert ran.failures == {"dying": {(2, 0): "its process ended unexpectedly (7)"}}
    assert ran.n_computed == 3


def test_a_worker_without_its_parent_ends_quietly_with_its_cell_kept(store: CellStore) -> None:
    """In a process of its own, as it silences warnings and interrupts for good."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    job = Job((CellRequest(Means, store.split.draws[0]),), LABELLED, store)
    process = multiprocessing.get_context("spawn").Process(target=send_outcomes, args=(job, sender))
    receiver.close()
    process.start()
    sender.close()
    process.join()
    assert process.exitcode == 0
    assert store.has(Means, store.split.draws[0])


def test_scores_that_are_not_finite_are_a_failure(store: CellStore) -> None:
    (outcome,) = work(Job((CellRequest(Unsound, store.split.draws[0]),), LABELLED, store))
    assert outcome.reason == "ValueError: some of its scores are not finite"
    assert not store.has(Unsound, store.split.draws[0])


def test_a_cell_holds_the_figures_of_each_test_photo_and_the_first_draw_its_scores(store: CellStore) -> None:
    first, second = store.split.draws[:2]
    cell = measure(Job((), LABELLED, store), CellRequest(Means, first))
    store.write(Means, first, cell)
    back = store.read(Means, first)
    assert back is not None
    assert back.photos.keys() >= {"MiAP", "P@1", "top-10 accuracy"}
    assert back.scores is not None
    assert np.array_equal(
        back.photos["P@1"], LABELLED.tags[store.split.test][np.arange(24), back.scores.argmax(axis=1)]
    )
    assert back.calibration_scores is not None
    assert len(back.calibration_scores) == len(store.split.unlabelled(first))
    assert measure(Job((), LABELLED, store), CellRequest(Means, second)).scores is None


def test_another_split_or_method_has_other_cells() -> None:
    keys = {cell_key(Means, "a"), cell_key(Means, "b"), cell_key(Frequent, "a")}
    assert len(keys) == 3


def test_a_key_changes_with_the_text_of_a_base_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    base, row = tmp_path / "made_base.py", tmp_path / "made_row.py"
    base.write_text("class Base:\n    pass\n")
    row.write_text("from made_base import Base\n\n\nclass Row(Base):\n    name = 'row'\n")
    method = importlib.import_module("made_row").Row
    before = cell_key(method, "a")
    assert cell_key(method, "a") == before
    base.write_text("class Base:\n    changed = True\n")
    assert cell_key(method, "a") != before


def test_the_peak_of_memory_is_that_of_the_measurement() -> None:
    """In a process of its own, as methods are measured: the earlier peak of this one would hide the block."""
    script = (
        "from clustertags.benchmark.execution.memory import peak_bytes, reset_peak\n"
        "held = bytearray(200_000_000); del held\n"
        "reset_peak(); before = peak_bytes() or 0\n"
        "block = bytearray(b'x') * 40_000_000\n"
        "print(before, peak_bytes() or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    before, after = map(int, ran.stdout.split())
    if not after:
        pytest.skip("this system does not report a process's memory")
    assert after - before > 30_000_000
    if sys.platform == "linux":
        assert before < 150_000_000
