"""Take tags out of XMP sidecars again, with the catalogue or without it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from clustertags.export.sidecar_files import DiskWriter, NoWriter, RefusedError, check_folder, check_writable, read_seen
from clustertags.export.sidecar_runs import (
    Change,
    NoRows,
    Run,
    SidecarOutcome,
    SidecarReport,
    digest,
    record_of,
    settle_interrupted,
)
from clustertags.export.xmp_keywords import WRITTEN
from clustertags.export.xmp_packet import keywords
from clustertags.export.xmp_source import NotEditableError, Source
from clustertags.export.xmp_undo import without
from clustertags.library.catalogue import Catalogue
from clustertags.library.sidecar_rows import SidecarRow
from clustertags.photos.own_keywords import names_our_namespace
from clustertags.types import Progress, no_progress

_STAGE = "Undoing sidecars"


def undo_sidecars(
    root: Path,
    catalogue: Catalogue | None,
    *,
    dry_run: bool = False,
    on_outcome: Callable[[SidecarOutcome], None] | None = None,
    progress: Progress = no_progress,
) -> SidecarReport:
    """Take away what `write_sidecars` wrote below `root`, and nothing that a person added or changed since.

    A sidecar that is as it was written becomes byte for byte what it was before, or goes if it was made. One that was
    changed since loses the keywords that still stand as they were written, the lists made for them where these are
    empty, and our namespace. Besides the sidecars of the catalogue all that name our namespace are looked at, so that
    it also works where the catalogue is lost (None) or the photos were moved. Options, errors: as of `write_sidecars`.
    """
    written: dict[str, SidecarRow] = {}
    if catalogue is not None:
        settle_interrupted(root, catalogue.sidecars)
        written = catalogue.sidecars.written(root)
    rows = NoRows() if dry_run or catalogue is None else catalogue.sidecars
    run = Run(
        root,
        "undoing",
        NoWriter() if dry_run else DiskWriter(),
        rows,
        shows_differences=dry_run,
        on_outcome=on_outcome,
    )
    paths = sorted({*written, *_sidecars_with_our_namespace(root)})
    nothing_left = []
    for at, path in enumerate(paths):
        decided = _decide(root, path, written.get(path))
        if isinstance(decided, Change):
            run.add(decided)
        else:
            run.note(decided)
            if decided.action == "unchanged":
                nothing_left.append(path)
        progress(_STAGE, at, len(paths))
    report = run.report()
    rows.forget(root, nothing_left)
    progress(_STAGE, len(paths), len(paths))
    return report


def undone(data: bytes, row: SidecarRow | None) -> bytes | None:
    """A sidecar without what we wrote into it, None where there is then no file. Raises `NotEditableError`."""
    if row is not None and row.original is not None and digest(data) == row.after_hash:
        return row.original
    return without(data, record_of(row))


def _decide(root: Path, sidecar: str, row: SidecarRow | None) -> Change | SidecarOutcome:
    photo = row.photo if row else ""
    try:
        path = check_folder(root, sidecar)
        seen = read_seen(path)
        if seen is None:
            return SidecarOutcome(photo, sidecar, "unchanged", reason="it is not there any more")
        data = undone(seen.data, row)
        if data == seen.data:
            return SidecarOutcome(photo, sidecar, "unchanged", reason="nothing of what was written is left in it")
        check_writable(seen)
    except (RefusedError, NotEditableError) as refused:
        return SidecarOutcome(photo, sidecar, "refused", reason=str(refused))
    intended = SidecarRow(
        sidecar,
        photo,
        row.content_hash if row else "",
        row.made_at if row else "",
        row.model if row else "",
        digest(seen.data),
        digest(data),
        row.created if row else (),
        row.tags if row else (),
    )
    n_keywords = _n_keywords(seen.data) - _n_keywords(data)
    outcome = SidecarOutcome(photo, sidecar, "removed" if data is None else "undone", n_keywords)
    return Change(path, seen, data, intended, outcome)


def _n_keywords(data: bytes | None) -> int:
    if data is None:
        return 0
    source = Source(data)
    return sum(len(keywords(source, keyword_list)) for keyword_list in WRITTEN.values())


def _sidecars_with_our_namespace(root: Path) -> Iterator[str]:
    for folder, _, names in os.walk(root):
        for name in names:
            if not name.lower().endswith(".xmp"):
                continue
            path = os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")  # noqa: PTH118
            try:
                seen = read_seen(check_folder(root, path))
            except RefusedError:
                continue
            if seen is not None and names_our_namespace(seen.data):
                yield path
