"""New photos join a fitted library, which stays as it is.

files -> features -> nearest fitted photos -> clusters by their vote -> edits -> tags -> near-duplicates -> save
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clustertags.editing.journal import read_learnt_journal
from clustertags.engines.workers import Workers
from clustertags.errors import PhotosError
from clustertags.features.conversion import read_converted
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import PhotoReader
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.grown import grown_digest
from clustertags.library.library_features import open_catalogue
from clustertags.library.model import FittedLibrary
from clustertags.library.publishing import publish_added
from clustertags.library.saving import load_library
from clustertags.library.scan import Scan, scan
from clustertags.photos.discovery import Discovery, discover
from clustertags.photos.files import DecodeLimits
from clustertags.photos.pairs import companions_of
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import (
    UNCLUSTERED,
    Progress,
    SkippedFile,
    no_progress,
)
from clustertags.workflows.added_photos import AddedPhotos, added_photos
from clustertags.workflows.grow_library import grow_library
from clustertags.workflows.joining import Joining, join, place_of
from clustertags.workflows.stage_clock import StageClock


@dataclass(frozen=True, slots=True)
class AddSummary:
    """The result of adding photos.

    Attributes
    ----------
    version : str
        The name of the version now in use; the earlier one where nothing joined.
    library : FittedLibrary
        The library, in memory; the photos that joined now are its last ones.
    n_joined : int
        Photos that joined.
    n_copies : int
        Further files of known photos.
    n_moved : int
        Files of known photos at another place than before.
    n_known : int
        Files that were known and are as they were.
    n_changed : int
        Files of the library with other content than at the fit: left for the next fit.
    n_decoded : int
        Photos new to the catalogue.
    unreadable : tuple of SkippedFile
        Photos among the given ones that could not be read, with the reason.
    clusters : mapping of str to int
        The names of the clusters that photos joined, and how many did; most first.
    n_nowhere : int
        Photos that joined and fit into no cluster.
    added : AddedPhotos
        All photos added since the fit, and whether a refit is worthwhile.
    seconds : mapping of str to float
        Duration of each stage.
    workers : Workers or None
        How photos were decoded; None where none was.
    """

    version: str
    library: FittedLibrary
    n_joined: int
    n_copies: int
    n_moved: int
    n_known: int
    n_changed: int
    n_decoded: int
    unreadable: tuple[SkippedFile, ...]
    clusters: Mapping[str, int]
    n_nowhere: int
    added: AddedPhotos
    seconds: Mapping[str, float]
    workers: Workers | None = None


def add(
    photos: Sequence[Path],
    artifacts: Path = DEFAULT_FOLDER,
    *,
    jobs: int | None = None,
    progress: Progress = no_progress,
) -> AddSummary:
    """Add photos, files or folders below the library's folder, and put the grown library in use as a new version.

    Nothing is fitted or learnt: clusters, tags and names are those of the library. Raises `PhotosError` for a path that
    does not exist or is outside, and `ArtifactsError` where the library cannot be used. After an interrupt, the next
    call reuses the extracted features.
    """
    clock, places = StageClock(), Artifacts(artifacts)
    places.current()  # before the lock is taken, which would make the folder
    with places.writing(), open_catalogue(places) as catalogue:
        version = places.current()
        library = load_library(version)
        clock.lap("load")
        found, companions = _find_files(photos, places, library, progress)
        clock.lap("find files")
        extractor = _extractor(version, library, catalogue)
        key = version.manifest["backbone"]["key"]
        scanned = scan(found, catalogue, extractor, key, jobs=jobs, forget=False, progress=progress)
        joining = join(library, scanned.photos, companions)
        clock.lap("extract features")
        if joining.new or (joining.photos, joining.skipped) != (library.photos, library.skipped):
            journal = read_learnt_journal(catalogue, library.edits)
            library, embedding = grow_library(joining, library, version, catalogue, journal)
            clock.lap("clusters and tags")
            catalogue.note_joined(photo.content_hash for photo in joining.new)
            digest = grown_digest(version.manifest["layout"], joining.new)
            made_of = plural(len(joining.new), "photo")
            version = publish_added(places, version, library, embedding, digest, made_of=made_of)
            clock.lap("save")
    return _summary(version, library, joining, scanned, clock)


def _find_files(
    photos: Sequence[Path], places: Artifacts, library: FittedLibrary, progress: Progress
) -> tuple[Discovery, dict[str, int]]:
    """The files to read, by the rules of the fit, and found companions of the library's photos, with their index."""
    root, rules = library.root, library.settings.get("files", {})  # an early version kept none
    if not root.is_dir():
        raise PhotosError(f"{printable(root)}, the library's folder, is gone: `clustertags relocate NEW` if it moved")
    found = discover(
        root,
        _limits(library),
        excluded_folder=places.folder,
        exclude=tuple(rules.get("exclude", ())),
        include_hidden=bool(rules.get("include_hidden")),
        within=[place_of(path, root) for path in photos],
        progress=progress,
    )
    listed = {file.path for file in found.files} | {file.path for file in found.skipped}
    owner = {path: at for at, photo in enumerate(library.photos) for path in photo.paths}
    known = set(owner).difference(listed)
    pairs = companions_of({*listed, *known}).items()
    companions = {path: owner[of] for path, of in pairs if of in known and path in listed and path not in owner}
    found = replace(
        found,
        files=tuple(file for file in found.files if file.path not in companions),
        skipped=tuple(file for file in found.skipped if file.path not in companions),
    )
    return found, companions


def _extractor(version: Version, library: FittedLibrary, catalogue: Catalogue) -> Extractor:
    """The network of the version, on the processor, as `tag` has it."""
    known = catalogue.extracted_hashes(version.manifest["backbone"]["key"])
    converted = read_converted(version.folder)
    return Extractor(converted.runtime(), PhotoReader(converted.preprocess, _limits(library), known))


def _limits(library: FittedLibrary) -> DecodeLimits:
    rules = library.settings.get("files", {})  # an early version kept none
    return DecodeLimits(**{name: int(rules[name]) for name in ("max_file_bytes", "max_pixels") if name in rules})


def _summary(
    version: Version, library: FittedLibrary, joining: Joining, scanned: Scan, clock: StageClock
) -> AddSummary:
    labels = library.clusters.labels[library.n_photos - len(joining.new) :]
    counts = np.bincount(labels[labels != UNCLUSTERED], minlength=library.clusters.n_clusters)
    order = [int(cluster) for cluster in np.argsort(-counts, kind="stable") if counts[cluster]]
    hidden = np.isin(np.arange(library.n_photos - len(joining.new), library.n_photos), library.hidden)
    return AddSummary(
        version.name,
        library,
        len(joining.new),
        joining.n_copies,
        joining.n_moved,
        joining.n_known,
        joining.n_changed,
        scanned.n_decoded,
        tuple(file for file in scanned.photos.skipped if file.is_photo),
        {library.descriptions[cluster].name: int(counts[cluster]) for cluster in order},
        int(((labels == UNCLUSTERED) & ~hidden).sum()),
        added_photos(library),
        clock.laps,
        scanned.workers,
    )
