"""The edits that a person can make, each one entry of the journal, and their form as JSON.

Photos are named by their content hash, clusters by a `ClusterAnchor`; `editing.making` makes edits from a library, a
cluster's number and photos' indices, and refuses what cannot be. `editing.applying` says what each does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeAlias, get_args

from clustertags.editing.anchors import ClusterAnchor

Hashes: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rename:
    """An empty `name` gives the cluster its own name back."""

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
    """Photos are not wanted; with `cluster` they are its members, and what a refit adds to it is hidden too."""

    photos: Hashes
    cluster: ClusterAnchor | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """Hidden photos are wanted again."""

    photos: Hashes


@dataclass(frozen=True, slots=True)
class GiveTags:
    """Each photo carries each tag, as the person wrote it, and becomes a seed."""

    photos: Hashes
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RejectTags:
    """No photo of these carries any of these tags: they are withheld there, and no longer seeds."""

    photos: Hashes
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithdrawTags:
    """Nothing is said of these tags of these photos, whoever gave or rejected them: the model may say them."""

    photos: Hashes
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Answers to `suggest`: content hash and tags. What an earlier answer gave such a photo is withdrawn first."""

    answers: tuple[tuple[str, tuple[str, ...]], ...]


Edit: TypeAlias = Rename | Merge | Split | Move | Gather | Hide | Show | GiveTags | RejectTags | WithdrawTags | Answer

_KINDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in get_args(Edit)}


def kind_of(edit: Edit) -> str:
    return type(edit).__name__


def to_json(edit: Edit) -> dict[str, Any]:
    return asdict(edit)


def from_json(kind: str, values: Mapping[str, Any]) -> Edit:
    """The edit that `kind_of` and `to_json` describe. Raises `KeyError`, `TypeError` or `ValueError` elsewise."""
    made: Edit = _KINDS[kind](**{item.name: _read(item.name, values[item.name]) for item in fields(_KINDS[kind])})
    return made


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
