"""Suggest the photos of a fitted library to label next, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustertags.browsing.unnamed_kinds import MIN_SHARE, unnamed_chances
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.library_features import read_library_features
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.neighbours import N_VOTERS, nearest
from clustertags.support.counts import plural
from clustertags.tagging.suggestion import (
    Certainty,
    PhotoSimilarities,
    Suggestion,
    measure_similarities,
    suggest_photos,
)
from clustertags.types import UNCLUSTERED, Photo

BEST_TAGS = 4


@dataclass(frozen=True, slots=True)
class PhotoToTag:
    """`path`: relative to the photo folder, valid Unicode; `photo`: index in the library.

    `reason`: a sentence on the expected gain; `best_tags`: the model's current predictions, best first.
    """

    photo: int
    path: str
    suggestion: Suggestion
    cluster: str
    best_tags: tuple[tuple[str, float], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Photos to label next; `n_unlabelled`: photos of the library without labels; `n_unnameable`: those of them that
    are never suggested, as no path of theirs is valid Unicode.
    """

    library: FittedLibrary
    photos: tuple[PhotoToTag, ...]
    n_unlabelled: int
    n_unnameable: int = 0


def suggest(folder: Path = DEFAULT_FOLDER, n_wanted: int = 12) -> Suggestions:
    """Photos of the library in use to label next, largest gain first; none if all are labelled.

    Hidden photos are excluded, those with nothing to see, and those without a path in valid Unicode, which a file of
    tags cannot name. Raises `ArtifactsError`.
    """
    artifacts = Artifacts(folder)
    version = artifacts.current()
    library = load_library(version)
    if not library.n_unlabelled:
        return Suggestions(library, (), 0)
    return suggest_among(library, photo_similarities_of(artifacts, version, library), n_wanted)


def suggest_among(library: FittedLibrary, similarities: PhotoSimilarities, n_wanted: int) -> Suggestions:
    """The same for a library in memory, which may have edits that are not published."""
    names = [_writable_name(photo) for photo in library.photos]
    nameable = np.array([name is not None for name in names], dtype=bool)
    found = suggest_photos(
        similarities,
        library.seeds.reviewed,
        Certainty.of(library.informative_top_tags(), unnamed_chances(library)),
        n_wanted,
        eligible=nameable & library.visible() & ~library.without_content(),
    )
    return Suggestions(
        library,
        tuple(_photo_to_tag(library, item, names[item.photo] or "") for item in found),
        library.n_unlabelled,
        len(np.setdiff1d(np.flatnonzero(~nameable & library.visible()), library.seeds.reviewed)),
    )


def photo_similarities_of(artifacts: Artifacts, version: Version, library: FittedLibrary) -> PhotoSimilarities:
    """Similarities between the photos of a version, which edits do not change."""
    fitted_on = read_library_features(artifacts, version, library)
    return measure_similarities(
        fitted_on.features,
        library.neighbours or nearest(library.space, library.space, N_VOTERS, exclude_self=True),
        fitted_on.classifier,
        library.seeds.reviewed,
        representation=library.tag_model.representation if library.tag_model else None,
        random_state=int(library.settings["seed"]),
    )


def _writable_name(photo: Photo) -> str | None:
    for path in photo.paths:
        try:
            path.encode()
        except UnicodeEncodeError:
            continue
        return path
    return None


def _photo_to_tag(library: FittedLibrary, item: Suggestion, path: str) -> PhotoToTag:
    cluster = int(library.clusters.labels[item.photo])
    name = "" if cluster == UNCLUSTERED else library.descriptions[cluster].name
    best = library.tags_of(item.photo)[:BEST_TAGS]
    return PhotoToTag(item.photo, path, item, name, best, _reason(library, item, cluster))


def _reason(library: FittedLibrary, item: Suggestion, cluster: int) -> str:
    """Such as `represents about 35 similar photos, whose best tag is now 31% sure`, or `stands for about 212 photos
    that no tag names`.
    """
    if item.unnamed >= MIN_SHARE:
        text = _unnamed_reason(item.n_alike)
    elif item.n_alike == 0:
        text = "represents itself alone"
    else:
        text = f"represents about {plural(item.n_alike, 'similar photo')}"
    if item.confidence is not None and item.unnamed < MIN_SHARE:
        text += f", whose best tag is now {item.confidence:.0%} sure"
    if cluster != UNCLUSTERED and not library.descriptions[cluster].n_labelled:
        text += f"; none of its cluster of {int(library.cluster_sizes()[cluster]):,} is tagged"
    return text


def _unnamed_reason(n_alike: int) -> str:
    if n_alike == 0:
        return "shows something that no tag names"
    return f"stands for about {plural(n_alike, 'photo')} that no tag names"
