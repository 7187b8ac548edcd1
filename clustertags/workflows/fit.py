"""The recipe of a fit: from a folder of photos and a few tags to a fitted library.

files -> features -> seed tags -> tag edits -> reduce -> cluster -> cluster edits -> tag model and names -> save
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.editing.edited_tags import replay_tags
from clustertags.editing.journal import read_journal
from clustertags.editing.replay import replay_clusters, with_edits
from clustertags.editing.succession import ClusterChanges, cluster_changes, keep_names, surviving_keys
from clustertags.engines.workers import Workers
from clustertags.errors import ArtifactsError, PhotosError, UsageError
from clustertags.features.backbones import DEFAULT_BACKBONE, find_backbone
from clustertags.labels.keyword_parents import add_keyword_parents, keyword_parents
from clustertags.labels.keywords import Keywords, gather_keywords
from clustertags.labels.left_out_keywords import LeftOutKeywords
from clustertags.labels.rules import NO_RULES, Rules
from clustertags.labels.rules_file import RULES_FILE, read_rules
from clustertags.labels.seed_tags import check_source, read_given_tags, seeds_file
from clustertags.library.artifacts import DEFAULT_FOLDER, DEFAULT_KEPT, Artifacts
from clustertags.library.backbone_store import prepare_backbone
from clustertags.library.catalogue import Catalogue
from clustertags.library.earlier_photos import EarlierPhotos, earlier_photos
from clustertags.library.model import Base, FittedLibrary
from clustertags.library.publishing import publish
from clustertags.library.reuse import earlier_reduction, layout_digest
from clustertags.library.saving import load_library
from clustertags.names.encoder import sentence_encoder
from clustertags.near_duplicates.by_pictures import find_near_duplicates
from clustertags.photos.discovery import Discovery, check_not_empty, discover
from clustertags.photos.files import DecodeLimits
from clustertags.support.files import lies_within
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, Progress, Reduction, SeedTags, no_progress
from clustertags.workflows.extract import extract_features
from clustertags.workflows.learn import ClusteredPhotos, LearntTags, learn_tags
from clustertags.workflows.stage_clock import StageClock


@dataclass(frozen=True, slots=True)
class FitSettings:
    """Settings of a fit, as in `clustertags.fit`.

    Parameters
    ----------
    photos : Path
        The folder of photos.
    tags : str or Path, optional
        See `labels.seed_tags.read_seed_tags`.
    artifacts : Path, optional
        Where to write. The default `./artifacts` is refused inside `photos`; an explicit folder is accepted there.
    exclude : tuple of str
        Paths or patterns below `photos` to skip.
    include_hidden : bool
        Whether hidden folders and files, rubbish folders of other systems, and folders that are a library or a gallery
        are looked at too.
    vocabulary : Path, optional
        The file of rules for tags; without it, `vocabulary.txt` in the artifacts folder where there is one.
    backbone : str
        The network, see `features.backbones.find_backbone`.
    weights : Path, optional
        The backbone's parameters, instead of its published ones.
    augment : int
        A photo's features are the mean over this many augmentations of it, 1 to 5.
    device : str
        auto, cpu, cuda or mps.
    jobs : int, optional
        How many photos are decoded at a time; as many as there are cores without it.
    seed : int
        The random state.
    clustering : ClusteringSettings
        Settings of PCA, UMAP and HDBSCAN.
    limits : DecodeLimits
        The largest files and pictures that are read.
    all_known : bool
        Whether every photo shows one of the tags, see `tagging.model_fit.fit_tag_model`.
    ignore_keywords : tuple of str
        Patterns of keywords that are no tags, see `labels.left_out_keywords.LeftOutKeywords`.
    tag_separator : str
        What stands between two tags of the file `tags`, beside `|`.
    allow_missing : bool
        Whether most photos that the library had may be gone.
    keep_versions : int, optional
        How many versions of a fit are kept, and how many others; without it as many as before, at first 3.

    Examples
    --------
    >>> clustertags.FitSettings(Path("photos"), tags="seeds.csv").backbone
    'efficientnet-lite0'
    """

    photos: Path
    tags: str | Path | None = None
    artifacts: Path | None = None
    exclude: tuple[str, ...] = ()
    include_hidden: bool = False
    vocabulary: Path | None = None
    backbone: str = DEFAULT_BACKBONE
    weights: Path | None = None
    augment: int = 1
    device: str = "auto"
    jobs: int | None = None
    seed: int = 0
    clustering: ClusteringSettings = field(default_factory=ClusteringSettings)
    limits: DecodeLimits = field(default_factory=DecodeLimits)
    all_known: bool = False
    ignore_keywords: tuple[str, ...] = ()
    tag_separator: str = ""
    allow_missing: bool = False
    keep_versions: int | None = None


@dataclass(frozen=True, slots=True)
class FitSummary:
    """The result of a fit.

    Attributes
    ----------
    version : str
        The name of the version now in use.
    library : FittedLibrary
        The library, in memory.
    n_decoded : int
        Photos new to the catalogue.
    seconds : mapping of str to float
        Duration of each stage.
    workers : Workers or None
        How photos were decoded; None where none was.
    notices : tuple of str
        A line on photos that the library had before and has no longer.
    changes : ClusterChanges or None
        What became of the clusters of the fit before; None in a first fit.
    """

    version: str
    library: FittedLibrary
    n_decoded: int
    seconds: Mapping[str, float]
    workers: Workers | None = None
    notices: tuple[str, ...] = ()
    changes: ClusterChanges | None = None


def fit(settings: FitSettings, progress: Progress = no_progress) -> FitSummary:
    """Fit a library and publish it; the previous version stays in use until the last step.

    Raises `ClusterTagsError`: `MissingPhotosError`, before anything is replaced, if most photos of the library in use
    are gone. After an interrupt, the next call reuses the extracted features.
    """
    clock, artifacts, seed = (
        StageClock(),
        Artifacts(_artifacts_folder(settings.artifacts, settings.photos)),
        settings.seed,
    )
    check_source(settings.tags)
    sentence_encoder().check()
    rules = _rules(settings.vocabulary, artifacts)
    backbone = find_backbone(settings.backbone, settings.weights, settings.augment)
    with artifacts.writing_if_there():
        earlier = earlier_photos(artifacts, settings.photos, allow_missing=settings.allow_missing)
    with earlier.finding():
        check_not_empty(settings.photos)
    with artifacts.still_writing(), Catalogue(artifacts.catalogue) as catalogue:
        found = _find_files(settings, artifacts, earlier, progress)
        clock.lap("find files")
        extracted = extract_features(
            found,
            artifacts,
            catalogue,
            backbone,
            device=settings.device,
            jobs=settings.jobs,
            limits=settings.limits,
            progress=progress,
            earlier=earlier,
        )
        photos = extracted.photos
        given, rules = _given_tags(photos, catalogue, settings, rules)
        catalogue.note_joined(photo.content_hash for photo in photos.photos)
        tag_edits = replay_tags(given, photos.photos, read_journal(catalogue))
        clock.lap("extract features")
        digest = layout_digest(photos.photos, backbone.key, settings.clustering, seed)
        reduction = earlier_reduction(artifacts, digest) or reduce_features(
            extracted.features, settings.clustering, seed=seed, progress=progress
        )
        clock.lap("reduce")
        labels = tag_edits.under(rules).seeds
        clusters = cluster_photos(reduction, settings.clustering, seed=seed, seed_tags=labels, progress=progress)
        clock.lap("cluster")
        before = _library_before(artifacts)
        keys = surviving_keys(before, photos.photos, clusters)
        edited = replay_clusters(photos.photos, reduction.space, clusters, tag_edits, rules, keys=keys)
        clock.lap("edits")
        grouped = ClusteredPhotos(
            extracted.features,
            extracted.classifier,
            reduction.space,
            edited.groups.clusters,
            encoder=extracted.encoder,
        )
        learnt = learn_tags(
            grouped,
            edited.tags.seeds,
            rules,
            all_known=settings.all_known,
            random_state=seed,
            progress=progress,
        )
        clock.lap("tag model and names")
        pictures = catalogue.pictures([photo.content_hash for photo in photos.photos], backbone.key)
        duplicate_groups = find_near_duplicates(reduction.space, learnt.neighbours, pictures)
        clock.lap("near-duplicates")
        base = Base(clusters, replace(given, notices=()), keys)
        fitted = _library(photos, reduction, learnt, base, _saved_settings(settings, artifacts))
        fitted = replace(fitted, blank=extracted.blank, duplicate_groups=duplicate_groups)
        names = keep_names(before, replace(fitted, clusters=edited.groups.clusters), learnt.descriptions)
        library = with_edits(replace(fitted, descriptions=names), edited)
        # Prepared again: the cache may have been cleared during a long fit.
        converted = prepare_backbone(artifacts, backbone)
        version = publish(artifacts, library, reduction.embedding, converted, digest)
        clock.lap("save")
    return FitSummary(
        version.name,
        library,
        extracted.n_decoded,
        clock.laps,
        extracted.workers,
        earlier.notices(photos),
        cluster_changes(before, library),
    )


def _library_before(artifacts: Artifacts) -> FittedLibrary | None:
    """The library that the fit replaces; None where there is none that can be read."""
    version = artifacts.current_or_none()
    try:
        return load_library(version) if version else None
    except ArtifactsError:
        return None


def _library(
    photos: PhotoSet, reduction: Reduction, learnt: LearntTags, base: Base, settings: dict[str, Any]
) -> FittedLibrary:
    return FittedLibrary(
        root=photos.root,
        photos=photos.photos,
        skipped=photos.skipped,
        projection=reduction.projection,
        space=reduction.space,
        map=reduction.map,
        clusters=base.clusters,
        descriptions=learnt.descriptions,
        seeds=learnt.seed_tags,
        tag_model=learnt.tag_model,
        top_tags=learnt.top_tags,
        settings=settings,
        demoted=learnt.demoted,
        rules=learnt.rules,
        neighbours=learnt.neighbours,
        base=base,
    )


def _saved_settings(settings: FitSettings, artifacts: Artifacts) -> dict[str, Any]:
    """The settings that `info` shows and later training needs, serialisable as JSON."""
    earlier, n_kept = artifacts.current_or_none(), settings.keep_versions
    if n_kept is None:
        n_kept = earlier.manifest.get("settings", {}).get("keep_versions", DEFAULT_KEPT) if earlier else DEFAULT_KEPT
    source = None if settings.tags is None else Path(settings.tags).name
    return {
        "seed": settings.seed,
        "views": settings.augment,
        "tags": source,
        "all_known": settings.all_known,
        "ignore_keywords": list(settings.ignore_keywords),
        "tag_separator": settings.tag_separator,
        "keep_versions": n_kept,
        "files": {
            "exclude": list(settings.exclude),
            "include_hidden": settings.include_hidden,
            "max_file_bytes": settings.limits.max_file_bytes,
            "max_pixels": settings.limits.max_pixels,
        },
        **asdict(settings.clustering),
    }


def _artifacts_folder(artifacts: Path | None, photos: Path) -> Path:
    if artifacts is not None:
        return artifacts
    if lies_within(DEFAULT_FOLDER, photos):
        raise UsageError(
            f"{printable(DEFAULT_FOLDER.absolute())} is inside the photo folder, where nothing is written unasked: "
            "choose another place with --artifacts"
        )
    return DEFAULT_FOLDER


def _rules(vocabulary: Path | None, artifacts: Artifacts) -> Rules:
    default = artifacts.folder / RULES_FILE
    if vocabulary is not None:
        return read_rules(vocabulary)
    return read_rules(default) if default.exists() else NO_RULES


def _given_tags(photos: PhotoSet, catalogue: Catalogue, settings: FitSettings, rules: Rules) -> tuple[SeedTags, Rules]:
    """The seed tags with all notices of their source, and the rules with the parents that keywords have."""
    left_out, keywords = LeftOutKeywords(settings.ignore_keywords), Keywords()
    if settings.tags is None and seeds_file(photos.root, None) is None:
        inside = catalogue.keywords(photo.content_hash for photo in photos.photos)
        keywords = gather_keywords(photos, inside, left_out)
    given = read_given_tags(
        photos,
        settings.tags,
        embedded=keywords.by_content,
        left_out=left_out,
        separator=settings.tag_separator,
    )
    rules, parents = add_keyword_parents(rules, keyword_parents(given.keywords))
    notices = (*given.seeds.notices, *keywords.notices(), *left_out.notices(), *parents)
    return replace(given.seeds, notices=notices), rules


def _find_files(settings: FitSettings, artifacts: Artifacts, earlier: EarlierPhotos, progress: Progress) -> Discovery:
    photos = settings.photos
    excluded_folder = artifacts.folder if lies_within(artifacts.folder, photos) else None
    with earlier.finding():
        found = discover(
            photos,
            settings.limits,
            excluded_folder=excluded_folder,
            exclude=settings.exclude,
            include_hidden=settings.include_hidden,
            progress=progress,
        )
        if not found.files:
            skipped = (
                f" ({len(found.skipped):,} entries are links, hidden, empty or too large)" if found.skipped else ""
            )
            raise PhotosError(f"{printable(photos)} holds no files{skipped}: name the folder that holds the photos")
    earlier.check_found(found)
    return found
