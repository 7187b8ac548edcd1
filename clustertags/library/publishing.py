"""Publish a fitted library as a new version: its files, its manifest, and its converted network."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clustertags.features.conversion import ConvertedBackbone
from clustertags.library.artifacts import Artifacts, Version
from clustertags.library.backbone_store import link_backbone
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import PHOTOS_FILE, read_json, save_library
from clustertags.support.files import link_or_copy
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


def publish_moved(artifacts: Artifacts, version: Version, root: Path) -> Version:
    """Put a copy of `version` in use that names `root` as its photo folder; its other files are shared with it.

    Call under `writing`.
    """
    with artifacts.staging() as staged:
        for name in version.manifest["files"]:
            if name != PHOTOS_FILE:
                link_or_copy(version.folder / name, staged / name)
        listed = {**read_json(version, PHOTOS_FILE), "root": str(root)}
        (staged / PHOTOS_FILE).write_text(json.dumps(listed, separators=(",", ":")), encoding="ascii")
        anew = {"schema_version", "version", "files", "manifest_sha256"}
        kept = {key: value for key, value in version.manifest.items() if key not in anew}
        return artifacts.publish(staged, kept)
