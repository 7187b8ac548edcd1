"""The manifest of a fitted version, with its own SHA-256."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from clustertags.library.storage import write_atomically

MANIFEST_FILE = "manifest.json"
OWN_DIGEST = "manifest_sha256"


def write_manifest(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Write a version's manifest with its own SHA-256, so that no other settings or counts are ever read from it.

    Returns it as written.
    """
    whole = {**manifest, OWN_DIGEST: _digest(manifest)}
    write_atomically(folder / MANIFEST_FILE, json.dumps(whole, indent=1).encode())
    return whole


def is_as_written(manifest: dict[str, Any]) -> bool:
    """Whether the manifest has its own SHA-256; an earlier program wrote none."""
    return OWN_DIGEST not in manifest or manifest[OWN_DIGEST] == _digest(manifest)


def _digest(manifest: dict[str, Any]) -> str:
    covered = {key: value for key, value in manifest.items() if key != OWN_DIGEST}
    return hashlib.sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()
