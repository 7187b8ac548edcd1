"""Choose a photo of a folder for the demo to hold out: the last one by path that is not in tags.csv.

    python scripts/hold_back.py PHOTOS

Prints its path relative to PHOTOS.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from clustertags.errors import ClusterTagsError, PhotosError
from clustertags.photos.discovery import discover
from clustertags.photos.files import HEADER_BYTES, DecodeLimits, sniff_format
from clustertags.support.printable import printable


def choose(photos: Path) -> str:
    tagged = set()
    if (photos / "tags.csv").is_file():
        with (photos / "tags.csv").open(newline="", encoding="utf-8-sig") as file:
            tagged = {row["image"] for row in csv.DictReader(file) if "image" in row}
    for found in reversed(discover(photos, DecodeLimits()).files):
        with (photos / found.path).open("rb") as file:
            if sniff_format(file.read(HEADER_BYTES)) and found.path not in tagged:
                return found.path
    raise PhotosError(f"{printable(photos)} has no photo that can be held out")


if __name__ == "__main__":
    try:
        sys.stdout.write(choose(Path(sys.argv[1])))
    except ClusterTagsError as error:
        sys.exit(f"demo: {error}")
