"""The outcome of an evaluation: plain numbers, frozen, ready to be printed, written as JSON or drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustertags.types import Int32


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its 95 % interval; all None where it is not defined, the interval alone where it cannot be told."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, float | None]:
        return {"value": _short(self.value), "low": _short(self.low), "high": _short(self.high)}


@dataclass(frozen=True, slots=True)
class TagFigures:
    """One tag at the least score in use: counts of photos, precision and recall with Wilson intervals, and the average
    precision over photos (no interval; None where no photo carries the tag).
    """

    tag: str
    n_photos: int
    tp: int
    fp: int
    fn: int
    tn: int
    precision: Figure
    recall: Figure
    average_precision: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions with a score in `low`..`high`: how many, their mean score, and the share that is right."""

    low: float
    high: float
    n: int
    said: float
    found: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Expected calibration error, with the bins that are not empty."""

    error: Figure
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a least score gives: precision of the tags given, share of photos with any, share of true tags found."""

    least_score: float
    precision: float
    photos_covered: float
    tags_found: float


@dataclass(frozen=True, slots=True)
class AskedPrecision:
    """What asking for a precision gives."""

    asked: float
    precision: Figure
    photos_covered: Figure
    tags_found: Figure


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one evaluation. `overall` by name, in the order in which they are shown.

    `confusion`: (n_tags, n_tags) int32, true tag by best-ranked tag, or None where a photo has several tags.
    """

    protocol: str
    notes: tuple[str, ...]
    n_photos: int
    vocabulary: tuple[str, ...]
    tags_a_photo: float
    n_unreadable: int
    least_score: float
    overall: dict[str, Figure]
    at_precision: tuple[AskedPrecision, ...]
    tags: tuple[TagFigures, ...]
    confusion: Int32 | None
    all_pairs: Reliability
    best_tag: Reliability
    curve: tuple[CurvePoint, ...]

    def ranked_tags(self) -> tuple[TagFigures, ...]:
        """The tags that some photo carries, best average precision first, the more frequent first where equal."""
        present = [item for item in self.tags if item.average_precision is not None]
        return tuple(sorted(present, key=lambda item: (-(item.average_precision or 0), -item.n_photos, item.tag)))

    def confused(self) -> tuple[tuple[str, str, int], ...]:
        """Pairs of true tag and another one ranked first, with how many photos, most first."""
        if self.confusion is None:
            return ()
        pairs = [
            (self.vocabulary[true], self.vocabulary[said], int(self.confusion[true, said]))
            for true, said in zip(*self.confusion.nonzero(), strict=True)
            if true != said
        ]
        return tuple(sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])))

    def to_json(self) -> dict[str, Any]:
        """The object that `evaluate --format json` prints; other programs rely on its keys."""
        return {
            "protocol": self.protocol,
            "notes": list(self.notes),
            "n_photos": self.n_photos,
            "n_tags": len(self.vocabulary),
            "n_unreadable": self.n_unreadable,
            "tags_a_photo": _short(self.tags_a_photo),
            "least_score": self.least_score,
            "overall": {name: figure.to_json() for name, figure in self.overall.items()},
            "at_precision": [plain(item) for item in self.at_precision],
            "tags": [plain(item) for item in self.tags],
            "confusion": None
            if self.confusion is None
            else {"tags": list(self.vocabulary), "counts": self.confusion.tolist()},
            "calibration": {"all_pairs": plain(self.all_pairs), "best_tag": plain(self.best_tag)},
            "curve": [plain(item) for item in self.curve],
        }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def plain(value: Any) -> Any:
    """A dataclass of figures, or what holds some, as JSON has it."""
    if isinstance(value, Figure):
        return value.to_json()
    if isinstance(value, float):
        return _short(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "__slots__"):
        return {name: plain(getattr(value, name)) for name in value.__slots__}
    return value
