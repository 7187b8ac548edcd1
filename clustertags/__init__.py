"""Tags for a folder of photos, from a few that you tagged.

import clustertags

summary = clustertags.fit("photos", tags="seeds.csv", artifacts="artifacts")
tagger = clustertags.load("artifacts")
for tag in tagger.tag("new.jpg").tags:
    print(tag.tag, tag.score)

The public interface: `fit`, `add`, `load` and `Tagger`, options, results, and errors. Heavy modules are imported on
first use.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from clustertags.errors import (
    ArtifactsError,
    CandidatesError,
    ClusterTagsError,
    DamagedError,
    LockedError,
    MissingPhotosError,
    NotFittedError,
    PhotosError,
    SchemaVersionError,
    SeedsError,
    StorageError,
    UnknownBackboneError,
    UnreadablePhotoError,
    UsageError,
    WeightsError,
    WordsError,
)
from clustertags.support.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clustertags.clustering.settings import ClusteringSettings
    from clustertags.library.model import FittedLibrary
    from clustertags.library.verification import Check
    from clustertags.photos.files import DecodeLimits
    from clustertags.tagging.photo_tags import ClusterPrediction, PhotoTags, TagPart, TagScore
    from clustertags.tagging.predictions import TagOptions
    from clustertags.types import Progress
    from clustertags.workflows.add import AddSummary
    from clustertags.workflows.fit import FitSettings, FitSummary
    from clustertags.workflows.tag import Tagger
    from clustertags.workflows.verify import Verification

__all__ = [
    "AddSummary",
    "ArtifactsError",
    "CandidatesError",
    "Check",
    "ClusterPrediction",
    "ClusterTagsError",
    "ClusteringSettings",
    "DamagedError",
    "DecodeLimits",
    "FitSettings",
    "FitSummary",
    "FittedLibrary",
    "LockedError",
    "MissingPhotosError",
    "NotFittedError",
    "PhotoTags",
    "PhotosError",
    "SchemaVersionError",
    "SeedsError",
    "StorageError",
    "TagOptions",
    "TagPart",
    "TagScore",
    "Tagger",
    "UnknownBackboneError",
    "UnreadablePhotoError",
    "UsageError",
    "Verification",
    "WeightsError",
    "WordsError",
    "__version__",
    "add",
    "fit",
    "load",
    "verify",
]

_HOMES = {
    "AddSummary": "clustertags.workflows.add",
    "Check": "clustertags.library.verification",
    "ClusterPrediction": "clustertags.tagging.photo_tags",
    "ClusteringSettings": "clustertags.clustering.settings",
    "DecodeLimits": "clustertags.photos.files",
    "FitSettings": "clustertags.workflows.fit",
    "FitSummary": "clustertags.workflows.fit",
    "FittedLibrary": "clustertags.library.model",
    "PhotoTags": "clustertags.tagging.photo_tags",
    "TagOptions": "clustertags.tagging.predictions",
    "TagPart": "clustertags.tagging.photo_tags",
    "TagScore": "clustertags.tagging.photo_tags",
    "Tagger": "clustertags.workflows.tag",
    "Verification": "clustertags.workflows.verify",
}
"""The module of each name that is imported on first use."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def fit(
    photos: str | Path,
    *,
    tags: str | Path | None = None,
    all_known: bool = False,
    artifacts: str | Path | None = None,
    exclude: Sequence[str] = (),
    include_hidden: bool = False,
    vocabulary: str | Path | None = None,
    backbone: str = "efficientnet-lite0",
    weights: str | Path | None = None,
    augment: int | None = None,
    views: int | None = None,
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto",
    seed: int = 0,
    clustering: ClusteringSettings | None = None,
    layout: Literal["built-in", "umap-learn"] | None = None,
    limits: DecodeLimits | None = None,
    progress: Progress | None = None,
    ignore_keywords: Sequence[str] = (),
    tag_separator: str = "",
    allow_missing: bool = False,
    keep_versions: int | None = None,
    jobs: int | None = None,
) -> FitSummary:
    """Fit a folder of photos, as `clustertags fit` does.

    Photos are only read. A second fit reads only new photos; an interrupted one resumes where it stopped, and the
    previous version stays in use until the last step.

    Parameters
    ----------
    photos : str or Path
        The folder of photos.
    tags : str or Path, optional
        The labels: a CSV (`image,tags`) or JSON lines file, exiftool's CSV or Hugging Face's metadata file, or the word
        ``"folders"`` for the names of folders. Without it: `tags.csv` in the folder, else the keywords inside the
        photos and in sidecars.
    all_known : bool
        Whether every photo shows one of the tags; then scores are given that. Else it is estimated how many do.
    artifacts : str or Path, optional
        Where to write; `./artifacts` by default, which is refused among the photos.
    exclude : sequence of str
        Paths or patterns below `photos` to skip.
    include_hidden : bool
        Whether hidden folders and files, rubbish folders of other systems, and folders that are a library or a gallery
        are looked at too.
    vocabulary : str or Path, optional
        The file of rules for tags; `vocabulary.txt` in `artifacts` by default, where there is one.
    backbone : str
        A packaged network, a classifier of torchvision or timm, or `clip:NAME/TAG` of open_clip.
    weights : str or Path, optional
        The backbone's parameters, instead of its published ones.
    augment : int, optional
        A photo's features are the mean over this many augmentations of it, 1 to 5; 1 by default.
    views : int, optional
        The earlier name of `augment`.
    device : {"auto", "cpu", "cuda", "mps"}
        The device of the network.
    seed : int
        The random state; the same one gives the same library.
    clustering : ClusteringSettings, optional
        Settings of PCA, UMAP and HDBSCAN.
    layout : {"built-in", "umap-learn"}, optional
        What lays the photos out, in place of `clustering.layout`.
    limits : DecodeLimits, optional
        The largest files, in bytes, and pictures, in pixels, that are read.
    progress : callable, optional
        Called with the stage, the number of items done, and their total, 0 if unknown.
    ignore_keywords : sequence of str
        Patterns of keywords that are no tags, such as ``"People|*"``.
    tag_separator : str
        What stands between two tags of the file `tags`, beside `|`.
    allow_missing : bool
        Whether most photos that the library had may be gone; else the fit stops before anything is replaced.
    keep_versions : int, optional
        How many versions of a fit are kept, and how many others; without it as many as before, at first 3.
    jobs : int, optional
        How many photos are decoded at a time; as many as there are cores without it.

    Returns
    -------
    FitSummary
        The version in use, its library, and the seconds of each stage.

    Raises
    ------
    ClusterTagsError
        With the file, the limit and the remedy in its message.

    Examples
    --------
    >>> summary = clustertags.fit("photos", tags="seeds.csv")
    >>> summary.library.n_photos
    48
    """
    from clustertags.clustering.settings import ClusteringSettings  # noqa: PLC0415  (a fit's libraries take seconds)
    from clustertags.photos.files import DecodeLimits  # noqa: PLC0415
    from clustertags.types import no_progress  # noqa: PLC0415
    from clustertags.workflows.fit import FitSettings  # noqa: PLC0415
    from clustertags.workflows.fit import fit as fit_library  # noqa: PLC0415

    chosen = clustering or ClusteringSettings()
    settings = FitSettings(
        photos=Path(photos),
        tags=tags,
        all_known=all_known,
        artifacts=_path(artifacts),
        exclude=tuple(exclude),
        include_hidden=include_hidden,
        vocabulary=_path(vocabulary),
        backbone=backbone,
        weights=_path(weights),
        augment=_augment(augment, views),
        device=device,
        jobs=jobs,
        seed=seed,
        clustering=chosen if layout is None else replace(chosen, layout=layout),
        limits=limits or DecodeLimits(),
        ignore_keywords=tuple(ignore_keywords),
        tag_separator=tag_separator,
        allow_missing=allow_missing,
        keep_versions=keep_versions,
    )
    return fit_library(settings, progress or no_progress)


def add(
    photos: str | Path | Iterable[str | Path],
    *,
    artifacts: str | Path = "artifacts",
    jobs: int | None = None,
    progress: Progress | None = None,
) -> AddSummary:
    """Add photos to a fitted library, as `clustertags add` does.

    They join its clusters by their nearest photos and get its tags; nothing is fitted or learnt, and photos that are
    known are not decoded again. The previous version stays in use until the last step.

    Parameters
    ----------
    photos : str, Path or iterable of these
        Photos, or folders of them, in the library's folder or below it.
    artifacts : str or Path
        The folder that `fit` wrote to.
    jobs : int, optional
        How many photos are decoded at a time; as many as there are cores without it.
    progress : callable, optional
        Called with the stage, the number of items done, and their total, 0 if unknown.

    Returns
    -------
    AddSummary
        The version in use, its library, which clusters photos joined, and whether a refit is worthwhile.

    Raises
    ------
    ClusterTagsError
        With the file, the limit and the remedy in its message.

    Examples
    --------
    >>> summary = clustertags.add("photos")
    >>> summary.n_joined
    0
    """
    from clustertags.types import no_progress  # noqa: PLC0415
    from clustertags.workflows.add import add as add_photos  # noqa: PLC0415

    given = [photos] if isinstance(photos, str | Path) else photos
    return add_photos([Path(item) for item in given], Path(artifacts), jobs=jobs, progress=progress or no_progress)


def load(artifacts: str | Path = "artifacts") -> Tagger:
    """Load a fitted library, to tag photos.

    Parameters
    ----------
    artifacts : str or Path
        The folder that `fit` wrote to.

    Returns
    -------
    Tagger
        Tags photos with `tag(photo)` and `tag_all(photos)`, without the dependencies of a fit.

    Raises
    ------
    ArtifactsError
        Where there is no fitted version, or one that cannot be used.

    Examples
    --------
    >>> tagger = clustertags.load("artifacts")
    >>> tagger.tag("new.jpg").abstained
    False
    """
    from clustertags.workflows.tag import Tagger  # noqa: PLC0415

    return Tagger(Path(artifacts))


def verify(
    artifacts: str | Path = "artifacts", *, repair: bool = False, progress: Progress | None = None
) -> Verification:
    """Check a fitted library for damage, as `clustertags verify` does.

    Parameters
    ----------
    artifacts : str or Path
        The folder that `fit` wrote to.
    repair : bool
        Whether what is damaged is rebuilt where it can be. Without it nothing is written.
    progress : callable, optional
        Called with the stage and the number of checks done.

    Returns
    -------
    Verification
        Every check with what it found, and what was rebuilt.

    Raises
    ------
    NotFittedError
        Where nothing was ever fitted.
    LockedError
        Where another process writes to it meanwhile.

    Examples
    --------
    >>> found = clustertags.verify("artifacts")
    >>> [check.found for check in found.wrong]
    []
    """
    from clustertags.types import no_progress  # noqa: PLC0415
    from clustertags.workflows.verify import verify as verify_library  # noqa: PLC0415

    return verify_library(Path(artifacts), repair=repair, progress=progress or no_progress)


def _augment(augment: int | None, views: int | None) -> int:
    if augment is not None and views is not None and augment != views:
        raise UsageError(f"augment={augment} and views={views} are one setting and differ: give augment alone")
    given = views if augment is None else augment
    return 1 if given is None else given


def _path(place: str | Path | None) -> Path | None:
    return None if place is None else Path(place)
