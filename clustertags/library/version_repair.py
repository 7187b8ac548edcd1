"""Fitted versions put right: files from whole copies, the network converted again, `CURRENT` to a whole version.

A version that stays damaged is removed if another one is whole; the one in use is set aside under another name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from clustertags.errors import ArtifactsError, ClusterTagsError, SchemaVersionError
from clustertags.features.backbones import find_backbone, packaged_names
from clustertags.features.conversion import COMPILED_FILE
from clustertags.library.artifacts import Artifacts, Version
from clustertags.library.backbone_cache import cached_backbones
from clustertags.library.backbone_store import prepare_backbone
from clustertags.library.manifests import write_manifest
from clustertags.library.storage import storage_errors, sync_folder
from clustertags.library.verification import wrong_files
from clustertags.support.digests import file_sha256
from clustertags.support.files import link_or_copy
from clustertags.support.printable import printable
from clustertags.types import Progress, no_progress


def repair_versions(artifacts: Artifacts, progress: Progress = no_progress) -> list[str]:
    """Put right what can be; what was done, a sentence each. Call under `writing`."""
    with storage_errors(artifacts.folder):
        done: list[str] = []
        sound: list[str] = []
        damaged: list[str] = []
        for name in artifacts.names():
            try:
                version = artifacts.read_version(name)
            except SchemaVersionError:
                continue  # another program's
            except ArtifactsError:
                damaged.append(name)
                continue
            done += _restore_files(artifacts, version, progress)
            (damaged if wrong_files(version) else sound).append(name)
        if sound:
            done += _use_a_sound_one(artifacts, sound, damaged)
    return done


def _restore_files(artifacts: Artifacts, version: Version, progress: Progress) -> list[str]:
    """Replace the damaged files of a version by whole copies, never in place: other versions share them."""
    wrong = wrong_files(version)
    if not wrong:
        return []
    done = []
    converted = _converted_again(artifacts, version, progress)
    for name in wrong:
        copies = [folder / name for folder in _folders_with_copies(artifacts, version, converted)]
        digest = version.manifest["files"][name]
        source = next((copy for copy in copies if _has_digest(copy, digest)), None)
        if source is None and name == COMPILED_FILE and converted and not wrong.keys() - {name}:
            source = converted / name  # the same network, compiled by another processor
            version.manifest["files"][name] = file_sha256(source)
            write_manifest(version.folder, version.manifest)
        if source is not None:
            _replace(version.folder / name, source)
            done.append(f"{printable(version.folder / name)}: put back from a whole copy")
    return done


def _folders_with_copies(artifacts: Artifacts, version: Version, converted: Path | None) -> Iterator[Path]:
    if converted:
        yield converted
    yield from (artifacts.models / name for name in reversed(artifacts.names()) if name != version.name)
    key = version.manifest["backbone"]["key"]
    for store in (artifacts.backbones, cached_backbones()):
        if store and store.is_dir():
            yield from sorted(store.glob(f"{key}*"))


def _converted_again(artifacts: Artifacts, version: Version, progress: Progress) -> Path | None:
    """The folder of the version's network, whole; None where its weights are not part of the program."""
    backbone = version.manifest["backbone"]
    if backbone["name"] not in packaged_names():
        return None
    try:
        found = find_backbone(backbone["name"], None, int(version.manifest["settings"].get("views", 1)))
        return prepare_backbone(artifacts, found, progress).folder if found.key == backbone["key"] else None
    except (ClusterTagsError, KeyError, TypeError, ValueError):
        return None


def _has_digest(path: Path, digest: str) -> bool:
    try:
        return file_sha256(path) == digest
    except OSError:
        return False


def _replace(path: Path, source: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        link_or_copy(source, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _use_a_sound_one(artifacts: Artifacts, sound: list[str], damaged: list[str]) -> Iterator[str]:
    """Let `CURRENT` name a whole version, and take the damaged ones out of the way."""
    named = _named(artifacts)
    try:
        in_use = artifacts.current_name()
    except ArtifactsError:
        in_use = ""
    if in_use not in sound or not artifacts.is_current_as_written:
        in_use = in_use if in_use in sound else next((name for name in reversed(sound) if name in named), sound[-1])
        artifacts.put_in_use(in_use)
        yield f"version {in_use} is in use now"
    for name in damaged:
        folder = artifacts.models / name
        if name in named:
            number = 1
            while (aside := folder.with_name(f"damaged-{name}-{number}")).exists():
                number += 1
            folder.rename(aside)
            yield f"version {name}, which was in use, is set aside as {printable(aside)}"
        else:
            shutil.rmtree(folder, ignore_errors=True)
            yield f"version {name} could not be put right and is removed"


def _named(artifacts: Artifacts) -> frozenset[str]:
    """The versions that `CURRENT` or its check name."""
    names: set[str] = set()
    for file in ("CURRENT", "CURRENT.check"):
        try:
            names.update((artifacts.folder / file).read_text(encoding="utf-8", errors="replace").split())
        except OSError:
            continue
    return frozenset(names)
