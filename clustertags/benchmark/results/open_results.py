"""The results of the open protocol over all draws: means with their spread, as tables of text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.extra_protocols.open_draws import OpenDraw, OpenSettings, open_draws
from clustertags.benchmark.extra_protocols.open_figures import OpenFigures, Place, ScoreKind
from clustertags.benchmark.extra_protocols.open_scoring import OpenScores
from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.results.table import Spread
from clustertags.evaluation.results import to_json_value
from clustertags.support.counts import plural

COLUMNS: Mapping[str, str] = {
    "auroc": "AUROC",
    "ece": "ECE",
    "unknown_at_50": "Unknown ≥ .5",
    "unknown_at_80": "Unknown ≥ .8",
    "precision_at_50": "Precision .5",
    "precision_at_80": "Precision .8",
    "kept_at_50": "Kept .5",
}
"""The column of each figure, in display order."""

_DESCRIPTION = (
    "{known} of {usable} tags are known; a photo with none of them is of an unknown kind. {labelled:,.0f} photos are "
    "labelled, until each known tag has {budget}, with their known tags alone; {rest}. AUROC: of a photo's best score, "
    "known against unknown kinds. ECE: of that score, ten bins. Unknown: share of the photos of unknown kinds with a "
    "tag at 0.5, or 0.8, or more. Precision: of the tags at 0.5, or 0.8, the share that is right. Kept: share of the "
    "photos of known kinds with a right tag at 0.5. As given: scores in 0..1 as the method gives them. Mapped: after "
    "one monotone map to probabilities, fitted on the true tags of {fitted}, which nobody has in practice; it compares "
    "the order of scores in any unit. Means over {draws}, ± their standard deviation."
)
_REST = {
    Place.LIBRARY: "the table is of the library's {photos:,.0f} other photos, {unknown:.0%} of them of unknown kinds",
    Place.OUTSIDE: "the table is of {photos:,.0f} photos outside the library, {unknown:.0%} of them of unknown kinds",
}
_FITTED = {Place.LIBRARY: "the other half of these photos", Place.OUTSIDE: "the unlabelled photos of the library"}
_FIGURES = tuple(field.name for field in fields(OpenFigures))
_TITLES = {Place.LIBRARY: "photos of the library", Place.OUTSIDE: "photos outside it"}


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A method at a budget, in a place, by a kind of scores. `figures`: means over the draws that have one, by the
    names of `OpenFigures`, None where none has.
    """

    name: str
    title: str
    budget: int
    place: Place
    kind: ScoreKind
    n_draws: int
    figures: Mapping[str, Spread | None]


@dataclass(frozen=True, slots=True)
class OpenFailure:
    """Why a method has no row at a budget."""

    name: str
    title: str
    budget: int
    reason: str


@dataclass(frozen=True, slots=True)
class OpenLibrary:
    """What the draws of a budget look like in a place, as means: photos labelled, photos scored, and the share of
    these that are of unknown kinds.
    """

    budget: int
    place: Place
    n_labelled: float
    n_photos: float
    unknown_share: float


@dataclass(frozen=True, slots=True)
class OpenResults:
    """`n_usable` tags are on enough photos, `n_known` of them known in each draw."""

    settings: OpenSettings
    n_usable: int
    n_known: int
    libraries: tuple[OpenLibrary, ...]
    rows: tuple[OpenRow, ...]
    failures: tuple[OpenFailure, ...]

    def to_json(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "known_share": settings.known_share,
            "outside_share": settings.outside_share,
            "min_photos": settings.min_photos,
            "labels_a_tag": list(settings.labels),
            "n_draws": settings.n_draws,
            "n_tags": self.n_usable,
            "n_known": self.n_known,
            "libraries": to_json_value(self.libraries),
            "methods": to_json_value(self.rows),
            "failures": to_json_value(self.failures),
        }

    def sections(self) -> tuple[Section, ...]:
        """A table a budget and place."""
        return tuple(self._section(library) for library in self.libraries)

    def _section(self, library: OpenLibrary) -> Section:
        budget, place = library.budget, library.place
        rows = [
            (row.title, str(row.kind), *(_cell(row.figures[name]) for name in COLUMNS))
            for row in self.rows
            if (row.budget, row.place) == (budget, place)
        ]
        dashes = ("–",) * (len(COLUMNS) - 1)
        rows += [(item.title, "–", item.reason, *dashes) for item in self.failures if item.budget == budget]
        rest = _REST[place].format(photos=library.n_photos, unknown=library.unknown_share)
        description = _DESCRIPTION.format(
            known=self.n_known,
            usable=self.n_usable,
            labelled=library.n_labelled,
            budget=budget,
            rest=rest,
            fitted=_FITTED[place],
            draws=plural(self.settings.n_draws, "draw"),
        )
        title = f"Open library, {plural(budget, 'label')} a tag: {_TITLES[place]}"
        columns = ("Method", "Scores", *COLUMNS.values())
        return Section(f"open-{budget}-{place}", title, description, columns, tuple(rows))


def summarise_open(labelled: LabelledSet, settings: OpenSettings, scores: Sequence[OpenScores]) -> OpenResults:
    """Means over the draws of each method, place and kind of scores.

    A method has no row at a budget where a draw failed, and none of scores as given where those of a draw left 0..1.
    """
    draws = tuple(open_draws(labelled, settings))
    rows: list[OpenRow] = []
    failures = []
    for name, title in {item.method: item.title for item in scores}.items():
        for budget in settings.labels:
            found = [item for item in scores if (item.method, item.budget) == (name, budget)]
            reason = next((item.reason for item in found if item.reason), "")
            if reason:
                failures.append(OpenFailure(name, title, budget, reason))
            else:
                rows += _rows(name, title, budget, found)
    return OpenResults(
        settings,
        int((labelled.tags.sum(axis=0) >= settings.min_photos).sum()),
        len(draws[0].known),
        tuple(_library(labelled, budget, place, draws) for budget in settings.labels for place in Place),
        tuple(rows),
        tuple(failures),
    )


def _rows(method: str, title: str, budget: int, found: Sequence[OpenScores]) -> list[OpenRow]:
    rows = []
    for place in Place:
        for kind in ScoreKind:
            items = [part.figures for item in found for part in item.found if (part.place, part.kind) == (place, kind)]
            if items and len(items) == len(found):
                figures = {name: _spread([getattr(item, name) for item in items]) for name in _FIGURES}
                rows.append(OpenRow(method, title, budget, place, kind, len(items), figures))
    return rows


def _library(labelled: LabelledSet, budget: int, place: Place, draws: Sequence[OpenDraw]) -> OpenLibrary:
    chosen = [draw for draw in draws if draw.budget == budget]
    photos = [draw.unlabelled if place is Place.LIBRARY else draw.outside for draw in chosen]
    unknown = [
        float((~labelled.tags[rows][:, draw.known].any(axis=1)).mean()) if len(rows) else 0.0
        for rows, draw in zip(photos, chosen, strict=True)
    ]
    return OpenLibrary(
        budget,
        place,
        float(np.mean([len(draw.labelled) for draw in chosen])),
        float(np.mean([len(rows) for rows in photos])),
        float(np.mean(unknown)),
    )


def _spread(values: Sequence[float | None]) -> Spread | None:
    given = [value for value in values if value is not None]
    return Spread.of(given) if given else None


def _cell(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    return f"{spread.mean:.3f}" + ("" if spread.deviation is None else f" ± {spread.deviation:.3f}")
