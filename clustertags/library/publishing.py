"""Publish a fitted library as a new version: its files, its manifest, and its converted network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clustertags.features.conversion import ConvertedBackbone
from clustertags.library.artifacts import FIT, Artifacts, Version
from clustertags.library.backbone_store import link_backbone
from clustertags.library.manifests import OWN_DIGEST
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import PHOTOS_FILE, read_json, save_library
from clustertags.support.files import link_or_copy
from clustertags.support.version import __version__
from clustertags.types import Float32

_OWN_KEYS = frozenset({"schema_version", "version", "files", OWN_DIGEST})


def publish(
    artifacts: Artifacts,
    library: FittedLibrary,
    embedding: Float32,
    converted: ConvertedBackbone,
    digest: str,
    *,
    made_by: str = FIT,
    made_of: str = "",
) -> Version:
    """Save the library as a new version and put it in use; `digest`: of its layout. Call under `writing`.

    `made_by`: `fit` or `edits`; `made_of`: which, for a person.
    """
    backbone = {"name": converted.name, "key": converted.key, "n_features": converted.n_features}
    earlier = artifacts.current_or_none()
    with artifacts.staging() as staged:
        save_library(library, embedding, staged)
        link_backbone(converted, staged, earlier.folder if earlier else None)
        return artifacts.publish(staged, _manifest(library, backbone, digest, made_by, made_of))


def publish_added(
    artifacts: Artifacts, version: Version, library: FittedLibrary, embedding: Float32, digest: str, *, made_of: str
) -> Version:
    """The same for a library that photos were added to: its network and its tag model are those of `version`, whose
    files it shares. Call under `writing`, after `version` was verified.
    """
    with artifacts.staging() as staged:
        save_library(library, embedding, staged, with_tag_model=False)
        written = {path.name for path in staged.iterdir()}
        shared = {name: sha256 for name, sha256 in version.manifest["files"].items() if name not in written}
        for name in shared:
            link_or_copy(version.folder / name, staged / name)
        manifest = _manifest(library, version.manifest["backbone"], digest, "add", made_of)
        return artifacts.publish(staged, manifest, shared)


def _manifest(
    library: FittedLibrary, backbone: dict[str, Any], digest: str, made_by: str, made_of: str
) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "program": f"clustertags {__version__}",
        "created": now,
        "published": now,
        "made_by": made_by,
        "made_of": made_of,
        "backbone": backbone,
        "counts": {
            "photos": library.n_photos,
            "files": library.n_files,
            "skipped": len(library.skipped),
            "clusters": library.clusters.n_clusters,
            "unclustered": library.n_unclustered,
            "hidden": len(library.hidden),
            "added": library.n_added,
            "labelled": library.seeds.n_labelled,
            "tags": len(library.seeds.vocabulary),
        },
        "settings": library.settings,
        "layout": digest,
        "edits": library.edits,
    }


def publish_moved(artifacts: Artifacts, version: Version, root: Path) -> Version:
    """Put a copy of `version` in use that names `root` as its photo folder; its other files are shared with it.

    Call under `writing`.
    """
    listed = {**read_json(version, PHOTOS_FILE), "root": str(root)}
    changed = {PHOTOS_FILE: json.dumps(listed, separators=(",", ":")).encode("ascii")}
    return _publish_copy(artifacts, version, changed, made_by="relocate", made_of=str(root))


def publish_again(artifacts: Artifacts, version: Version) -> Version:
    """Put a copy of `version` in use, all of whose files are shared with it. Call under `writing`."""
    return _publish_copy(artifacts, version, {}, made_by="restore", made_of=version.name)


def _publish_copy(
    artifacts: Artifacts, version: Version, changed: Mapping[str, bytes], *, made_by: str, made_of: str
) -> Version:
    with artifacts.staging() as staged:
        for name in version.manifest["files"]:
            if name in changed:
                (staged / name).write_bytes(changed[name])
            else:
                link_or_copy(version.folder / name, staged / name)
        manifest = {
            **{key: value for key, value in version.manifest.items() if key not in _OWN_KEYS},
            "published": datetime.now(UTC).isoformat(timespec="seconds"),
            "made_by": made_by,
            "made_of": made_of,
        }
        return artifacts.publish(staged, manifest)
