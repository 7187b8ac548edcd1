"""Write tags into XMP sidecars beside the photos, where other programs read them.

Existing sidecars keep all that they hold; tags are only added. Photos themselves are never written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from clustertags.export.sidecar_files import (
    DiskWriter,
    NoWriter,
    RefusedError,
    Seen,
    bytes_of,
    check_folder,
    check_writable,
    failure,
    read_seen,
)
from clustertags.export.sidecar_names import FolderNames, SidecarName
from clustertags.export.sidecar_runs import (
    Change,
    NoRows,
    Run,
    SidecarOutcome,
    SidecarReport,
    digest,
    record_of,
    settle_interrupted,
    still_there,
)
from clustertags.export.sidecar_undo import undone
from clustertags.export.xmp_keywords import Held, TagPath, embedded_path, missing_from_hierarchies, own_path
from clustertags.export.xmp_packet import Additions, Merged, extension_of, merged
from clustertags.export.xmp_source import NotEditableError
from clustertags.export.xmp_undo import without
from clustertags.library.catalogue import Catalogue
from clustertags.library.sidecar_rows import SidecarRow, WrittenTag
from clustertags.photos.own_keywords import names_our_namespace
from clustertags.types import Progress, no_progress

_STAGE = "Writing sidecars"


@dataclass(frozen=True, slots=True)
class SidecarTags:
    """The tags of a photo. `path`: relative to the folder of photos, with `/` between the parts.

    `embedded`: keywords in the photo itself; `mine`: tags that the person gave, and `predicted`: those of the model
    with their scores, each the names from the root down (`("animal", "dog")`).
    """

    path: str
    content_hash: str
    embedded: tuple[str, ...] = ()
    mine: tuple[TagPath, ...] = ()
    predicted: tuple[tuple[TagPath, float], ...] = ()


def write_sidecars(
    root: Path,
    photos: Sequence[SidecarTags],
    catalogue: Catalogue,
    *,
    model: str,
    name: SidecarName | None = None,
    dry_run: bool = False,
    on_outcome: Callable[[SidecarOutcome], None] | None = None,
    progress: Progress = no_progress,
) -> SidecarReport:
    """Add the tags of `photos` to their sidecars below `root`; a file that lacks nothing is not written.

    `model`: the version whose scores these are. `name`: `full` for `photo.jpg.xmp`, `base` for `photo.xmp`, None for
    `base` with raw formats and `full` otherwise; a sidecar that exists is used whatever its name. With `dry_run` the
    same is done by a writer that does nothing, and outcomes have a difference. `on_outcome` is given each outcome.

    Sidecars that cannot be written are refused with a reason, and the others go on. Raises `StorageError` where the
    disk is full. Call under `Artifacts.writing`.
    """
    settle_interrupted(root, catalogue.sidecars)
    run = Run(
        root,
        "writing",
        NoWriter() if dry_run else DiskWriter(),
        NoRows() if dry_run else catalogue.sidecars,
        shows_differences=dry_run,
        on_outcome=on_outcome,
    )
    planner = _Planner(root, model, name, catalogue.sidecars.written(root))
    for at, photo in enumerate(sorted(photos, key=lambda photo: photo.path.rpartition("/"))):
        decided = planner.decide(photo)
        if isinstance(decided, Change):
            run.add(decided)
        else:
            run.note(decided)
        progress(_STAGE, at, len(photos))
    report = run.report()
    progress(_STAGE, len(photos), len(photos))
    return report


class _Planner:
    """Decides what becomes of the sidecar of each photo."""

    def __init__(self, root: Path, model: str, name: SidecarName | None, written: dict[str, SidecarRow]) -> None:
        self._root, self._model, self._name, self._written = root, model, name, written
        self._now = datetime.now(UTC).isoformat(timespec="seconds")
        self._listed: tuple[str, FolderNames] | None = None
        self._taken: dict[str, str] = {}

    def decide(self, photo: SidecarTags) -> Change | SidecarOutcome:
        target = photo.path
        try:
            folder, _, file_name = photo.path.rpartition("/")
            check_folder(self._root, photo.path)
            names = self._names(folder)
            if file_name not in names:
                raise RefusedError("the photo is not there any more")
            below = f"{folder}/" if folder else ""
            chosen = names.choose(file_name, self._name, lambda name: self._extension_of(below + name))
            target = below + chosen.name
            path = check_folder(self._root, target)
            if self._taken.setdefault(target, photo.path) != photo.path:
                raise RefusedError(f"it belongs to {self._taken[target]} as well")
            return self._decide(photo, target, path, chosen.extension)
        except (RefusedError, NotEditableError) as refused:
            return SidecarOutcome(photo.path, target, "refused", reason=str(refused))

    def _decide(self, photo: SidecarTags, target: str, path: Path, extension: str) -> Change | SidecarOutcome:
        ours = [made for given in (*photo.mine, *(tag for tag, _ in photo.predicted)) if (made := own_path(given))]
        unchanged = SidecarOutcome(photo.path, target, "unchanged")
        if not ours:
            return unchanged
        seen = read_seen(path)
        if seen is None and not missing_from_hierarchies(Held(map(embedded_path, photo.embedded)), ours):
            return unchanged  # the photo itself says as much
        additions = Additions(photo.embedded, photo.mine, photo.predicted, self._model, extension)
        result = merged(bytes_of(seen), additions, self._now)
        if seen is not None:
            if result.data == seen.data:
                return unchanged
            check_writable(seen)
        n_keywords = sum(map(len, result.added.added.values()))
        outcome = SidecarOutcome(photo.path, target, "changed" if seen else "created", n_keywords)
        return Change(path, seen, result.data, self._row(photo, target, seen, result), outcome)

    def _row(self, photo: SidecarTags, target: str, seen: Seen | None, result: Merged) -> SidecarRow:
        earlier = self._written.get(target) if seen else None
        tags = self._earlier_tags(earlier, seen) | self._new_tags(result)
        created = {*(earlier.created if earlier else ()), *result.added.created}
        row = SidecarRow(
            target,
            photo.path,
            photo.content_hash,
            self._now,
            self._model,
            digest(bytes_of(seen)),
            digest(result.data),
            tuple(sorted(created)),
            tuple(tags.values()),
        )
        original = None if seen is None else self._undone(seen.data, earlier)
        given_back = without(result.data, record_of(row))
        if given_back == original or original is None:
            return row
        return replace(row, original=original)

    @staticmethod
    def _undone(data: bytes, earlier: SidecarRow | None) -> bytes | None:
        return data if earlier is None and not names_our_namespace(data) else undone(data, earlier)

    @staticmethod
    def _earlier_tags(earlier: SidecarRow | None, seen: Seen | None) -> dict[tuple[str, str], WrittenTag]:
        """What we wrote earlier and is there still."""
        if earlier is None or seen is None:
            return {}
        there = still_there(seen.data, earlier)
        return {key: tag for tag in earlier.tags if (key := (tag.property, tag.text)) in there}

    def _new_tags(self, result: Merged) -> dict[tuple[str, str], WrittenTag]:
        return {
            (name, text): WrittenTag(name, text, kind, result.scores.get((name, text)), self._model, self._now)
            for (name, text), kind in result.kinds.items()
        }

    def _names(self, folder: str) -> FolderNames:
        if self._listed is None or self._listed[0] != folder:
            try:
                self._listed = folder, FolderNames(entry.name for entry in (self._root / folder).iterdir())
            except OSError as error:
                raise failure(self._root / folder, error) from error
        return self._listed[1]

    def _extension_of(self, sidecar: str) -> str:
        try:
            seen = read_seen(check_folder(self._root, sidecar))
            return extension_of(seen.data) if seen else ""
        except (RefusedError, NotEditableError):
            return ""
