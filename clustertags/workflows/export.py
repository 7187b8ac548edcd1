"""Export a library's tags: edited library -> records -> a file, folders.

The files of photos are neither read nor changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clustertags.errors import UsageError
from clustertags.export.folders import By, Sorted, sort_into_folders
from clustertags.export.formats import FORMATS, About
from clustertags.export.parquet import to_parquet
from clustertags.export.records import ExportOptions, Record, records
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.library_features import read_library_features
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.library.storage import storage_errors
from clustertags.types import Progress, no_progress
from clustertags.workflows.edit import Editor

PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported of a library; `version`: in use when it was read."""

    library: FittedLibrary
    version: Version
    records: tuple[Record, ...]
    about: About

    @property
    def n_tagged(self) -> int:
        """Files with a tag."""
        return sum(bool(record.mine or record.predicted) for record in self.records)


def gather(folder: Path = DEFAULT_FOLDER, options: ExportOptions | None = None) -> Export:
    """The tags of a library, with every edit of the journal. Raises `ArtifactsError`."""
    options = options or ExportOptions()
    artifacts = Artifacts(folder)
    if artifacts.catalogue.is_file():
        return gather_edited(Editor(folder), artifacts, options)
    version = artifacts.current()
    library = load_library(version)
    return _export(library, library, version, options, {})


def gather_edited(editor: Editor, artifacts: Artifacts, options: ExportOptions) -> Export:
    """The tags of a library that is open for edits."""
    library = editor.library
    with Catalogue(artifacts.catalogue) as catalogue:
        embedded = catalogue.keywords(photo.content_hash for photo in library.photos)
    return _export(library, editor.published, editor.version, options, embedded)


def _export(
    library: FittedLibrary,
    fitted: FittedLibrary,
    version: Version,
    options: ExportOptions,
    embedded: Mapping[str, tuple[str, ...]],
) -> Export:
    model = f"{version.manifest['program']}, model {version.name}"
    about = About(library.seeds.vocabulary, model, library.rules, options.under)
    found = records(library, options, _thresholds(fitted, options.precision), embedded)
    return Export(library, version, tuple(found), about)


def _thresholds(fitted: FittedLibrary, precision: float | None) -> dict[str, float]:
    if fitted.tag_model is None or precision is None:
        return {}
    least = fitted.tag_model.thresholds(precision).tolist()
    return dict(zip(fitted.seeds.vocabulary, least, strict=True))


def to_file(export: Export, output_format: str, folder: Path = DEFAULT_FOLDER, *, with_features: bool = False) -> bytes:
    """The export as the content of a file; `output_format`: `parquet` or one of `export.formats.FORMATS`.

    `with_features`: of the network, in Parquet. Raises `UsageError` where pyarrow is missing, `DamagedError` where the
    catalogue with the features is.
    """
    if output_format == PARQUET:
        features = None
        if with_features:
            features = read_library_features(Artifacts(folder), export.version, export.library).features.values
        return to_parquet(export.records, export.library.map, features)
    lines = FORMATS[output_format](export.records, export.about)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def to_folders(export: Export, target: Path, by: By, *, copy: bool = False, progress: Progress = no_progress) -> Sorted:
    """A folder for each cluster or tag. Raises `UsageError` where `target` will not do, `StorageError`."""
    if not export.library.root.is_dir():
        raise UsageError(f"{export.library.root} is not there: connect the disk, or fit the photos where they are now")
    with storage_errors(target):
        return sort_into_folders(export.records, export.library.root, target, by, copy=copy, progress=progress)
