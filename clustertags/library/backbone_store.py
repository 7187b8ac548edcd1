"""Converted networks: converted once into the user's cache, verified on each use, linked into every version.

Only the conversion takes torch: for another processor, a network that was converted before is compiled again.
If the cache cannot be used, a library keeps its own network below the artifacts folder. A network that is there already
is used first.
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
from clustertags.features.runtime import OpenVinoRuntime, Runtime
from clustertags.features.torch_package import check_torch
from clustertags.library.artifacts import Artifacts, staging_folder
from clustertags.library.backbone_cache import (
    cached_backbones,
    conversion_recipe,
    entry_name,
    is_private,
    is_same_conversion,
    make_private,
)
from clustertags.library.storage import storage_errors, sync_files, sync_folder
from clustertags.names.image_text_encoder import add_zero_shot_classifier
from clustertags.support.digests import file_sha256
from clustertags.support.files import link, link_or_copy
from clustertags.types import Progress, no_progress

_HASHES_FILE = "hashes.json"
_RECIPE_FILE = "recipe.json"
_LOCK_FILE = ".lock"
_LOCK_SECONDS = 600.0  # a conversion takes seconds; one that takes longer hangs
_STAGE = "Preparing the network"
_STEPS = 3  # loaded, converted, compiled


def prepare_backbone(artifacts: Artifacts, backbone: Backbone, progress: Progress = no_progress) -> ConvertedBackbone:
    """Return the converted backbone, converting it on first use or if its files are damaged.

    The library's own network comes first (earlier versions of the program made one), then the user's cache. Call under
    `Artifacts.writing`.
    """
    own = artifacts.backbones / backbone.key
    if converted := _open_if_valid(own, backbone):
        return converted
    recipe = conversion_recipe(backbone)
    if converted := _cached(backbone, recipe, progress):
        shutil.rmtree(own, ignore_errors=True)  # damaged, and replaced by the cache
        return converted
    with storage_errors(own):
        artifacts.backbones.mkdir(parents=True, exist_ok=True)
        return _convert_into(own, backbone, recipe, progress)


def _cached(backbone: Backbone, recipe: Mapping[str, str], progress: Progress) -> ConvertedBackbone | None:
    """The network in the user's cache, converted if necessary; None if the cache cannot be used."""
    import filelock  # noqa: PLC0415

    cache = cached_backbones()
    if cache is None:
        return None
    entry = cache / entry_name(backbone, recipe)
    if is_private(cache) and (converted := _open_if_valid(entry, backbone, recipe)):
        return converted
    try:
        make_private(cache)
        if not is_private(cache):
            return None
        progress(_STAGE, 0, _STEPS)
        with filelock.FileLock(cache / _LOCK_FILE, timeout=_LOCK_SECONDS):
            if converted := _open_if_valid(entry, backbone, recipe):  # another process converted it meanwhile
                progress(_STAGE, _STEPS, _STEPS)
                return converted
            _remove_staged(cache)
            # The folder is private, but libraries that others may read have links to its files.
            return _convert_into(entry, backbone, recipe, progress, mode=0o644)
    # A folder that cannot be written, locked or filled: errors of Python, filelock and OpenVINO.
    except (OSError, RuntimeError, DamagedError):
        return None


def _convert_into(
    folder: Path, backbone: Backbone, recipe: Mapping[str, str], progress: Progress, *, mode: int | None = None
) -> ConvertedBackbone:
    """Convert into a temporary folder next to `folder`, then rename it. `mode`: of the files, default by the umask."""
    staged = staging_folder(folder.parent)
    try:
        with quiet_conversion():
            progress(_STAGE, 0, _STEPS)
            if converted := _converted_before(backbone, recipe):
                for name in converted.files:
                    shutil.copyfile(converted.folder / name, staged / name)
            else:
                _convert(backbone, staged, progress)
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
        _remove_existing(folder)
        staged.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    progress(_STAGE, _STEPS, _STEPS)
    return read_converted(folder)


def _convert(backbone: Backbone, staged: Path, progress: Progress) -> None:
    check_torch(backbone.name)
    network = backbone.load()
    progress(_STAGE, 1, _STEPS)
    convert(network, backbone.name, backbone.key, staged)
    if network.text:
        add_zero_shot_classifier(staged, progress)


def _converted_before(backbone: Backbone, recipe: Mapping[str, str]) -> ConvertedBackbone | None:
    """The same network in the user's cache, compiled for another processor or converted by packages now removed."""
    cache = cached_backbones()
    if cache is None or not is_private(cache):
        return None
    for entry in sorted(cache.glob(f"{backbone.key}-*")):
        other = _read_recipe(entry)
        if is_same_conversion(recipe, other) and (converted := _open_if_valid(entry, backbone, other)):
            return converted
    return None


def _read_recipe(folder: Path) -> dict[str, str]:
    """The recipe of the network in `folder`; empty if it cannot be read."""
    try:
        recipe = json.loads((folder / _RECIPE_FILE).read_bytes())
    except (OSError, ValueError, RecursionError):  # damaged JSON
        return {}
    return recipe if isinstance(recipe, dict) else {}


def _remove_existing(folder: Path) -> None:
    """Remove what is at a new network's path: a damaged network, a file or a link."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def open_runtime(converted: ConvertedBackbone, backbone: Backbone, device: str) -> Runtime:
    """The converted network on the CPU, or the torch module on another `device`."""
    if device == "cpu":
        return converted.runtime()
    from clustertags.features.torch_runtime import TorchRuntime  # noqa: PLC0415

    check_torch(backbone.name)
    with quiet_conversion():
        network = backbone.load()
    return TorchRuntime(network, device)


def link_backbone(converted: ConvertedBackbone, folder: Path, earlier: Path | None = None) -> None:
    """Hard-link the converted network into a version's folder, or copy it.

    `earlier`: the previous version's folder; if the cache is on another file system, its identical files are linked
    instead.
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


def remove_staging_folders(artifacts: Artifacts) -> None:
    """Remove the folders of interrupted conversions. Call under `Artifacts.writing`."""
    import filelock  # noqa: PLC0415

    _remove_staged(artifacts.backbones)
    cache = cached_backbones()
    with suppress(OSError, RuntimeError):  # another process is converting, or nothing can be removed
        if cache is not None and is_private(cache) and any(cache.glob(".staging-*")):
            with filelock.FileLock(cache / _LOCK_FILE, timeout=0):
                _remove_staged(cache)


def _remove_staged(parent: Path) -> None:
    for abandoned in parent.glob(".staging-*"):
        shutil.rmtree(abandoned, ignore_errors=True)


def _open_if_valid(
    folder: Path, backbone: Backbone, recipe: Mapping[str, str] | None = None
) -> ConvertedBackbone | None:
    """The network in `folder`; None unless it is complete and of this backbone, and of `recipe` if one is given."""
    try:
        hashes = json.loads((folder / _HASHES_FILE).read_bytes())
        if not all(_has_digest(folder, name, digest) for name, digest in hashes.items()):
            return None
        if recipe is not None and json.loads((folder / _RECIPE_FILE).read_bytes()) != recipe:
            return None
        converted = read_converted(folder)
        needed = {*converted.files, MODEL_FILE, COMPILED_FILE, *((_RECIPE_FILE,) if recipe is not None else ())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):  # damaged JSON
        return None
    return converted if converted.key == backbone.key and needed <= hashes.keys() else None


def is_whole(folder: Path) -> bool:
    """Whether a converted network's files all have the SHA-256 that it was stored with."""
    try:
        hashes = json.loads((folder / _HASHES_FILE).read_bytes())
        needed = {MODEL_FILE, COMPILED_FILE}
        return needed <= hashes.keys() and all(_has_digest(folder, name, digest) for name, digest in hashes.items())
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return False


def _has_digest(folder: Path, name: str, digest: str) -> bool:
    """Whether `name` is a regular file directly in `folder` with this SHA-256."""
    path = folder / name
    return path.parent == folder and path.is_file() and file_sha256(path) == digest
