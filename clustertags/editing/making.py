"""From what a person points at (a cluster's number, photos' indices) to an edit, or a refusal that says why.

Each raises `UsageError`: an unknown cluster or photo, a name or tag that is empty, too long or holds control characters.
`library` is what the person looks at: `Editor.library`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clustertags.editing.edits import (
    Answer, Gather, GiveTags, Hide, Merge, Move, RejectTags, Rename, Show, Split, WithdrawTags,
)
from clustertags.library.model import FittedLibrary
from clustertags.types import Progress, no_progress

MAX_NAME_CHARACTERS = 100


def find_cluster(library: FittedLibrary, text: str) -> int:
    """A cluster by its number, its key or its name (letter case makes no difference)."""
    raise NotImplementedError


def find_photos(library: FittedLibrary, texts: Sequence[str]) -> tuple[int, ...]:
    """Photos by their paths in the library's folder, or by their content hashes."""
    raise NotImplementedError


def rename(library: FittedLibrary, cluster: int, name: str) -> Rename:
    """`name` is told from that of every other cluster; "" gives the cluster its own name back."""
    raise NotImplementedError


def merge(library: FittedLibrary, clusters: Sequence[int], name: str = "") -> Merge: raise NotImplementedError
def split(library: FittedLibrary, cluster: int, *, seed: int = 0, progress: Progress = no_progress) -> Split:
    """Re-clusters the cluster's photos: about a second for 1,000. Raises `UsageError` where they do not fall apart."""
    raise NotImplementedError
def move(library: FittedLibrary, photos: Sequence[int], cluster: int | None) -> Move: raise NotImplementedError
def gather(library: FittedLibrary, photos: Sequence[int], name: str = "") -> Gather: raise NotImplementedError
def hide_cluster(library: FittedLibrary, cluster: int) -> Hide: raise NotImplementedError
def hide_photos(library: FittedLibrary, photos: Sequence[int]) -> Hide: raise NotImplementedError
def show_photos(library: FittedLibrary, photos: Sequence[int]) -> Show: raise NotImplementedError
def give_tags(library: FittedLibrary, photos: Sequence[int], tags: Sequence[str]) -> GiveTags: raise NotImplementedError
def reject_tags(library: FittedLibrary, photos: Sequence[int], tags: Sequence[str]) -> RejectTags:
    raise NotImplementedError
def withdraw_tags(library: FittedLibrary, photos: Sequence[int], tags: Sequence[str]) -> WithdrawTags:
    raise NotImplementedError
def answer(library: FittedLibrary, answers: Mapping[int, Sequence[str]]) -> Answer: raise NotImplementedError
