"""Whether the fitted versions of an artifacts folder are whole: `CURRENT`, manifests, hashes, arrays, the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from clustertags.errors import ArtifactsError, ClusterTagsError, DamagedError, SchemaVersionError
from clustertags.features.conversion import MODEL_FILE, read_converted
from clustertags.library.artifacts import Artifacts, Version
from clustertags.library.manifests import MANIFEST_FILE
from clustertags.library.saving import load_library, read_arrays
from clustertags.support.counts import plural
from clustertags.support.digests import file_sha256

Status = Literal["right", "wrong", "note"]

REPAIR = "`clustertags verify --repair` puts it right if a whole copy is left, else `clustertags fit PHOTOS` does"
MAKE_REPAIRED = "run `clustertags verify --repair`"
FIT = "run `clustertags fit PHOTOS`"


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was looked at.

    Attributes
    ----------
    subject : str
        What it is, such as "version 0003".
    file : Path
        The file or folder.
    status : {"right", "wrong", "note"}
        A note is what is no damage, such as a photo that is gone.
    found : str
        What was found.
    remedy : str
        What helps, "" where nothing is wrong.

    Examples
    --------
    >>> clustertags.verify("artifacts").checks[0].found
    'names 0001'
    """

    subject: str
    file: Path
    status: Status
    found: str
    remedy: str = ""


def check_current(artifacts: Artifacts) -> Check:
    """Whether `CURRENT` names a version as it was written."""
    file = artifacts.folder / "CURRENT"
    try:
        name = artifacts.current_name()
    except ArtifactsError as error:
        return Check("version in use", file, "wrong", _reason(error, file), MAKE_REPAIRED)
    if not artifacts.is_current_as_written:
        found = f"is not as it was written, or its version is gone; {name} is used"
        return Check("version in use", file, "wrong", found, MAKE_REPAIRED)
    return Check("version in use", file, "right", f"names {name}")


def check_versions(artifacts: Artifacts) -> Iterator[Check]:
    """One check a version that is whole, and one for each fault of another, oldest first."""
    for name in artifacts.names():
        yield from _check_version(artifacts, name)


def _check_version(artifacts: Artifacts, name: str) -> Iterator[Check]:
    subject, manifest = f"version {name}", artifacts.models / name / MANIFEST_FILE
    try:
        version = artifacts.read_version(name)
    except SchemaVersionError as error:
        yield Check(subject, manifest, "wrong", _reason(error, manifest), "use that version of clustertags")
        return
    except ArtifactsError as error:
        yield Check(subject, manifest, "wrong", _reason(error, manifest), REPAIR)
        return
    faults = wrong_files(version)
    for file, found in faults.items():
        yield Check(subject, version.folder / file, "wrong", found, REPAIR)
    if faults:
        return
    try:
        if fault := _fault_of_content(version):
            yield Check(subject, version.folder, "wrong", fault, FIT)
            return
    except ClusterTagsError as error:
        yield Check(subject, version.folder, "wrong", _reason(error, version.folder), FIT)
        return
    found = f"{plural(len(version.manifest['files']), 'file')} as written, arrays consistent"
    yield Check(subject, version.folder, "right", found)


def wrong_files(version: Version) -> dict[str, str]:
    """The files of a version that are not as the manifest has them, each with what is wrong."""
    faults = {}
    for name, digest in version.manifest["files"].items():
        try:
            if file_sha256(version.folder / name) != digest:
                faults[name] = "is damaged (its SHA-256 is not the manifest's)"
        except FileNotFoundError:
            faults[name] = "is missing"
        except (OSError, ValueError) as error:
            faults[name] = f"cannot be read ({getattr(error, 'strerror', None) or error})"
    return faults


def _fault_of_content(version: Version) -> str:
    """What does not fit together in a version whose files are as written, "" for nothing. Raises `DamagedError`."""
    library = load_library(version)
    for name in version.manifest["files"]:
        if name.endswith(".safetensors"):
            arrays = read_arrays(version, name).values()
            if not all(np.isfinite(array).all() for array in arrays if array.dtype.kind == "f"):
                return f"{name} holds values that are no numbers"
    n, n_clusters = library.n_photos, library.clusters.n_clusters
    n_features = version.manifest["backbone"]["n_features"]
    rows = {len(library.space), len(library.map), len(library.clusters.labels), len(library.top_tags.tags)}
    if rows != {n} or version.manifest["counts"]["photos"] != n:
        return f"its arrays are not of its {plural(n, 'photo')}"
    if len(library.descriptions) != n_clusters or library.clusters.labels.max(initial=-1) >= n_clusters:
        return f"its arrays are not of its {plural(n_clusters, 'cluster')}"
    if len(library.projection.mean) != n_features:
        return f"its projection is not of {n_features} features"
    return ""


def check_network(version: Version) -> Check:
    """Whether the network of a version opens and gives numbers, on a grey picture."""
    file = version.folder / MODEL_FILE
    try:
        converted = read_converted(version.folder)
        pixels = converted.preprocess.crop_pixels
        features = converted.runtime().infer(np.full((1, pixels, pixels, 3), 128, np.uint8))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, DamagedError) as error:
        return Check("network", file, "wrong", f"cannot be used ({_reason(error, file)})", REPAIR)
    n_features = version.manifest["backbone"]["n_features"]
    if features.shape != (1, n_features) or not np.isfinite(features).all():
        return Check("network", file, "wrong", f"does not give {n_features} numbers", REPAIR)
    return Check("network", file, "right", f"opens and gives {n_features:,} features")


def _reason(error: Exception, file: Path) -> str:
    """The message without the file and the remedy, which a check has fields for."""
    text = str(error).removeprefix(str(file)).strip()
    return text.rpartition(": ")[0] or text
