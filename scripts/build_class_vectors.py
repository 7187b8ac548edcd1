"""Derive clustertags/names/imagenet_class_vectors.f16: the vectors of the texts of ImageNet's 1,000 classes.

    python scripts/build_class_vectors.py [--output FILE]

Encoding them at every start would take several seconds. (1000, 384) float16, little
endian, row after row.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import clustertags.names
from clustertags.names.encoder import SentenceEncoder
from clustertags.names.name_vectors import VECTORS, compute_class_vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(clustertags.names.__file__).parent / VECTORS)
    options = parser.parse_args()
    vectors = compute_class_vectors(SentenceEncoder())
    options.output.write_bytes(vectors.astype("<f2").tobytes())
    print(f"{options.output}: {vectors.shape[0]:,} vectors of {vectors.shape[1]} numbers")


if __name__ == "__main__":
    main()
