"""Labels for tests: as files, and in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from clustertags.types import SeedTags


def write_labels(path: Path, tags: Mapping[str, str]) -> Path:
    """A CSV of photos with their tags, `{"a.jpg": "cat|dog"}`."""
    path.write_text("image,tags\n" + "".join(f"{name},{text}\n" for name, text in tags.items()))
    return path


def write_seeds(path: Path, kinds: Mapping[str, str], per_kind: int) -> Path:
    """A CSV in which the first `per_kind` photos of each kind carry it as their tag."""
    chosen: dict[str, str] = {}
    for kind in sorted(set(kinds.values())):
        chosen |= dict.fromkeys([name for name in sorted(kinds) if kinds[name] == kind][:per_kind], kind)
    return write_labels(path, chosen)


def seed_tags(tags: Mapping[int, str], notices: tuple[str, ...] = ()) -> SeedTags:
    """Tags of photos, `{photo: "cat dog"}`."""
    vocabulary = tuple(sorted({tag for text in tags.values() for tag in text.split()}, key=str.casefold))
    matrix = np.array([[tag in tags[photo].split() for tag in vocabulary] for photo in sorted(tags)], dtype=np.bool_)
    return SeedTags(
        vocabulary, np.array(sorted(tags), dtype=np.int32), matrix.reshape(len(tags), len(vocabulary)), notices
    )
