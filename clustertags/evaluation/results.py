"""The results of an evaluation as frozen numbers, ready to be printed, written as JSON or plotted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustertags.types import Int32


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; all None where undefined, the interval alone where it cannot be estimated."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, float | None]:
        return {"value": _rounded(self.value), "low": _rounded(self.low), "high": _rounded(self.high)}


@dataclass(frozen=True, slots=True)
class TagMetrics:
    """One tag at the minimum score in use: counts of photos, precision and recall with Wilson intervals, and the
    average precision over photos (no interval; None where no photo has the tag).
    """

    tag: str
    n_photos: int
    tp: int
    fp: int
    fn: int
    tn: int
    precision: Estimate
    recall: Estimate
    average_precision: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions with a score in `low`..`high`: their number, mean score and share of correct ones.

    In JSON the last two are "said" and "found".
    """

    low: float
    high: float
    n: int
    mean_score: float
    share_correct: float

    def to_json(self) -> dict[str, Any]:
        names = {"low": self.low, "high": self.high, "n": self.n, "said": self.mean_score, "found": self.share_correct}
        return {name: to_json_value(value) for name, value in names.items()}


@dataclass(frozen=True, slots=True)
class Reliability:
    """Expected calibration error, with the non-empty bins."""

    error: Estimate
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """At one minimum score: precision of the predicted tags, share of photos with any, share of true tags found.

    In JSON `min_score` is "least_score".
    """

    min_score: float
    precision: float
    photos_covered: float
    tags_found: float

    def to_json(self) -> dict[str, Any]:
        names = {
            "least_score": self.min_score,
            "precision": self.precision,
            "photos_covered": self.photos_covered,
            "tags_found": self.tags_found,
        }
        return {name: to_json_value(value) for name, value in names.items()}


@dataclass(frozen=True, slots=True)
class PrecisionTarget:
    """What a target precision gives. In JSON `target` is "asked"."""

    target: float
    precision: Estimate
    photos_covered: Estimate
    tags_found: Estimate

    def to_json(self) -> dict[str, Any]:
        names = {
            "asked": self.target,
            "precision": self.precision,
            "photos_covered": self.photos_covered,
            "tags_found": self.tags_found,
        }
        return {name: to_json_value(value) for name, value in names.items()}


@dataclass(frozen=True, slots=True)
class ScoreLevel:
    """At one score of the best tag: the share of photos of unknown kinds that reach it, of photos of known kinds that
    reach it with a correct tag, and of all photos that reach it those with a correct tag.

    In JSON `min_score` is "least_score".
    """

    min_score: float
    unknown_tagged: Estimate
    known_correct: Estimate
    precision: Estimate

    def to_json(self) -> dict[str, Any]:
        names = {
            "least_score": self.min_score,
            "unknown_tagged": self.unknown_tagged,
            "known_correct": self.known_correct,
            "precision": self.precision,
        }
        return {name: to_json_value(value) for name, value in names.items()}


@dataclass(frozen=True, slots=True)
class KindCounts:
    """Photos of known and of unknown kinds whose best tag scores from `low` to below `high`."""

    low: float
    high: float
    n_known: int
    n_unknown: int


@dataclass(frozen=True, slots=True)
class UnknownKinds:
    """Best tags of photos of known kinds next to those of unknown kinds.

    `how`: a sentence on which photos these are. `known_share`: the weight of known kinds in `calibration` and in
    precisions; `auroc`: of the best tag's score, known
    against unknown; `calibration`: of the best tag over both.
    """

    how: str
    n_known: int
    n_unknown: int
    known_share: float
    auroc: Estimate
    at_score: tuple[ScoreLevel, ...]
    calibration: Reliability
    best_scores: tuple[KindCounts, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All metrics of one evaluation. `overall`: by name, in display order.

    `confusion`: (n_tags, n_tags) int32, true tag by top-ranked tag, or None where a photo has several tags.
    `condition`: what scores are given, a sentence, or "". `unknown_kinds`: None where there are no such photos;
    `unknown_kinds_missing` is the reason, or "" where nobody asked for them.
    """

    protocol: str
    notes: tuple[str, ...]
    n_photos: int
    vocabulary: tuple[str, ...]
    tags_a_photo: float
    n_unreadable: int
    min_score: float
    overall: dict[str, Estimate]
    at_precision: tuple[PrecisionTarget, ...]
    tags: tuple[TagMetrics, ...]
    confusion: Int32 | None
    all_pairs: Reliability
    best_tag: Reliability
    curve: tuple[CurvePoint, ...]
    condition: str = ""
    unknown_kinds: UnknownKinds | None = None
    unknown_kinds_missing: str = ""

    def ranked_tags(self) -> tuple[TagMetrics, ...]:
        """The tags that some photo has, best average precision first; ties go to the more frequent tag."""
        present = [item for item in self.tags if item.average_precision is not None]
        return tuple(sorted(present, key=lambda item: (-(item.average_precision or 0), -item.n_photos, item.tag)))

    def confused(self) -> tuple[tuple[str, str, int], ...]:
        """(true tag, top-ranked other tag, number of photos), most frequent first."""
        if self.confusion is None:
            return ()
        pairs = [
            (self.vocabulary[true], self.vocabulary[predicted], int(self.confusion[true, predicted]))
            for true, predicted in zip(*self.confusion.nonzero(), strict=True)
            if true != predicted
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
            "tags_a_photo": _rounded(self.tags_a_photo),
            "least_score": self.min_score,
            "overall": {name: estimate.to_json() for name, estimate in self.overall.items()},
            "at_precision": [to_json_value(item) for item in self.at_precision],
            "tags": [to_json_value(item) for item in self.tags],
            "confusion": None
            if self.confusion is None
            else {"tags": list(self.vocabulary), "counts": self.confusion.tolist()},
            "calibration": {"all_pairs": to_json_value(self.all_pairs), "best_tag": to_json_value(self.best_tag)},
            "curve": [to_json_value(item) for item in self.curve],
            "condition": self.condition,
            "unknown_kinds": to_json_value(self.unknown_kinds),
            "unknown_kinds_missing": self.unknown_kinds_missing,
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def to_json_value(value: Any) -> Any:
    """A dataclass of results, or a container of some, as JSON values with rounded floats."""
    if hasattr(value, "to_json"):
        return value.to_json()
    if isinstance(value, float):
        return _rounded(value)
    if isinstance(value, tuple | list):
        return [to_json_value(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_json_value(item) for key, item in value.items()}
    if hasattr(value, "__slots__"):
        return {name: to_json_value(getattr(value, name)) for name in value.__slots__}
    return value
