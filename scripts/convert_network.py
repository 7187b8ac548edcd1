"""Convert a network into the user's cache, so that no `fit` has to and torch can be removed afterwards.

python scripts/convert_network.py [BACKBONE]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from clustertags.features.backbones import DEFAULT_BACKBONE, find_backbone
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_cache import cached_backbones
from clustertags.library.backbone_store import prepare_backbone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backbone", nargs="?", default=DEFAULT_BACKBONE)
    backbone = find_backbone(parser.parse_args().backbone)
    with tempfile.TemporaryDirectory() as folder:
        converted = prepare_backbone(Artifacts(Path(folder)), backbone)
    cache = cached_backbones()
    if cache is None or cache not in converted.folder.parents:
        sys.exit(f"the user's cache folder cannot be written: {cache}")
    print(converted.folder)


if __name__ == "__main__":
    main()
