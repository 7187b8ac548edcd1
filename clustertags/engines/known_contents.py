"""The content hashes whose features are stored, in a file that all decoding processes share."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

_DIGEST = np.dtype("S32")  # SHA-256


class KnownContents(Collection[str]):
    """Content hashes in a file of sorted digests, which `write` made."""

    def __init__(self, path: Path) -> None:
        self._digests = np.memmap(path, _DIGEST, "r") if path.stat().st_size else np.empty(0, _DIGEST)

    @staticmethod
    def write(path: Path, content_hashes: Collection[str]) -> None:
        """Write the file; `content_hashes` in hexadecimal."""
        digests = (bytes.fromhex(content_hash) for content_hash in content_hashes)
        np.sort(np.fromiter(digests, _DIGEST, len(content_hashes))).tofile(path)

    def __contains__(self, content_hash: object) -> bool:
        digest = np.array(bytes.fromhex(str(content_hash)), _DIGEST)
        place = int(self._digests.searchsorted(digest))
        return place < len(self._digests) and bool(self._digests[place] == digest)

    def __iter__(self) -> Iterator[str]:
        return (bytes(digest).ljust(_DIGEST.itemsize, b"\0").hex() for digest in self._digests)

    def __len__(self) -> int:
        return len(self._digests)
