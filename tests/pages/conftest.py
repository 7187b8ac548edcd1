from __future__ import annotations

from tests.made.coloured import build, fake_thumbnails, library

__all__ = ["build", "fake_thumbnails", "library"]
