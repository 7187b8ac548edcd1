"""Save and load a fitted library: arrays as safetensors, everything else as JSON.

What `clustertags tag` needs is in separate files, so that tagging one photo loads little.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from clustertags.errors import DamagedError
from clustertags.labels.rules import NO_RULES, Rules
from clustertags.library.artifacts import REMEDY, Version
from clustertags.library.model import Base, FittedLibrary
from clustertags.support.printable import printable
from clustertags.tagging.model import TagModel
from clustertags.tagging.top_tags import TopTags
from clustertags.types import (
    ClusterDescription,
    Clusters,
    Float32,
    Int32,
    Neighbours,
    Photo,
    Projection,
    SeedTags,
    SkippedFile,
)

CLUSTERS_FILE = "clusters.safetensors"
DESCRIPTIONS_FILE = "clusters.json"
BASE_FILE = "base.safetensors"
LAYOUT_FILE = "layout.safetensors"
PHOTOS_FILE = "photos.json"
TAGS_FILE = "tags.json"
TAG_MODEL_FILE = "tags.safetensors"

_CLUSTER_FIELDS = ("labels", "probabilities", "noise", "medoids", "stability", "parents")

Arrays = dict[str, NDArray[Any]]


def save_library(library: FittedLibrary, embedding: Float32, folder: Path, *, with_tag_model: bool = True) -> None:
    """Write the library into the empty `folder`; `embedding` is kept for refits with other tags. Without
    `with_tag_model` the caller links its file from an earlier version.
    """
    clusters = {name: getattr(library.clusters, name) for name in _CLUSTER_FIELDS}
    _save(
        folder / CLUSTERS_FILE,
        {
            **clusters,
            "space": library.space,
            "mean": library.projection.mean,
            "components": library.projection.components,
            "content_hashes": _packed_hashes(library.photos),
            **({"n_added": np.array([library.n_added], np.int32)} if library.n_added else {}),
        },
    )
    _save(
        folder / LAYOUT_FILE,
        {
            "map": library.map,
            "embedding": embedding,
            "top_tags": library.top_tags.tags,
            "top_scores": library.top_tags.scores,
            "top_shares": library.top_tags.shares,
            **_seed_arrays(library.seeds),
            "hidden": library.hidden,
            **_neighbour_arrays(library),
            **({} if library.duplicate_groups is None else {"duplicates": library.duplicate_groups}),
        },
    )
    if library.base:
        base = {name: getattr(library.base.clusters, name) for name in _CLUSTER_FIELDS}
        _save(folder / BASE_FILE, {**base, **_seed_arrays(library.base.seeds)})
    if with_tag_model:
        _save(folder / TAG_MODEL_FILE, library.tag_model.to_tensors() if library.tag_model else {})
    _write_json(
        folder / TAGS_FILE,
        {
            "vocabulary": library.seeds.vocabulary,
            "notices": library.seeds.notices,
            "demoted": dict(library.demoted),
            "rules": library.rules.to_json(),
            "model": library.tag_model.to_json() if library.tag_model else None,
            "given": library.base.seeds.vocabulary if library.base else None,
            "rejected": dict(library.rejected),
            "edits": library.edits,
            "edit_notices": library.edit_notices,
            "none": library.seeds.none.tolist(),
            "given_none": library.base.seeds.none.tolist() if library.base else [],
        },
    )
    _write_json(folder / DESCRIPTIONS_FILE, [_description_fields(item) for item in library.descriptions])
    _write_json(
        folder / PHOTOS_FILE,
        {
            "root": str(library.root),
            "photos": [[photo.content_hash, *photo.paths] for photo in library.photos],
            "companions": {photo.content_hash: photo.companions for photo in library.photos if photo.companions},
            "skipped": [[file.path, file.reason, file.is_photo] for file in library.skipped],
            "settings": library.settings,
            "cluster_keys": library.cluster_keys,
            "base_keys": library.base.keys if library.base else [],
            "blank": dict(library.blank),
        },
    )


@contextmanager
def reading(version: Version) -> Iterator[None]:
    """Raise `DamagedError` if a version's files do not have the form that this program writes."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DamagedError(f"{printable(version.folder)} was written by another clustertags: fit again") from error


def load_library(version: Version) -> FittedLibrary:
    """Load a version after verifying its hashes. Raises `DamagedError`."""
    version.verify()
    with reading(version):
        return _load_library(version)


def _top_tags(layout: Mapping[str, NDArray[Any]]) -> TopTags:
    tags, scores = layout["top_tags"], layout["top_scores"]
    if "top_shares" not in layout:  # saved by an earlier version of the program
        return TopTags.without_shares(tags, scores).ordered()
    return TopTags(tags, scores, layout["top_shares"]).ordered()  # an earlier version put demoted tags last


def _load_photos(listed: Mapping[str, Any]) -> tuple[Photo, ...]:
    companions = listed.get("companions", {})  # absent in versions of an earlier program
    return tuple(
        Photo(content_hash, tuple(paths), tuple(companions.get(content_hash, ())))
        for content_hash, *paths in listed["photos"]
    )


def _load_library(version: Version) -> FittedLibrary:
    arrays = read_arrays(version, CLUSTERS_FILE)
    layout = read_arrays(version, LAYOUT_FILE)
    listed = read_json(version, PHOTOS_FILE)
    tags_json = read_json(version, TAGS_FILE)
    vocabulary = tuple(tags_json["vocabulary"])
    return FittedLibrary(
        root=Path(listed["root"]),
        photos=_load_photos(listed),
        skipped=tuple(SkippedFile(path, reason, is_photo) for path, reason, is_photo in listed["skipped"]),
        projection=Projection(arrays["mean"], arrays["components"]),
        space=arrays["space"],
        map=layout["map"],
        clusters=clusters_from(arrays),
        descriptions=load_descriptions(version),
        seeds=SeedTags(
            vocabulary,
            layout["seed_photos"],
            layout["seed_matrix"],
            tuple(tags_json["notices"]),
            load_none(tags_json),
            layout.get("seed_partial"),  # earlier versions had full labels alone
            layout.get("seed_rejected"),
        ),
        tag_model=load_tag_model(version, tags_json),
        top_tags=_top_tags(layout),
        settings=listed["settings"],
        demoted=load_demoted(tags_json),
        rules=load_rules(tags_json),
        neighbours=Neighbours(layout["near"], layout["nearness"]) if "near" in layout else None,
        base=_load_base(version, tags_json, tuple(listed.get("base_keys", ()))),
        edits=tags_json["edits"],
        edit_notices=tuple(tags_json["edit_notices"]),
        cluster_keys=tuple(listed["cluster_keys"]),
        hidden=layout["hidden"],
        rejected=load_rejected(tags_json),
        blank=listed.get("blank", {}),
        duplicate_groups=layout.get("duplicates"),  # an early version has none
        n_added=load_n_added(arrays),
    )


def load_n_added(arrays: Mapping[str, NDArray[Any]]) -> int:
    """How many photos joined after the fit, from a version's clusters."""
    return int(arrays["n_added"][0]) if "n_added" in arrays else 0


def _load_base(version: Version, tags_json: Mapping[str, Any], keys: tuple[str, ...]) -> Base | None:
    """The fit's result before edits; None in a library without its hidden photos, which cannot be edited."""
    if tags_json["given"] is None:
        return None
    arrays = read_arrays(version, BASE_FILE)
    none = np.array(tags_json.get("given_none", ()), np.int32)
    partial = arrays.get("seed_partial")
    seeds = SeedTags(
        tuple(tags_json["given"]), arrays["seed_photos"], arrays["seed_matrix"], none=none, partial=partial
    )
    return Base(clusters_from(arrays), seeds, keys)


def load_rejected(tags_json: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Rejected tags by content hash from a version's `tags.json`."""
    return {content_hash: tuple(tags) for content_hash, tags in tags_json["rejected"].items()}


def load_none(tags_json: Mapping[str, Any]) -> Int32:
    """The photos that show none of the tags, indices, from a version's `tags.json`; an early one has none."""
    return np.array(tags_json.get("none", ()), np.int32)


def clusters_from(arrays: Mapping[str, NDArray[Any]]) -> Clusters:
    return Clusters(**{name: arrays[name] for name in _CLUSTER_FIELDS})


def load_demoted(tags_json: Mapping[str, Any]) -> dict[str, str]:
    """Demoted tags with their reasons from a version's `tags.json`; an early one has none."""
    return dict(tags_json.get("demoted", {}))


def load_rules(tags_json: Mapping[str, Any]) -> Rules:
    """The user's rules from a version's `tags.json`; an early one has none."""
    return Rules.from_json(tags_json["rules"]) if "rules" in tags_json else NO_RULES


def load_tag_model(version: Version, tags_json: Mapping[str, Any]) -> TagModel | None:
    """The tag model of a version, None if it was fitted without tags; `tags_json`: its parsed `tags.json`."""
    if tags_json["model"] is None:
        return None
    return TagModel.from_saved(read_arrays(version, TAG_MODEL_FILE), tags_json["model"])


def load_descriptions(version: Version) -> tuple[ClusterDescription, ...]:
    return tuple(
        ClusterDescription(
            item["name"],
            tuple((tag, share) for tag, share in item["tags"]),
            item["source"],
            item["n_labelled"],
            item.get("automatic", ""),
            tuple(item.get("expected", ())),
        )
        for item in read_json(version, DESCRIPTIONS_FILE)
    )


def read_arrays(version: Version, name: str) -> Arrays:
    path = version.folder / name
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise DamagedError(f"{printable(path)} is missing or damaged: {REMEDY}") from error


def read_json(version: Version, name: str) -> Any:
    path = version.folder / name
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DamagedError(f"{printable(path)} is missing or damaged: {REMEDY}") from error


def _packed_hashes(photos: tuple[Photo, ...]) -> NDArray[np.uint8]:
    joined = bytes.fromhex("".join(photo.content_hash for photo in photos))
    return np.frombuffer(joined, np.uint8).reshape(len(photos), -1)


def _description_fields(description: ClusterDescription) -> dict[str, Any]:
    return {
        "name": description.name,
        "tags": [[tag, round(share, 6)] for tag, share in description.tags],
        "source": description.source,
        "n_labelled": description.n_labelled,
        **({"automatic": description.automatic} if description.automatic else {}),
        **({"expected": [round(share, 6) for share in description.expected]} if description.expected else {}),
    }


def _seed_arrays(seeds: SeedTags) -> Arrays:
    partial = {} if seeds.partial is None else {"seed_partial": seeds.partial}
    rejected = {} if seeds.rejected is None else {"seed_rejected": seeds.rejected}
    return {"seed_photos": seeds.photos, "seed_matrix": seeds.matrix, **partial, **rejected}


def _neighbour_arrays(library: FittedLibrary) -> Arrays:
    found = library.neighbours
    return {} if found is None else {"near": found.indices, "nearness": found.similarities}


def _save(path: Path, arrays: Arrays) -> None:
    # `save_file` would make the file readable by its owner alone, whatever the umask.
    path.write_bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def _write_json(path: Path, value: Any) -> None:
    # ASCII escapes preserve names that are not UTF-8, as lone surrogates.
    path.write_text(json.dumps(value, separators=(",", ":")), encoding="ascii")
