"""Style sheets and scripts of the pages, from three packages, read into memory when the server starts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file, as it is served."""

    content: bytes
    media_type: str
    etag: str


def read_assets() -> Mapping[str, Asset]:
    """All assets by file name; the app's own override those of other packages."""
    found = {}
    for package in ("clustertags.evaluation", "clustertags.pages", "clustertags.web"):
        for item in (files(package) / "static").iterdir():
            suffix = item.name[item.name.rfind(".") :]
            if suffix in _KINDS:
                content = item.read_bytes()
                etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
                found[item.name] = Asset(content, _KINDS[suffix], etag)
    return found
