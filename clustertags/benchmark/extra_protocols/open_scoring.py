"""Score methods by the open protocol: each in a process of its own, with results cached on the disk like cells."""

from __future__ import annotations

import json
import multiprocessing
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.execution.cells import cell_key
from clustertags.benchmark.execution.runner import RunCallbacks, cannot_run, process_groups
from clustertags.benchmark.execution.worker import checked_scores
from clustertags.benchmark.extra_protocols.open_draws import OpenDraw, OpenSettings, open_draws
from clustertags.benchmark.extra_protocols.open_figures import OpenFigures, Place, ScoreKind, open_figures
from clustertags.benchmark.method_interface import Method, Need, Task
from clustertags.errors import ClusterTagsError
from clustertags.evaluation.probability_map import map_to_probabilities
from clustertags.library.storage import storage_errors, write_atomically
from clustertags.names.encoder import sentence_encoder
from clustertags.types import Bool, Float32

STAGE = "Scoring open libraries"


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """The figures of one place by one kind of scores."""

    place: Place
    kind: ScoreKind
    figures: OpenFigures


@dataclass(frozen=True, slots=True)
class OpenScores:
    """A method on one draw: its figures, or the reason why there are none."""

    method: str
    title: str
    budget: int
    number: int
    found: tuple[PlaceFigures, ...] = ()
    reason: str = ""


def score_open_libraries(
    labelled: LabelledSet,
    methods: Sequence[type[Method]],
    settings: OpenSettings,
    folder: Path,
    callbacks: RunCallbacks,
) -> tuple[OpenScores, ...]:
    """All methods on all draws; `folder` is of the cached results. Raises `UsageError` where no draw can be made."""
    draws = tuple(open_draws(labelled, settings))
    runnable = [method for method in methods if not cannot_run(method, labelled)]
    scores = [
        OpenScores(method.name, method.title, draw.budget, draw.number, reason=reason)
        for method in methods
        if (reason := cannot_run(method, labelled))
        for draw in draws
    ]
    total = len(runnable) * len(draws)
    cache = _Cache(folder, labelled.digest(), settings)
    for done, found in enumerate(_all_scores(labelled, runnable, draws, cache), start=1):
        scores.append(found)
        callbacks.progress(STAGE, done, total)
    order = {method.name: at for at, method in enumerate(methods)}
    return tuple(sorted(scores, key=lambda item: (order[item.method], item.budget, item.number)))


def score_draw(labelled: LabelledSet, method: type[Method], draw: OpenDraw) -> OpenScores:
    """Fit on the draw's labelled and unlabelled photos, and score the unlabelled ones and those outside."""
    try:
        found, reason = _place_figures(labelled, method, draw), ""
    except ClusterTagsError as error:
        found, reason = (), str(error)
    except Exception as error:  # any exception of a method, also of another package's, is its row's reason
        found, reason = (), f"{type(error).__name__}: {error}"
    return OpenScores(method.name, method.title, draw.budget, draw.number, found, reason)


def _place_figures(labelled: LabelledSet, method: type[Method], draw: OpenDraw) -> tuple[PlaceFigures, ...]:
    names = tuple(labelled.names[column] for column in draw.known)
    tags = labelled.tags[:, draw.known]
    task = Task(
        names,
        labelled.sample(draw.unlabelled) if len(draw.unlabelled) else None,
        labelled.classifier,
        sentence_encoder() if Need.WORD_VECTORS in method.needs else None,
        draw.random_state,
    )
    fitted = method().fit(labelled.sample(draw.labelled), tags[draw.labelled], task)

    scores = {place: _scores(fitted, labelled, rows, len(names)) for place, rows in _rows(draw).items()}
    truth = {place: tags[rows] for place, rows in _rows(draw).items()}
    return tuple(
        PlaceFigures(place, kind, open_figures(scores[place], probabilities[place], truth[place]))
        for kind, probabilities in _as_probabilities(scores, truth).items()
        for place in Place
    )


def _rows(draw: OpenDraw) -> dict[Place, NDArray[np.intp]]:
    return {Place.LIBRARY: draw.unlabelled, Place.OUTSIDE: draw.outside}


def _scores(fitted: Method, labelled: LabelledSet, rows: NDArray[np.intp], n_tags: int) -> Float32:
    if not len(rows):
        return np.zeros((0, n_tags), np.float32)
    return checked_scores(fitted, labelled.sample(rows), n_tags).astype(np.float32)


def _as_probabilities(
    scores: Mapping[Place, Float32], truth: Mapping[Place, Bool]
) -> dict[ScoreKind, Mapping[Place, Float32]]:
    """The scores as they are, where all lie in 0..1, and mapped as in `results.calibrated_evaluation`.

    Photos outside are mapped by the photos of the library, and each half of these by the other half.
    """
    found: dict[ScoreKind, Mapping[Place, Float32]] = {}
    inside, outside = scores[Place.LIBRARY], scores[Place.OUTSIDE]
    if all(((item >= 0) & (item <= 1)).all() for item in (inside, outside)):
        found[ScoreKind.AS_GIVEN] = scores
    if len(inside) > 1:
        mapped = map_to_probabilities(inside, truth[Place.LIBRARY], outside) if len(outside) else outside
        by_halves = _mapped_by_halves(inside, truth[Place.LIBRARY])
        found[ScoreKind.MAPPED] = {Place.LIBRARY: by_halves, Place.OUTSIDE: mapped}
    return found


def _mapped_by_halves(scores: Float32, tags: Bool) -> Float32:
    """Each half by the map that is fitted on the other, so that no photo is mapped by its own tags."""
    mapped = np.empty_like(scores)
    even = np.arange(len(scores)) % 2 == 0
    for half in (even, ~even):
        mapped[half] = map_to_probabilities(scores[~half], tags[~half], scores[half])
    return mapped


def _all_scores(
    labelled: LabelledSet, methods: Sequence[type[Method]], draws: Sequence[OpenDraw], cache: _Cache
) -> Iterator[OpenScores]:
    """Draw by draw within the methods of a process, which share what they learn about a library."""
    for group in process_groups(methods):
        missing = []
        for method, draw in ((method, draw) for draw in draws for method in group):
            cached = cache.read(method, draw)
            if cached is None:
                missing.append((method, draw))
            else:
                yield cached
        yield from _computed(labelled, missing, cache)


def _computed(
    labelled: LabelledSet, missing: Sequence[tuple[type[Method], OpenDraw]], cache: _Cache
) -> Iterator[OpenScores]:
    """New results, which are cached unless they failed; a process that dies loses that draw alone."""
    left = deque(missing)
    while left:
        with ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=warnings.simplefilter, initargs=("ignore",)
        ) as pool:
            while left:
                method, draw = left.popleft()
                try:
                    scores = pool.submit(score_draw, labelled, method, draw).result()
                except BrokenProcessPool:
                    reason = "its process ended unexpectedly"
                    yield OpenScores(method.name, method.title, draw.budget, draw.number, reason=reason)
                    break
                if not scores.reason:
                    cache.write(method, draw, scores)
                yield scores


@dataclass(frozen=True, slots=True)
class _Cache:
    """The results below `folder`, by method, set, settings and draw."""

    folder: Path
    digest: str
    settings: OpenSettings

    def read(self, method: type[Method], draw: OpenDraw) -> OpenScores | None:
        """The results, or None where they were not computed yet or are damaged."""
        try:
            found = tuple(
                PlaceFigures(Place(item["place"]), ScoreKind(item["kind"]), OpenFigures(**item["figures"]))
                for item in json.loads(self._path(method, draw).read_bytes())["figures"]
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return OpenScores(method.name, method.title, draw.budget, draw.number, found)

    def write(self, method: type[Method], draw: OpenDraw, scores: OpenScores) -> None:
        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            document = {"figures": [asdict(item) for item in scores.found]}
            write_atomically(self._path(method, draw), json.dumps(document).encode())

    def _path(self, method: type[Method], draw: OpenDraw) -> Path:
        shared = f"{self.settings.known_share:g}-{self.settings.outside_share:g}-{self.settings.min_photos}"
        name = f"open-{cell_key(method, self.digest)}-{shared}-{draw.budget}-{draw.random_state}.json"
        return self.folder / name
