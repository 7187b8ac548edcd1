"""The kinds of edits, each one entry of the journal, and their form as JSON.

Photos are named by their content hash, clusters by a `ClusterAnchor`; `editing.new_edits` makes and validates
edits from a library, a cluster's number and photos' indices; `editing.replay` applies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeAlias, get_args

from clustertags.editing.anchors import ClusterAnchor

Hashes: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    """An empty `name` restores the automatic name."""

    cluster: ClusterAnchor
    name: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Two clusters or more become one, which keeps the first one's given name unless `name` is not empty."""

    clusters: tuple[ClusterAnchor, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """`parts`: the content hashes of each part, two parts or more, largest first; no photo is in two."""

    cluster: ClusterAnchor
    parts: tuple[Hashes, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Photos go to a cluster, or to none where `cluster` is None."""

    photos: Hashes
    cluster: ClusterAnchor | None


@dataclass(frozen=True, slots=True)
class Gather:
    """Photos become a cluster of their own, called `name` unless it is empty."""

    photos: Hashes
    name: str = ""


@dataclass(frozen=True, slots=True)
class Hide:
    """Photos are hidden; with `cluster` they are its members, and what a refit adds to it is hidden too."""

    photos: Hashes
    cluster: ClusterAnchor | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """Hidden photos are shown again."""

    photos: Hashes


@dataclass(frozen=True, slots=True)
class GiveTags:
    """Each photo carries each tag, spelt as the person wrote it, and becomes a labelled photo. Of its other tags this
    says nothing.
    """

    photos: Hashes
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RejectTags:
    """No photo of these carries any of these tags: they are withheld there, and no longer labels."""

    photos: Hashes
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithdrawTags:
    """Labels and rejections of these tags on these photos are removed: the model may predict them again."""

    photos: Hashes
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelPhotos:
    """Labels of suggested photos: content hash and tags, which replace those of an earlier `LabelPhotos`. A photo
    without a tag shows none of the tags, until it is given one. The photos show no other tags, but for those in
    `partial`, which may.
    """

    labels: tuple[tuple[str, tuple[str, ...]], ...]
    partial: Hashes = ()


@dataclass(frozen=True, slots=True)
class CompleteTags:
    """The tags that the photos carry are all that they show."""

    photos: Hashes


Edit: TypeAlias = (
    Rename
    | Merge
    | Split
    | Move
    | Gather
    | Hide
    | Show
    | GiveTags
    | RejectTags
    | WithdrawTags
    | LabelPhotos
    | CompleteTags
)

_STORED_KIND = {"LabelPhotos": "Answer"}
_STORED_FIELD = {"labels": "answers"}
"""The names that the journal stores, where they differ."""
_LATER_FIELDS: Mapping[str, Any] = {"partial": ()}
"""Fields that an early version did not store, and what it meant."""

_KINDS: Mapping[str, type[Any]] = {_STORED_KIND.get(kind.__name__, kind.__name__): kind for kind in get_args(Edit)}


def kind_of(edit: Edit) -> str:
    """The name under which the journal keeps this kind of edit."""
    name = type(edit).__name__
    return _STORED_KIND.get(name, name)


def to_json(edit: Edit) -> dict[str, Any]:
    """The edit's fields as the journal keeps them."""
    return {_STORED_FIELD.get(name, name): value for name, value in asdict(edit).items()}


def from_json(kind: str, values: Mapping[str, Any]) -> Edit:
    """The edit that `kind_of` and `to_json` describe. Raises `KeyError`, `TypeError` or `ValueError` otherwise."""
    stored = {item.name: _STORED_FIELD.get(item.name, item.name) for item in fields(_KINDS[kind])}
    known = {**_LATER_FIELDS, **values}
    edit: Edit = _KINDS[kind](**{name: _read(name, known[key]) for name, key in stored.items()})
    return edit


def _read(name: str, value: Any) -> Any:
    if name == "cluster":
        return None if value is None else _anchor(value)
    if name == "clusters":
        return tuple(map(_anchor, value))
    return _frozen(value)


def _anchor(value: Mapping[str, Any]) -> ClusterAnchor:
    return ClusterAnchor(str(value["name"]), int(value["n_photos"]), tuple(map(str, value["sketch"])))


def _frozen(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(map(_frozen, value))
    raise TypeError(type(value).__name__)
