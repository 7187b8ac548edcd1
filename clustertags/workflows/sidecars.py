"""XMP sidecars of a library: its exported tags -> a plan a photo -> written, shown, or taken away again.

Photos themselves are never written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

from clustertags.errors import PhotosError
from clustertags.export.records import Record
from clustertags.export.sidecar_names import SidecarName
from clustertags.export.sidecar_runs import SidecarOutcome, SidecarReport
from clustertags.export.sidecar_undo import undo_sidecars
from clustertags.export.sidecars import SidecarTags
from clustertags.export.sidecars import write_sidecars as write
from clustertags.export.tag_paths import tag_paths
from clustertags.library.artifacts import DEFAULT_FOLDER, Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.library.storage import storage_errors
from clustertags.photos.pairs import is_raw
from clustertags.support.printable import printable
from clustertags.types import Progress, no_progress
from clustertags.workflows.export import Export


def write_sidecars(
    export: Export,
    folder: Path = DEFAULT_FOLDER,
    *,
    name: SidecarName | None = None,
    dry_run: bool = False,
    on_outcome: Callable[[SidecarOutcome], None] | None = None,
    progress: Progress = no_progress,
) -> SidecarReport:
    """Add exported tags to the sidecars of their photos; see `export.sidecars.write_sidecars`.

    Raises `PhotosError` where the photo folder is not there, `LockedError` while another process writes to the library,
    `StorageError` where the disk is full.
    """
    root = _present(export.library)
    photos = [tags for record in export.records for tags in _tags_of(record, export)]
    artifacts = Artifacts(folder)
    locked = artifacts.writing_if_possible() if dry_run else artifacts.writing()
    with locked, storage_errors(artifacts.folder), Catalogue(artifacts.catalogue) as catalogue:
        return write(
            root, photos, catalogue,
            model=export.about.model, name=name, dry_run=dry_run, on_outcome=on_outcome, progress=progress,
        )  # fmt: skip


def undo(
    folder: Path = DEFAULT_FOLDER,
    *,
    dry_run: bool = False,
    on_outcome: Callable[[SidecarOutcome], None] | None = None,
    progress: Progress = no_progress,
) -> SidecarReport:
    """Take away what was written into sidecars, and nothing else; without the catalogue by what they say themselves."""
    artifacts = Artifacts(folder)
    root = _present(load_library(artifacts.current()))
    known = Catalogue(artifacts.catalogue) if artifacts.catalogue.is_file() else nullcontext()
    locked = artifacts.writing_if_possible() if dry_run else artifacts.writing()
    with locked, storage_errors(artifacts.folder), known as catalogue:
        return undo_sidecars(root, catalogue, dry_run=dry_run, on_outcome=on_outcome, progress=progress)


def _present(library: FittedLibrary) -> Path:
    if not library.root.is_dir():
        where = printable(library.root)
        raise PhotosError(f"{where} is not there: connect the disk, or say where the photos are with `relocate`")
    return library.root


def _tags_of(record: Record, export: Export) -> Iterator[SidecarTags]:
    """The tags of a file, and of the RAW file that goes with the photo: each has its own sidecar."""
    rules, under = export.about.rules, export.about.under
    photo = export.library.photos[record.photo]
    raw = [path for path in photo.companions if is_raw(path)] if record.path == photo.path else []
    for path in (record.path, *raw):
        yield SidecarTags(
            path,
            photo.content_hash,
            record.embedded,
            tuple(path for tag in record.mine for path in tag_paths(rules, tag)),
            tuple((path, item.score) for item in record.predicted for path in tag_paths(rules, item.tag, under)),
        )


def refusals(outcomes: Iterable[SidecarOutcome]) -> list[str]:
    """A sentence for each sidecar that was left as it is."""
    return [f"{printable(item.sidecar, 100)}: {item.reason}" for item in outcomes if item.action == "refused"]
