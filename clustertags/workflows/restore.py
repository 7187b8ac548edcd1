"""The kept versions of a library, and bringing one back.

version -> checked and opened -> a new version that shares its files -> in use
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clustertags.editing.journal import read_journal, row_with_digest
from clustertags.errors import ArtifactsError, DamagedError, UsageError
from clustertags.library.artifacts import DEFAULT_FOLDER, FIT, Artifacts, Version
from clustertags.library.catalogue import Catalogue
from clustertags.library.model import FittedLibrary
from clustertags.library.publishing import publish_again
from clustertags.library.saving import load_library
from clustertags.support.counts import plural
from clustertags.support.printable import printable

_CHOOSE = "restore another one of `clustertags versions`"


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A kept version.

    Attributes
    ----------
    name : str
        Its number, of four digits or more.
    published : str
        When it was put in use, an ISO time in UTC.
    made_by : str
        `fit`, `edits`, `relocate` or `restore`; a version of an earlier program, which did not say, counts as a fit.
    made_of : str
        Which edits, folder or version, for a person.
    program : str
        The program and version that fitted it.
    counts : mapping of str to int
        `photos`, `clusters`, `tags`, `labelled` and others.
    own_bytes : int
        The size of files that are its alone.
    in_use : bool
        Whether it is the version in use.
    damage : str
        Why it cannot be used, "" where nothing is seen; the content of its files is not looked at.
    """

    name: str
    published: str
    made_by: str
    made_of: str
    program: str
    counts: Mapping[str, int]
    own_bytes: int
    in_use: bool
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """The kept versions, oldest first; `total_bytes`: their size, files that several share counted once."""

    kept: tuple[KeptVersion, ...]
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A version brought back; `version`: the new one in use, which shares the files of `restored`.

    `n_edits_since`: edits in force that it does not contain; `n_edits_undone`: edits that it contains and that were
    undone since. Both are made good where the library is shown, and learnt by the next edit or fit. `changed`: whether
    anything was; it is not where the version was in use.
    """

    version: str
    restored: str
    library: FittedLibrary
    n_edits_since: int
    n_edits_undone: int
    changed: bool = True


def list_versions(folder: Path = DEFAULT_FOLDER) -> Versions:
    """The kept versions. Raises `NotFittedError` where there is none."""
    artifacts = Artifacts(folder)
    names = artifacts.names()
    if not names:
        artifacts.current()  # says what is missing
    in_use = artifacts.current_or_none()
    sizes: dict[tuple[int, int], int] = {}
    kept = [_kept(artifacts, name, in_use is not None and in_use.name == name, sizes) for name in names]
    return Versions(tuple(kept), sum(sizes.values()))


def restore(name: str, folder: Path = DEFAULT_FOLDER) -> Restored:
    """Put a kept version in use again, as a new version; all others are kept as after a fit, and edits stay recorded.

    `name`: its number, with or without zeros before it. Raises `UsageError` where no such version is kept,
    `DamagedError` where it cannot be used, `LockedError` while another process writes; then nothing was changed.
    """
    artifacts = Artifacts(folder)
    found = _find(artifacts, name)
    with artifacts.writing():
        version = artifacts.read_version(found)
        version.verify(remedy=_CHOOSE)
        try:
            library = load_library(version)
        except DamagedError as error:
            raise DamagedError(f"{printable(version.folder)} was written by another clustertags: {_CHOOSE}") from error
        is_in_use = artifacts.is_named_current(found)
        put = version if is_in_use else publish_again(artifacts, version)
        since, undone = _edits_apart(artifacts, library)
        return Restored(put.name, found, library, since, undone, not is_in_use)


def _find(artifacts: Artifacts, text: str) -> str:
    names = artifacts.names()
    if not names:
        artifacts.current()
    found = [name for name in names if text.isascii() and text.isdigit() and int(name) == int(text)]
    if found:
        return found[0]
    raise UsageError(f"there is no version {printable(text, 40)}: kept are {', '.join(names)}")


def _edits_apart(artifacts: Artifacts, library: FittedLibrary) -> tuple[int, int]:
    """How many edits are in force and not in the library, and in the library and not in force."""
    if not artifacts.catalogue.is_file():
        return 0, 0
    with Catalogue(artifacts.catalogue) as catalogue:
        journal, then = read_journal(catalogue), row_with_digest(catalogue, library.edits)
        if then is None:
            return len(journal.applied), 0
        contained = {entry.number for entry in read_journal(catalogue, until=then).applied}
    in_force = {entry.number for entry in journal.applied}
    return len(in_force - contained), len(contained - in_force)


def _kept(artifacts: Artifacts, name: str, in_use: bool, sizes: dict[tuple[int, int], int]) -> KeptVersion:
    """A version; the size of each of its files goes into `sizes` by device and inode."""
    folder = artifacts.models / name
    own_bytes = 0
    for path in folder.iterdir():
        status = path.stat()
        sizes[status.st_dev, status.st_ino] = status.st_size
        own_bytes += status.st_size if status.st_nlink == 1 else 0
    try:
        version = artifacts.read_version(name)
    except ArtifactsError as error:
        return KeptVersion(name, "", "", "", "", {}, own_bytes, in_use, str(error))
    manifest = version.manifest
    return KeptVersion(
        name,
        _text(manifest, "published") or _text(manifest, "created"),
        _text(manifest, "made_by") or FIT,
        _text(manifest, "made_of"),
        _text(manifest, "program"),
        {key: count for key, count in manifest.get("counts", {}).items() if isinstance(count, int)},
        own_bytes,
        in_use,
        _missing_files(version),
    )


def _text(manifest: Mapping[str, Any], key: str) -> str:
    return str(manifest.get(key, ""))


def _missing_files(version: Version) -> str:
    missing = [name for name in version.manifest["files"] if not (version.folder / name).is_file()]
    return f"{plural(len(missing), 'file')} missing, such as {printable(missing[0], 60)}" if missing else ""
