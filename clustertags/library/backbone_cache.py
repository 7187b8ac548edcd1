"""The user's cache folder with converted networks for all libraries; it may be deleted at any time.

A network is used only if it was converted under the same `conversion_recipe`, its files match their SHA-256, and nobody
but the user can write to the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from clustertags.features.backbones import Backbone
from clustertags.features.image_text_names import is_image_text
from clustertags.features.runtime import describe_processor

CACHE_VARIABLE = "CLUSTERTAGS_CACHE"
"""The environment variable that overrides the user's cache folder."""

CONVERSION = 1
"""Incremented when `features.conversion` converts the same weights differently."""

_CONVERTERS = ("openvino", "timm", "torch", "torchvision")
_IMAGE_TEXT_CONVERTERS = ("open_clip_torch", "tokenizers")
_PROCESSOR = "processor"
_UNKNOWN = "unknown"
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_ROOT = 0


def cached_backbones() -> Path | None:
    """The folder of converted networks, which may not exist yet; None if the user has no cache folder."""
    import platformdirs  # noqa: PLC0415

    given = os.environ.get(CACHE_VARIABLE)
    try:
        if given:
            return Path(given).expanduser().absolute() / "backbones"
        folder = platformdirs.user_cache_path("clustertags", appauthor=False)
    except (OSError, RuntimeError):  # the working folder is gone; there is no home to expand to
        return None
    return folder / "backbones" if folder.is_absolute() else None  # relative: there is no home


def make_private(folder: Path) -> None:
    """Create the folder of converted networks with mode 0700. Raises `OSError`."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def is_private(folder: Path) -> bool:
    """Whether `folder` exists and only this user and root can write to it."""
    try:
        status = folder.stat()
    except OSError:
        return False
    if not hasattr(os, "geteuid"):
        return stat.S_ISDIR(status.st_mode)
    owned = status.st_uid in {_ROOT, os.geteuid()}
    return stat.S_ISDIR(status.st_mode) and owned and not status.st_mode & _OTHERS_MAY_WRITE


def conversion_recipe(backbone: Backbone) -> dict[str, str]:
    """All that a converted network depends on; `backbone.key` covers weights, preprocessing and augmentations."""
    packages = (*_CONVERTERS, *(_IMAGE_TEXT_CONVERTERS if is_image_text(backbone.name) else ()))
    return {
        "conversion": str(CONVERSION),
        "backbone": backbone.key,
        _PROCESSOR: describe_processor(),
        **{package: _version_of(package) for package in packages},
    }


def is_same_conversion(recipe: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether networks of both recipes differ in their compiled file alone, which depends on the processor.

    A converter that is not installed, so that its version is unknown, is taken to be that of `other`.
    """
    return all(other.get(name) == value for name, value in recipe.items() if name != _PROCESSOR and value != _UNKNOWN)


def entry_name(backbone: Backbone, recipe: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    return f"{backbone.key}-{digest[:12]}"


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # not installed, or without its metadata
        return _UNKNOWN
