"""What the report page shows: how far each tag reaches, and how right the tags are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clustertags.library.model import FittedLibrary
from clustertags.types import Progress, no_progress


@dataclass(frozen=True, slots=True)
class TagReach:
    """`n_own`: photos that the person gave it to; `n_photos`: those it has at `min_score` or more, own ones
    among them;     `n_best`: those whose best tag it is; `n_clusters`: clusters that carry it; `demoted`: why it is put last, or "".
    """

    tag: str
    n_own: int
    n_photos: int
    n_best: int
    n_clusters: int
    demoted: str


def tag_reach(library: FittedLibrary, min_score: float = 0.5) -> tuple[TagReach, ...]:
    """Every tag of the vocabulary, the one that reaches most first."""
    raise NotImplementedError


def report_figures(folder: Path, progress: Progress = no_progress) -> dict[str, Any]:
    """What `clustertags evaluate --format json` prints, by cross-validation on the version in use (seconds to a minute).

    Raises `NotFittedError` without tags, `PhotosError` where too few photos are labelled.
    """
    raise NotImplementedError
