"""Tables beside the main one: zero-shot, and users with planted preferences, which no set of photos has of itself.

`zero_shot` and `planted_users` deal the tags or the users and score a method; here that is done in a process apart,
kept on the disk like cells, and made a table. Neither is ever ranked with the rows of the main table.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.execution.cells import cell_key
from clustertags.benchmark.execution.runner import Watch, cannot_run
from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.extra_protocols.synthetic_users import plant_users, score_planted_users
from clustertags.benchmark.extra_protocols.zero_shot import ZeroShotScores, score_zero_shot, split_tags
from clustertags.benchmark.method_interface import Family, Method, Need, Task, ZeroShotMethod
from clustertags.errors import ClusterTagsError, UsageError
from clustertags.library.storage import storage_errors, write_atomically
from clustertags.names.encoder import sentence_encoder

N_SPLITS = 3
LABELS_A_TAG = 10
FAMILIES_APART = (Family.ZERO_SHOT, Family.GENERATOR, Family.USERS)
"""Methods that these tables are for; they have no row in the main one."""

_ZERO_SHOT_WORDS = (
    "Class-mean top-1: of unseen tags among themselves, then of unseen (U) and of seen tags (S) among all, and their "
    "harmonic mean H. Means over {n} splits of the tags, ± their standard deviation. No method is shown a photo of an "
    "unseen tag; of a seen one it is shown at most {labels}."
)
_USERS_WORDS = (
    "The photos and what they show are real; the users and how each names things are SYNTHETIC, planted so that a "
    "method can be seen to use them. Share of test photos whose first tag is right, with these users and, as a "
    "control, with users shuffled. Means over {n} seeds, ± their standard deviation."
)


@dataclass(frozen=True, slots=True)
class ProtocolTable:
    """How a protocol's table looks; `figures`: the attributes of its scores, by column."""

    name: str
    title: str
    words: str
    figures: tuple[tuple[str, str], ...]


ZERO_SHOT_TABLE = ProtocolTable(
    "zero-shot",
    "Zero-shot",
    _ZERO_SHOT_WORDS,
    (("zero_shot", "Zero-shot"), ("unseen", "Unseen U"), ("seen", "Seen S"), ("harmonic", "H")),
)
USERS_TABLE = ProtocolTable(
    "synthetic-users",
    "Synthetic users",
    _USERS_WORDS,
    (("planted", "P@1, synthetic users"), ("shuffled", "P@1, users shuffled")),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The figures of one method under one seed, in the order of its table, or why there are none."""

    figures: tuple[float, ...] = ()
    reason: str = ""


Scorer = Callable[[LabelledSet, type[Method], int], Answer]


def other_sections(
    labelled: LabelledSet, methods: Sequence[type[Method]], folder: Path, seed: int, watch: Watch
) -> tuple[Section, ...]:
    """The tables of the methods that can be asked for unseen tags, and of those that want users; none without any."""
    asked = [method for method in methods if callable(getattr(method, "predict_candidates", None))]
    asked = [method for method in asked if not cannot_run(method, labelled)]
    personal = [method for method in methods if method.family is Family.USERS]
    sections = []
    for table, score, able in ((ZERO_SHOT_TABLE, score_unseen, asked), (USERS_TABLE, score_users, personal)):
        if able:
            rows = []
            for done, method in enumerate(able):
                watch.progress(table.title, done, len(able))
                answers = [
                    _kept(labelled, method, folder, table, score=score, seed=seed + number)
                    for number in range(N_SPLITS)
                ]
                rows.append((method.title, *_cells(answers, table)))
            watch.progress(table.title, len(able), len(able))
            columns = ("Method", *(column for _, column in table.figures))
            sections.append(
                Section(
                    table.name, table.title, table.words.format(n=N_SPLITS, labels=LABELS_A_TAG), columns, tuple(rows)
                )
            )
    return tuple(sections)


def score_unseen(labelled: LabelledSet, method: type[Method], seed: int) -> Answer:
    """Deal the tags into seen and unseen by this seed, and score the method."""
    words = sentence_encoder() if Need.WORD_VECTORS in method.needs else None
    task = Task(labelled.names, None, labelled.classifier, words, seed)
    photos = labelled.sample(np.arange(len(labelled)))

    def score() -> ZeroShotScores:
        asked = method()
        if not isinstance(asked, ZeroShotMethod):
            raise UsageError(f"{method.name} ranks no tags that it saw no photo of")
        split = split_tags(labelled.tags, seed, labels_a_tag=LABELS_A_TAG)
        return score_zero_shot(asked, photos, labelled.tags, split, task)

    return _scored(ZERO_SHOT_TABLE, score)


def score_users(labelled: LabelledSet, method: type[Method], seed: int) -> Answer:
    """Deal the photos to synthetic users by this seed, and score the method with them and with them shuffled."""
    photos = labelled.sample(np.arange(len(labelled)))
    return _scored(
        USERS_TABLE,
        lambda: score_planted_users([method()], photos, plant_users(labelled.tags, labelled.names, seed=seed), seed)[0],
    )


def _scored(table: ProtocolTable, score: Callable[[], object]) -> Answer:
    try:
        scores = score()
    except ClusterTagsError as error:
        return Answer(reason=str(error))
    except Exception as error:  # whatever a method raises is its row's reason
        return Answer(reason=f"{type(error).__name__}: {error}")
    return Answer(tuple(float(getattr(scores, name)) for name, _ in table.figures))


def _kept(
    labelled: LabelledSet, method: type[Method], folder: Path, table: ProtocolTable, *, score: Scorer, seed: int
) -> Answer:
    """The answer of an earlier run, or a new one, which is kept unless it failed."""
    path = folder / f"{table.name}-{cell_key(method, labelled.digest())}-{seed}.json"
    try:
        figures = tuple(float(value) for value in json.loads(path.read_bytes()))
        if len(figures) == len(table.figures):
            return Answer(figures)
    except (OSError, ValueError, TypeError):
        pass
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            answer = pool.submit(score, labelled, method, seed).result()
        except BrokenProcessPool:
            return Answer(reason="its process ended unasked")
    if not answer.reason:
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(answer.figures).encode())
    return answer


def _cells(answers: Sequence[Answer], table: ProtocolTable) -> tuple[str, ...]:
    """Means over the seeds, or the reason in the first cell."""
    reason = next((answer.reason for answer in answers if answer.reason), "")
    if reason:
        return (reason, *("–" for _ in table.figures[1:]))
    values = np.array([answer.figures for answer in answers])
    means, deviations = values.mean(axis=0), values.std(axis=0, ddof=1)
    return tuple(f"{mean:.3f} ± {spread:.3f}" for mean, spread in zip(means, deviations, strict=True))
