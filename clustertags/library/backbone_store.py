"""Converted networks in the artifacts folder: made once a backbone, checked each time, linked into every version."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from clustertags.features.backbones import Backbone
from clustertags.features.conversion import COMPILED_FILE, MODEL_FILE, ConvertedBackbone, convert, read_converted
from clustertags.features.runtime import OpenVinoRuntime, Runtime, TorchRuntime
from clustertags.library.artifacts import Artifacts, staging_folder
from clustertags.library.storage import storage_errors, sync_files, sync_folder
from clustertags.support.digests import file_sha256
from clustertags.support.files import link_or_copy
from clustertags.types import Progress, no_progress

_HASHES_FILE = "hashes.json"


def prepare_backbone(artifacts: Artifacts, backbone: Backbone, progress: Progress = no_progress) -> ConvertedBackbone:
    """Return the converted backbone, converting it on first use or where its files no longer hold."""
    folder = artifacts.backbones / backbone.key
    if _is_whole(folder):
        return read_converted(folder)
    progress("Preparing the network (once)", 0, 0)
    network = backbone.load()
    with storage_errors(folder):
        artifacts.backbones.mkdir(parents=True, exist_ok=True)
        staged = staging_folder(artifacts.backbones)
        try:
            convert(network, backbone.name, backbone.key, staged)
            compiled = OpenVinoRuntime(staged / MODEL_FILE).export()
            (staged / COMPILED_FILE).write_bytes(compiled)
            hashes = {path.name: file_sha256(path) for path in sorted(staged.iterdir())}
            (staged / _HASHES_FILE).write_text(json.dumps(hashes, indent=1), encoding="utf-8")
            sync_files(staged)
            shutil.rmtree(folder, ignore_errors=True)
            staged.rename(folder)
            sync_folder(artifacts.backbones)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return read_converted(folder)


def open_runtime(converted: ConvertedBackbone, backbone: Backbone, device: str) -> Runtime:
    """The converted network on the CPU, or the torch module itself on another `device`."""
    if device == "cpu":
        return OpenVinoRuntime(converted.folder / MODEL_FILE, converted.folder / COMPILED_FILE)
    return TorchRuntime(backbone.load(), device)


def link_backbone(converted: ConvertedBackbone, folder: Path) -> None:
    """Put the converted network into a version's folder, without a second copy where the file system allows."""
    for name in (*converted.files, COMPILED_FILE):
        link_or_copy(converted.folder / name, folder / name)


def remove_abandoned(artifacts: Artifacts) -> None:
    """Clear away what interrupted conversions left. Call under `Artifacts.writing`."""
    for left in artifacts.backbones.glob(".staging-*"):
        shutil.rmtree(left, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    try:
        hashes = json.loads((folder / _HASHES_FILE).read_bytes())
        return all(file_sha256(folder / name) == digest for name, digest in hashes.items())
    except (OSError, ValueError, AttributeError):
        return False
