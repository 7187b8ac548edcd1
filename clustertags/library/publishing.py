"""Publish a fitted library as a new version: its files, its manifest, and its converted network."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from clustertags.features.conversion import ConvertedBackbone
from clustertags.library.artifacts import Artifacts, Version
from clustertags.library.backbone_store import link_backbone
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import save_library
from clustertags.support.version import __version__
from clustertags.types import Float32


def publish(
    artifacts: Artifacts, library: FittedLibrary, embedding: Float32, converted: ConvertedBackbone, digest: str
) -> Version:
    """Save the library as a new version and put it in use; `digest`: of its layout. Call under `writing`."""
    manifest: dict[str, Any] = {
        "program": f"clustertags {__version__}",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "backbone": {"name": converted.name, "key": converted.key, "n_features": converted.n_features},
        "counts": {
            "photos": library.n_photos,
            "files": library.n_files,
            "skipped": len(library.skipped),
            "clusters": library.clusters.n_clusters,
            "unclustered": library.n_unclustered,
            "hidden": len(library.hidden),
            "labelled": library.seeds.n_labelled,
            "tags": len(library.seeds.vocabulary),
        },
        "settings": library.settings,
        "layout": digest,
        "edits": library.edits,
    }
    earlier = artifacts.current_or_none()
    with artifacts.staging() as staged:
        save_library(library, embedding, staged)
        link_backbone(converted, staged, earlier.folder if earlier else None)
        return artifacts.publish(staged, manifest)
