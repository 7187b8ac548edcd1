"""The recipe: from a folder of photos and a few tags to a fitted library.

discover -> decode -> features -> reduce -> cluster -> seed tags -> edits -> tag model -> name clusters -> save
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.editing.applying import put_on, replay
from clustertags.editing.journal import Journal, read_journal
from clustertags.editing.matching import PhotoTable
from clustertags.editing.seeding import edit_seeds
from clustertags.errors import PhotosError, UsageError
from clustertags.features.backbones import DEFAULT_BACKBONE, Backbone, find_backbone
from clustertags.features.extraction import Extractor
from clustertags.features.runtime import choose_device
from clustertags.learning import Grouped, Learnt, learn_tags
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts
from clustertags.library.backbone_store import open_runtime, prepare_backbone, remove_abandoned
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import Base, FittedLibrary
from clustertags.library.publishing import publish
from clustertags.library.reuse import earlier_reduction, layout_digest
from clustertags.library.scan import Scan, scan
from clustertags.photos.discovery import Discovery, discover
from clustertags.photos.files import DecodeLimits
from clustertags.photos.keywords import read_keywords, read_sidecar
from clustertags.printable import printable
from clustertags.tagging.rules import NO_RULES, Rules
from clustertags.tagging.rules_file import RULES_FILE, read_rules
from clustertags.tagging.seeds import check_source, read_seed_tags
from clustertags.types import (
    Classifier,
    Clusters,
    Features,
    PhotoSet,
    Progress,
    Reduction,
    SeedTags,
    no_progress,
)
from clustertags.words.encoder import sentence_encoder


@dataclass(frozen=True, slots=True)
class FitSettings:
    """What a fit is asked for. `tags`: see `tagging.seeds.read_seed_tags`; `device`: auto, cpu, cuda or mps.

    `views`: of how many views of a photo its features are the mean, see `features.backbones.Preprocess`.

    `artifacts`: where to write; None is `./artifacts`, which is refused among the photos: only who names a place there
    has asked for it.

    `vocabulary`: the file of rules for tags; without it, `vocabulary.txt` in the artifacts folder where there is one.
    """

    photos: Path
    tags: str | Path | None = None
    artifacts: Path | None = None
    exclude: tuple[str, ...] = ()
    vocabulary: Path | None = None
    backbone: str = DEFAULT_BACKBONE
    weights: Path | None = None
    views: int = 1
    device: str = "auto"
    seed: int = 0
    clustering: ClusteringSettings = field(default_factory=ClusteringSettings)
    limits: DecodeLimits = field(default_factory=DecodeLimits)


@dataclass(frozen=True, slots=True)
class FitSummary:
    """What a fit made: the `version` now in use and its `library`; `seconds` of each stage by its name."""

    version: str
    library: FittedLibrary
    n_decoded: int
    seconds: Mapping[str, float]


def fit(settings: FitSettings, progress: Progress = no_progress) -> FitSummary:
    """Fit a library and put it in use; the version before stays usable until the last step.

    Raises `ClusterTagsError`: the message says what to do. Interrupted, the next call goes on with the features made.
    """
    clock, artifacts, seed = _Clock(), Artifacts(_place(settings)), settings.seed
    check_source(settings.tags)
    sentence_encoder().check()
    rules = _rules(settings, artifacts)
    found = _find_files(settings, artifacts, progress)
    clock.lap("find files")
    with artifacts.writing(), Catalogue(artifacts.catalogue) as catalogue:
        described = _describe(settings, artifacts, catalogue, found, progress)
        given = _seed_tags(settings, catalogue, described.photos)
        catalogue.note_joined(photo.content_hash for photo in described.photos.photos)
        journal = read_journal(catalogue)
        clock.lap("extract features")
        reduction = _reduce(settings, artifacts, described, progress)
        clock.lap("reduce")
        seeds = _edited_seeds(described.photos, given, journal, rules)
        clusters = cluster_photos(reduction, settings.clustering, seed=seed, seeds=seeds, progress=progress)
        clock.lap("cluster")
        base = Base(clusters, replace(given, notices=()))
        edited = replay(described.photos.photos, reduction.space, Base(clusters, given), rules, journal)
        clock.lap("edits")
        edited_clusters = edited.groups.clusters
        grouped = Grouped(described.features, described.classifier, reduction.space, edited_clusters)
        learnt = learn_tags(grouped, edited.tags.seeds, rules, seed=seed, progress=progress)
        clock.lap("tag model and names")
        library = put_on(replace(_library(settings, described.photos, reduction, learnt, clusters), base=base), edited)
        # Asked for again: a user's cache may be cleared during a long fit.
        converted = prepare_backbone(artifacts, described.backbone)
        version = publish(artifacts, library, reduction.embedding, converted, described.digest)
        clock.lap("save")
    return FitSummary(version.name, library, described.n_decoded, clock.laps)


@dataclass(frozen=True, slots=True)
class _Described:
    """The photos with their features; `digest` names all that their layout depends on."""

    photos: PhotoSet
    features: Features
    classifier: Classifier | None
    backbone: Backbone
    n_decoded: int
    digest: str


def _describe(
    settings: FitSettings, artifacts: Artifacts, catalogue: Catalogue, found: Discovery, progress: Progress
) -> _Described:
    """Decode what is new and run the network on it; what is known is read from the catalogue."""
    device = choose_device(settings.device)
    backbone = find_backbone(settings.backbone, settings.weights, settings.views)
    remove_abandoned(artifacts)
    converted = prepare_backbone(artifacts, backbone, progress)
    classifier = converted.classifier()
    known = catalogue.described(backbone.key)
    runtime = open_runtime(converted, backbone, device)
    extractor = Extractor(runtime, converted.preprocess, settings.limits, known.__contains__)
    scanned = scan(found, catalogue, extractor, backbone.key, progress)
    photos = _at_least_one(scanned)
    hashes = [photo.content_hash for photo in photos.photos]
    features = catalogue.features(hashes, backbone.key, converted.n_features)
    digest = layout_digest(photos.photos, backbone.key, settings.clustering, settings.seed)
    return _Described(photos, features, classifier, backbone, scanned.n_decoded, digest)


def _reduce(settings: FitSettings, artifacts: Artifacts, described: _Described, progress: Progress) -> Reduction:
    return earlier_reduction(artifacts, described.digest) or reduce_features(
        described.features, settings.clustering, seed=settings.seed, progress=progress
    )


def _seed_tags(settings: FitSettings, catalogue: Catalogue, photos: PhotoSet) -> SeedTags:
    """What the person tagged, in a file or inside the photos."""
    keywords = _keywords(photos, catalogue.keywords(photo.content_hash for photo in photos.photos))
    return read_seed_tags(photos, settings.tags, embedded=keywords)


def _edited_seeds(photos: PhotoSet, given: SeedTags, journal: Journal, rules: Rules) -> SeedTags:
    """The tags that the clusters' level is judged by, answers and other edits of tags among them."""
    table = PhotoTable(photos.photos, journal.joined)
    nothing_hidden = np.zeros(len(photos.photos), np.bool_)
    return edit_seeds(given, photos.photos, journal.applied, table, rules, nothing_hidden).seeds


def _library(
    settings: FitSettings, photos: PhotoSet, reduction: Reduction, learnt: Learnt, clusters: Clusters
) -> FittedLibrary:
    return FittedLibrary(
        root=photos.root,
        photos=photos.photos,
        skipped=photos.skipped,
        projection=reduction.projection,
        space=reduction.space,
        map=reduction.map,
        clusters=clusters,
        descriptions=learnt.descriptions,
        seeds=learnt.seeds,
        tag_model=learnt.tag_model,
        top_tags=learnt.top_tags,
        settings={
            "seed": settings.seed,
            "views": settings.views,
            "tags": _shown_source(settings.tags),
            **asdict(settings.clustering),
        },
        demoted=learnt.demoted,
        rules=learnt.rules,
        neighbours=learnt.neighbours,
    )


def _place(settings: FitSettings) -> Path:
    if settings.artifacts is not None:
        return settings.artifacts
    if DEFAULT_FOLDER.resolve().is_relative_to(settings.photos.resolve()):
        raise UsageError(
            f"{printable(DEFAULT_FOLDER.absolute())} lies among the photos, where nothing is written unasked: "
            "name a place with --artifacts"
        )
    return DEFAULT_FOLDER


def _rules(settings: FitSettings, artifacts: Artifacts) -> Rules:
    default = artifacts.folder / RULES_FILE
    if settings.vocabulary is not None:
        return read_rules(settings.vocabulary)
    return read_rules(default) if default.exists() else NO_RULES


def _find_files(settings: FitSettings, artifacts: Artifacts, progress: Progress) -> Discovery:
    inside = artifacts.folder.resolve().is_relative_to(settings.photos.resolve())
    not_into = artifacts.folder if inside else None
    found = discover(settings.photos, settings.limits, not_into=not_into, exclude=settings.exclude, progress=progress)
    if not found.files:
        skipped = f" ({len(found.skipped):,} entries are links, empty or too large)" if found.skipped else ""
        raise PhotosError(
            f"{printable(settings.photos)} holds no files{skipped}: name the folder that holds the photos"
        )
    return found


def _at_least_one(scanned: Scan) -> PhotoSet:
    photos = scanned.photos
    if not photos.photos:
        first = next((file for file in photos.skipped if file.is_photo), photos.skipped[0])
        raise PhotosError(
            f"{printable(photos.root)} holds no readable photo among its {photos.n_files:,} files: "
            f"{printable(first.path)} is skipped ({first.reason})"
        )
    return photos


def _keywords(photos: PhotoSet, inside: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The keywords inside the photos and in the sidecars beside them, by content hash."""
    sidecars = {file.path.lower() for file in photos.skipped if file.path.lower().endswith(".xmp")}
    found = dict(inside)
    for photo in photos.photos if sidecars else ():
        for path in photo.paths:
            names = {f"{path}.xmp".lower(), f"{path.rpartition('.')[0]}.xmp".lower()}
            if names & sidecars and (sidecar := read_sidecar(photos.root / path)):
                beside = read_keywords(b"", sidecar)
                found[photo.content_hash] = tuple(dict.fromkeys((*beside, *found.get(photo.content_hash, ()))))
    return found


def _shown_source(source: str | Path | None) -> str | None:
    return None if source is None else Path(source).name


class _Clock:
    """Seconds from lap to lap."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now
