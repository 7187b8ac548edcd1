"""The artifacts folder: paths, the write lock, and the fitted version in use.

library.sqlite, models/<version>/, CURRENT, CURRENT.check, gallery/, and, where the user's cache cannot hold networks,
backbones/
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clustertags.errors import (
    ArtifactsError,
    DamagedError,
    LockedError,
    NotFittedError,
    SchemaVersionError,
)
from clustertags.library.manifests import MANIFEST_FILE, is_as_written, write_manifest
from clustertags.library.storage import storage_errors, sync_files, sync_folder, write_atomically
from clustertags.support.digests import file_sha256
from clustertags.support.printable import printable

SCHEMA_VERSION = 1
DEFAULT_FOLDER = Path("artifacts")
REMEDY = "run `clustertags verify --repair`, or fit again"
"""What helps against damage in the artifacts folder."""

DEFAULT_KEPT = 3
"""How many versions of a fit, and how many others, are kept where the library does not say."""
FIT = "fit"
"""What a manifest's `made_by` says of a fit; absent in those of earlier programs."""
_held: ContextVar[frozenset[str]] = ContextVar("held", default=frozenset())
"""Folders whose lock the running block holds; other threads know of none."""
_VERSION_NAME = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class Version:
    """A fitted version on the disk: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        return self.folder.name

    def verify(self, names: Sequence[str] | None = None, *, remedy: str = REMEDY) -> None:
        """Check the SHA-256 of the named files, or of all. Raises `DamagedError` naming the first that differs."""
        files = self.manifest["files"]
        for name in files if names is None else names:
            path = self.folder / name
            try:
                digest = file_sha256(path)
            except PermissionError as error:
                raise ArtifactsError(f"{printable(path)} cannot be read: no permission") from error
            except (OSError, KeyError) as error:
                raise DamagedError(f"{printable(path)} is missing: {remedy}") from error
            if digest != files.get(name):
                raise DamagedError(f"{printable(path)} is damaged (its SHA-256 is not the manifest's): {remedy}")


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The folder that holds a library's catalogue and fitted versions; created on the first write."""

    folder: Path = DEFAULT_FOLDER

    @property
    def catalogue(self) -> Path:
        return self.folder / "library.sqlite"

    @property
    def gallery(self) -> Path:
        return self.folder / "gallery"

    @property
    def backbones(self) -> Path:
        return self.folder / "backbones"

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def _current(self) -> Path:
        return self.folder / "CURRENT"

    @property
    def _lock(self) -> Path:
        return self.folder / ".lock"

    @property
    def _current_check(self) -> Path:
        return self.folder / "CURRENT.check"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Create the folder and hold its lock, which ends with the process in any case. Raises `LockedError`."""
        import filelock  # noqa: PLC0415

        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                lock = filelock.FileLock(self._lock, timeout=0)
                lock.acquire()
            except filelock.Timeout as error:
                raise LockedError(
                    f"another clustertags is writing to {printable(self.folder)}: wait, or name another --artifacts"
                ) from error
        token = _held.set(_held.get() | {os.path.realpath(self.folder)})
        try:
            yield
        finally:
            _held.reset(token)
            lock.release()

    @contextmanager
    def still_writing(self) -> Iterator[None]:
        """Hold the lock as `writing` does, unless a block around this one does already."""
        if os.path.realpath(self.folder) in _held.get():
            yield
            return
        with self.writing():
            yield

    @contextmanager
    def writing_if_there(self) -> Iterator[None]:
        """Hold the lock as `writing` does where the folder has one, that is where something was written before."""
        if self._lock.is_file():
            with self.still_writing():
                yield
        else:
            yield

    @contextmanager
    def writing_if_possible(self) -> Iterator[None]:
        """Hold the lock as `writing` does, unless the folder is read-only: then nobody writes to it from here."""
        if self.is_read_only:
            yield
            return
        with self.writing():
            yield

    @property
    def is_read_only(self) -> bool:
        """Whether the folder is there and cannot be written, so that its library can only be looked at."""
        return self.folder.is_dir() and not os.access(self.folder, os.W_OK)

    def current(self) -> Version:
        """The version in use. Raises `NotFittedError`, `SchemaVersionError` or `DamagedError`."""
        return self.read_version(self.current_name())

    def current_name(self) -> str:
        """What `CURRENT` names. Raises `NotFittedError` or `DamagedError`."""
        try:
            name = self._current.read_text(encoding="utf-8").strip()
        except PermissionError as error:
            raise ArtifactsError(f"{printable(self._current)} cannot be read: no permission") from error
        except (FileNotFoundError, NotADirectoryError) as error:
            if self.names():
                raise NotFittedError(f"{printable(self._current)} is missing: {REMEDY}") from error
            raise NotFittedError(
                f"{printable(self.folder)} holds no fitted model: run `clustertags fit PHOTOS --artifacts "
                f"{printable(self.folder)}` first"
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            raise DamagedError(f"{printable(self._current)} cannot be read: {REMEDY}") from error
        if not _VERSION_NAME.fullmatch(name):
            raise DamagedError(f"{printable(self._current)} does not name a version: {REMEDY}")
        checked = self._checked_name()
        if checked and (self.models / checked).is_dir():
            return checked
        if not (self.models / name).is_dir():
            # As in a copy of the folder that was made while versions came and went: the last one that it has.
            name = next(reversed(self.names()), name)
        return name

    def _checked_name(self) -> str:
        """The version that `CURRENT.check` names; a flipped bit in `CURRENT` alone may name an older version unseen.

        "" where it is damaged, or an earlier program wrote none.
        """
        try:
            name, digest = self._current_check.read_text(encoding="ascii").split()
        except (OSError, ValueError):
            return ""
        return name if digest == hashlib.sha256(name.encode()).hexdigest() else ""

    @property
    def is_current_as_written(self) -> bool:
        """Whether `CURRENT` and its check name the same version, which is there; an earlier program wrote no check."""
        try:
            name = self._current.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return False
        checked = self._checked_name() if self._current_check.exists() else name
        return name == checked and (self.models / name).is_dir()

    def put_in_use(self, name: str) -> None:
        """Let `CURRENT` name this version, and its check before it. Call under `writing`."""
        digest = hashlib.sha256(name.encode()).hexdigest()
        write_atomically(self._current_check, f"{name} {digest}\n".encode())
        write_atomically(self._current, f"{name}\n".encode())

    def is_named_current(self, name: str) -> bool:
        """Whether `CURRENT` names this version, as it was written."""
        return self.is_current_as_written and self.current_name() == name

    def current_or_none(self) -> Version | None:
        """The version in use, or None where there is none that can be used."""
        try:
            return self.current()
        except ArtifactsError:
            return None

    def read_version(self, name: str) -> Version:
        """A kept version by its name. Raises `SchemaVersionError` or `DamagedError`."""
        path = self.models / name / MANIFEST_FILE
        try:
            manifest = json.loads(path.read_bytes())
            version = manifest["schema_version"]
            if not isinstance(manifest["files"], dict):
                raise TypeError("files")
        except PermissionError as error:
            raise ArtifactsError(f"{printable(path)} cannot be read: no permission") from error
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedError(f"{printable(path)} is missing or damaged: {REMEDY}") from error
        if version != SCHEMA_VERSION:
            age = "a newer" if isinstance(version, int) and version > SCHEMA_VERSION else "an older"
            raise SchemaVersionError(
                f"{printable(path)} was written by {age} version of clustertags (schema {printable(str(version))}, "
                f"this one reads {SCHEMA_VERSION}): use that version, or fit again"
            )
        if not is_as_written(manifest):
            raise DamagedError(f"{printable(path)} is damaged (its own SHA-256 is another one): {REMEDY}")
        return Version(path.parent, manifest)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A temporary folder for a new version, removed unless `publish` renames it. Call under `writing`."""
        with storage_errors(self.folder):
            self.models.mkdir(parents=True, exist_ok=True)
            for abandoned in self.models.glob(".staging-*"):
                shutil.rmtree(abandoned, ignore_errors=True)
            folder = staging_folder(self.models)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def publish(self, staged: Path, manifest: dict[str, Any], hashes: Mapping[str, str] | None = None) -> Version:
        """Hash the staged files, write the manifest, and put the version in use: rename, then replace `CURRENT`.

        `hashes`: those that are known, by name.
        """
        known = hashes or {}
        with storage_errors(self.folder):
            name = self._next_name()
            files = {path.name: known.get(path.name) or file_sha256(path) for path in sorted(staged.iterdir())}
            complete = {"schema_version": SCHEMA_VERSION, "version": name, **manifest, "files": files}
            written = write_manifest(staged, complete)
            sync_files(staged)
            folder = self.models / name
            staged.rename(folder)
            sync_folder(self.models)
            self.put_in_use(name)
            self._prune(int(complete.get("settings", {}).get("keep_versions", DEFAULT_KEPT)))
        return Version(folder, written)

    def names(self) -> list[str]:
        """The kept versions, oldest first."""
        try:
            found = [path.name for path in self.models.iterdir()]
        except PermissionError as error:
            raise ArtifactsError(f"{printable(self.models)} cannot be read: no permission") from error
        except OSError:
            return []
        return sorted((name for name in found if _VERSION_NAME.fullmatch(name)), key=int)

    def _next_name(self) -> str:
        names = self.names()
        return f"{int(names[-1]) + 1 if names else 1:04d}"

    def _prune(self, n_kept: int) -> None:
        """Keep the last versions of a fit, and as many others: edits, each of which makes one, push no fit out."""
        names = self.names()
        of_fits = [name for name in names if self._is_of_fit(name)]
        others = [name for name in names if name not in of_fits]
        kept = {self.current_name(), *of_fits[-n_kept:], *others[-n_kept:]}
        for name in names:
            if name not in kept:
                shutil.rmtree(self.models / name, ignore_errors=True)

    def _is_of_fit(self, name: str) -> bool:
        try:
            return bool(self.read_version(name).manifest.get("made_by", FIT) == FIT)
        except ArtifactsError:
            return False


def staging_folder(parent: Path) -> Path:
    """A new temporary folder below `parent`, with the permissions of the umask (`mkdtemp` would give 0700)."""
    folder = parent / f".staging-{os.getpid()}-{secrets.token_hex(4)}"
    folder.mkdir()
    return folder
