"""Reuse of the previous version's layout in a refit with the same photos and settings: new tags take seconds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from clustertags.clustering.settings import DEFAULT_LAYOUT, ClusteringSettings
from clustertags.errors import DamagedError
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import CLUSTERS_FILE, LAYOUT_FILE, read_arrays
from clustertags.types import Photo, Projection, Reduction


def layout_digest(photos: Sequence[Photo], backbone_key: str, settings: ClusteringSettings, seed: int) -> str:
    """SHA-256, in hexadecimal, of all inputs of a reduction."""
    fields = asdict(settings)
    if settings.layout == DEFAULT_LAYOUT:
        del fields["layout"]  # absent before there was a choice: libraries of that time keep their layout
    digest = hashlib.sha256(json.dumps([backbone_key, fields, seed], sort_keys=True).encode())
    for photo in photos:
        digest.update(bytes.fromhex(photo.content_hash))
    return digest.hexdigest()


def earlier_reduction(artifacts: Artifacts, digest: str) -> Reduction | None:
    """The reduction of the version in use if it has this digest and is intact, else None."""
    version = artifacts.current_or_none()
    if version is None or version.manifest.get("layout") != digest:
        return None
    try:
        version.verify([CLUSTERS_FILE, LAYOUT_FILE])
        clusters, layout = read_arrays(version, CLUSTERS_FILE), read_arrays(version, LAYOUT_FILE)
        projection = Projection(clusters["mean"], clusters["components"])
        return Reduction(projection, clusters["space"], layout["embedding"], layout["map"])
    except (DamagedError, KeyError):
        return None
