"""Zero-shot beside the main table: methods that rank tags without a photo, on splits of the tags into seen and unseen.

The module `PROTOCOL` deals the tags and scores a method; here its scores are computed in a process apart, kept on the
disk like cells, and made a table. They are never ranked with the rows of the main table.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from clustertags.benchmark.cells import cell_key
from clustertags.benchmark.data.labelled_set import LabelledSet
from clustertags.benchmark.methods.contract import Method, Need, Task, ZeroShotMethod
from clustertags.benchmark.runner import Watch, cannot_run
from clustertags.benchmark.sections import Section
from clustertags.benchmark.word_vectors import installed_words
from clustertags.errors import ClusterTagsError
from clustertags.library.storage import storage_errors, write_atomically

N_SPLITS = 3
PROTOCOL = "clustertags.benchmark.zero_shot"
_COLUMNS = ("Method", "Zero-shot", "Unseen U", "Seen S", "H", "Fit, s", "Predict, s")
_NAMES = ("zero_shot", "unseen", "seen", "harmonic", "fit_seconds", "predict_seconds")
_WORDS = (
    "Class-mean top-1: of unseen tags among themselves, then of unseen (U) and of seen tags (S) among all, and their "
    "harmonic mean H. Means over {n} splits of the tags, ± their standard deviation. No method is shown a photo of an "
    "unseen tag."
)


@dataclass(frozen=True, slots=True)
class ZeroShotAnswer:
    """The figures of one method on one split, in the order of `_NAMES`, or why there are none."""

    figures: tuple[float, ...] = ()
    reason: str = ""


def zero_shot_sections(
    labelled: LabelledSet, methods: Sequence[type[Method]], folder: Path, seed: int, watch: Watch
) -> tuple[Section, ...]:
    """The table of the methods that can be asked for unseen tags; none where there is no such method."""
    able = [
        method
        for method in methods
        if callable(getattr(method, "predict_candidates", None)) and not cannot_run(method, labelled)
    ]
    if not able or find_spec(PROTOCOL) is None:
        return ()
    rows = []
    for done, method in enumerate(able):
        watch.progress("Zero-shot", done, len(able))
        answers = [_kept(labelled, method, folder, seed + number) for number in range(N_SPLITS)]
        rows.append((method.title, *_cells(answers)))
    watch.progress("Zero-shot", len(able), len(able))
    return (Section("zero-shot", "Zero-shot", _WORDS.format(n=N_SPLITS), _COLUMNS, tuple(rows)),)


def score_zero_shot_split(labelled: LabelledSet, method: type[ZeroShotMethod], seed: int) -> ZeroShotAnswer:
    """Deal the tags by this seed, and score the method."""
    protocol = import_module(PROTOCOL)
    words = installed_words() if Need.WORD_VECTORS in method.needs else None
    task = Task(labelled.names, None, labelled.classifier, words, seed)
    try:
        split = protocol.split_tags(labelled.tags, seed)
        photos = labelled.sample(np.arange(len(labelled)))
        scores = protocol.score_zero_shot(method(), photos, labelled.tags, split, task)
    except ClusterTagsError as error:
        return ZeroShotAnswer(reason=str(error))
    except Exception as error:  # whatever a method raises is its row's reason
        return ZeroShotAnswer(reason=f"{type(error).__name__}: {error}")
    return ZeroShotAnswer(tuple(float(getattr(scores, name)) for name in _NAMES))


def _kept(labelled: LabelledSet, method: type[Method], folder: Path, seed: int) -> ZeroShotAnswer:
    """The answer of an earlier run, or a new one, which is kept unless it failed."""
    path = folder / f"zero-shot-{cell_key(method, labelled.digest())}-{seed}.json"
    try:
        figures = tuple(float(value) for value in json.loads(path.read_bytes()))
        if len(figures) == len(_NAMES):
            return ZeroShotAnswer(figures)
    except (OSError, ValueError, TypeError):
        pass
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            answer = pool.submit(score_zero_shot_split, labelled, method, seed).result()  # type: ignore[arg-type]
        except BrokenProcessPool:
            return ZeroShotAnswer(reason="its process ended unasked")
    if not answer.reason:
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(answer.figures).encode())
    return answer


def _cells(answers: Sequence[ZeroShotAnswer]) -> tuple[str, ...]:
    """Means over the splits, or the reason in the first cell."""
    reason = next((answer.reason for answer in answers if answer.reason), "")
    if reason:
        return (reason, *("–" for _ in _NAMES[1:]))
    values = np.array([answer.figures for answer in answers])
    means, deviations = values.mean(axis=0), values.std(axis=0, ddof=1)
    shares = tuple(f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(means[:4], deviations[:4], strict=True))
    return (*shares, *(f"{mean:.2f}" for mean in means[4:]))
