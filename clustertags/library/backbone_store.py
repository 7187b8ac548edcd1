"""Converted networks: made once in the user's cache folder, checked each time, linked into every version.

Where the cache cannot be used, a library keeps its own below the artifacts folder, and uses what it has there already.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from clustertags.errors import DamagedError
from clustertags.features.backbones import Backbone
from clustertags.features.conversion import COMPILED_FILE, MODEL_FILE, ConvertedBackbone, convert, read_converted
from clustertags.features.quiet_conversion import quiet_conversion
from clustertags.features.runtime import OpenVinoRuntime, Runtime, TorchRuntime
from clustertags.library.artifacts import Artifacts, staging_folder
from clustertags.library.backbone_cache import (
    cached_backbones,
    conversion_recipe,
    entry_name,
    is_private,
    make_private,
)
from clustertags.library.storage import storage_errors, sync_files, sync_folder
from clustertags.support.digests import file_sha256
from clustertags.support.files import link, link_or_copy
from clustertags.types import Progress, no_progress

_HASHES_FILE = "hashes.json"
_RECIPE_FILE = "recipe.json"
_LOCK_FILE = ".lock"
_LOCK_SECONDS = 600.0  # a conversion takes seconds; one that takes longer has been stopped
_STAGE = "Preparing the network"
_STEPS = 3  # loaded, converted, compiled


def prepare_backbone(artifacts: Artifacts, backbone: Backbone, progress: Progress = no_progress) -> ConvertedBackbone:
    """Return the converted backbone, converting it on first use or where its files no longer hold.

    It is the library's own where there is one, as earlier versions of the program made them, else that of the user's
    cache. Call under `Artifacts.writing`.
    """
    own = artifacts.backbones / backbone.key
    if converted := _opened(own, backbone):
        return converted
    recipe = conversion_recipe(backbone)
    if converted := _cached(backbone, recipe, progress):
        shutil.rmtree(own, ignore_errors=True)  # it is damaged, and will not be asked for again
        return converted
    with storage_errors(own):
        artifacts.backbones.mkdir(parents=True, exist_ok=True)
        return _make(own, backbone, recipe, progress)


def _cached(backbone: Backbone, recipe: Mapping[str, str], progress: Progress) -> ConvertedBackbone | None:
    """The network in the user's cache, made there if need be; None where that cannot be done."""
    import filelock  # noqa: PLC0415

    cache = cached_backbones()
    if cache is None:
        return None
    entry = cache / entry_name(backbone, recipe)
    if is_private(cache) and (converted := _opened(entry, backbone, recipe)):
        return converted
    try:
        make_private(cache)
        if not is_private(cache):
            return None
        progress(_STAGE, 0, _STEPS)
        with filelock.FileLock(cache / _LOCK_FILE, timeout=_LOCK_SECONDS):
            if converted := _opened(entry, backbone, recipe):  # another process made it meanwhile
                progress(_STAGE, _STEPS, _STEPS)
                return converted
            _remove_staged(cache)
            # The folder is closed, but libraries that others may read have links to its files.
            return _make(entry, backbone, recipe, progress, mode=0o644)
    # What a folder says that cannot be written, locked or filled, in Python's words, the lock's and OpenVINO's.
    except (OSError, RuntimeError, DamagedError):
        return None


def _make(
    folder: Path, backbone: Backbone, recipe: Mapping[str, str], progress: Progress, *, mode: int | None = None
) -> ConvertedBackbone:
    """Convert into a temporary folder beside `folder`, and rename it. `mode` of the files: else as the umask has it."""
    staged = staging_folder(folder.parent)
    try:
        with quiet_conversion():
            progress(_STAGE, 0, _STEPS)
            network = backbone.load()
            progress(_STAGE, 1, _STEPS)
            convert(network, backbone.name, backbone.key, staged)
            progress(_STAGE, 2, _STEPS)
            compiled = OpenVinoRuntime(staged / MODEL_FILE).export()
        (staged / COMPILED_FILE).write_bytes(compiled)
        (staged / _RECIPE_FILE).write_text(json.dumps(recipe, indent=1), encoding="utf-8")
        hashes = {path.name: file_sha256(path) for path in sorted(staged.iterdir())}
        (staged / _HASHES_FILE).write_text(json.dumps(hashes, indent=1), encoding="utf-8")
        if mode is not None:
            for path in staged.iterdir():
                path.chmod(mode)
        sync_files(staged)
        _put_aside(folder)
        staged.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    progress(_STAGE, _STEPS, _STEPS)
    return read_converted(folder)


def _put_aside(folder: Path) -> None:
    """Remove what stands in a new network's place: a damaged one, a file, a link."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def open_runtime(converted: ConvertedBackbone, backbone: Backbone, device: str) -> Runtime:
    """The converted network on the CPU, or the torch module itself on another `device`."""
    if device == "cpu":
        return OpenVinoRuntime(converted.folder / MODEL_FILE, converted.folder / COMPILED_FILE)
    with quiet_conversion():
        network = backbone.load()
    return TorchRuntime(network, device)


def link_backbone(converted: ConvertedBackbone, folder: Path, earlier: Path | None = None) -> None:
    """Put the converted network into a version's folder, without a second copy where the file system allows.

    `earlier`: the folder of the version before, whose files serve where they are the same and the cache is on another
    file system.
    """
    for name in (*converted.files, COMPILED_FILE):
        source, target = converted.folder / name, folder / name
        if not link(source, target):
            shared = earlier / name if earlier is not None and _is_same(earlier / name, source) else source
            link_or_copy(shared, target)


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.stat().st_size == other.stat().st_size and file_sha256(path) == file_sha256(other)
    except OSError:
        return False


def remove_abandoned(artifacts: Artifacts) -> None:
    """Clear away what interrupted conversions left. Call under `Artifacts.writing`."""
    import filelock  # noqa: PLC0415

    _remove_staged(artifacts.backbones)
    cache = cached_backbones()
    with suppress(OSError, RuntimeError):  # another process is at work there, or nothing can be removed
        if cache is not None and is_private(cache) and any(cache.glob(".staging-*")):
            with filelock.FileLock(cache / _LOCK_FILE, timeout=0):
                _remove_staged(cache)


def _remove_staged(parent: Path) -> None:
    for left in parent.glob(".staging-*"):
        shutil.rmtree(left, ignore_errors=True)


def _opened(folder: Path, backbone: Backbone, recipe: Mapping[str, str] | None = None) -> ConvertedBackbone | None:
    """The network in `folder`; None unless it is whole and of this backbone, and of this recipe where one is given."""
    try:
        hashes = json.loads((folder / _HASHES_FILE).read_bytes())
        if not all(_holds(folder, name, digest) for name, digest in hashes.items()):
            return None
        if recipe is not None and json.loads((folder / _RECIPE_FILE).read_bytes()) != recipe:
            return None
        converted = read_converted(folder)
        needed = {*converted.files, MODEL_FILE, COMPILED_FILE, *((_RECIPE_FILE,) if recipe is not None else ())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):  # whatever the damage leads to
        return None
    return converted if converted.key == backbone.key and needed <= hashes.keys() else None


def _holds(folder: Path, name: str, digest: str) -> bool:
    """Whether a plain file directly in `folder` has that SHA-256."""
    path = folder / name
    return path.parent == folder and path.is_file() and file_sha256(path) == digest
