"""The user's cache folder, where converted networks lie for all libraries; it may be deleted at any time.

Nothing in it is trusted by its name: a network is used where it was made for the same `conversion_recipe`, its files
have their SHA-256, and nobody but the user could have written them.
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
from clustertags.features.runtime import describe_processor

CACHE_VARIABLE = "CLUSTERTAGS_CACHE"
"""The environment variable that names another folder than the user's cache."""

CONVERSION = 1
"""Counted up where `features.conversion` makes another network of the same weights."""

_CONVERTERS = ("openvino", "timm", "torch", "torchvision")
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_ROOT = 0


def cached_backbones() -> Path | None:
    """The folder of converted networks, made or not; None where the user has no place for a cache."""
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
    """Make the folder of converted networks, closed to everybody else. Raises `OSError`."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def is_private(folder: Path) -> bool:
    """Whether `folder` is there and nobody but this user and the system's administrator can write into it."""
    try:
        status = folder.stat()
    except OSError:
        return False
    if not hasattr(os, "geteuid"):
        return stat.S_ISDIR(status.st_mode)
    owned = status.st_uid in {_ROOT, os.geteuid()}
    return stat.S_ISDIR(status.st_mode) and owned and not status.st_mode & _OTHERS_MAY_WRITE


def conversion_recipe(backbone: Backbone) -> dict[str, str]:
    """All that a converted and compiled network depends on; `backbone.key` names weights, preprocessing and views."""
    return {
        "conversion": str(CONVERSION),
        "backbone": backbone.key,
        "processor": describe_processor(),
        **{package: _version_of(package) for package in _CONVERTERS},
    }


def entry_name(backbone: Backbone, recipe: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    return f"{backbone.key}-{digest[:12]}"


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # installed without its description
        return "unknown"
