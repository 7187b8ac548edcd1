"""Recall and precision of the search for near-duplicates on made copies: the table of docs/results/near-duplicates.md.

    python scripts/benchmark_duplicates.py PHOTOS [--sets aerial clothing flickr8k caltech101] [--photos 125]
                                           [--others 875] [--random-state 0]

PHOTOS holds a folder a set with photos in `images/`. Copies of `--photos` of each set are written to a temporary
folder, next to `--others` more. All sets are one library, with one kind of copy at a time and then with all but the
mirrored.

Recall: the share of copies that are in one group with their original. Precision: of pairs of originals and copies in
one group, the share that are versions of one original. Groups of different photos, real near-duplicates among them, are
counted for each set.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clustertags.clustering.principal import fit_projection
from clustertags.clustering.settings import ClusteringSettings
from clustertags.features.backbones import find_backbone
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.near_duplicates.by_pictures import find_near_duplicates
from clustertags.near_duplicates.groups import NO_GROUP
from clustertags.neighbours import N_VOTERS, nearest
from clustertags.photos.discovery import discover
from clustertags.photos.files import DecodeLimits
from clustertags.types import Float32
from clustertags.workflows.extract import extract_features

SETS = ("aerial", "clothing", "flickr8k", "caltech101")
ORIGINAL, OTHER, MIRRORED = "original", "other", "mirrored"


def scaled(image: Image.Image, share: float) -> Image.Image:
    return image.resize((round(share * image.width), round(share * image.height)), Image.Resampling.LANCZOS)


def cropped(image: Image.Image, left: float, top: float, share: float) -> Image.Image:
    """A crop of `share` of each side, with `left` and `top` of the rest cut off there."""
    width, height = round(share * image.width), round(share * image.height)
    x, y = round(left * (image.width - width)), round(top * (image.height - height))
    return image.crop((x, y, x + width, y + height))


COPIES: Mapping[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "half size": lambda image, _: scaled(image, 0.5),
    "JPEG quality 60": lambda image, _: image,
    "75 % scale": lambda image, _: scaled(image, 0.75),
    "5 % of each side cut off": lambda image, draw: cropped(image, draw.random(), draw.random(), 0.95),
    "5 % cut off at every edge": lambda image, _: cropped(image, 0.5, 0.5, 0.9),
    MIRRORED: lambda image, _: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


@dataclass(frozen=True)
class Photos:
    """All photos: `names` by original, `kinds` by kind of copy, one entry a photo; `pictures` (n, 32, 32)."""

    sets: NDArray[np.str_]
    names: NDArray[np.str_]
    kinds: NDArray[np.str_]
    values: Float32
    pictures: NDArray[np.uint8]

    def take(self, kinds: Iterable[str]) -> Photos:
        kept = np.isin(self.kinds, [ORIGINAL, OTHER, *kinds])
        return Photos(self.sets[kept], self.names[kept], self.kinds[kept], self.values[kept], self.pictures[kept])


def write_photos(options: argparse.Namespace, folder: Path) -> None:
    draw = random.Random(options.random_state)
    for name in options.sets:
        images = options.photos_folder / name / "images"
        files = sorted(path for path in images.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
        chosen = draw.sample(files, min(options.photos + options.others, len(files)))
        for at, path in enumerate(chosen):
            stem = f"{name}@{at}@"
            if at >= options.photos:
                shutil.copyfile(path, folder / f"{stem}{OTHER}{path.suffix}")
                continue
            shutil.copyfile(path, folder / f"{stem}{ORIGINAL}{path.suffix}")
            with Image.open(path) as image:
                for kind, copy in COPIES.items():
                    quality = 60 if kind == "JPEG quality 60" else 90
                    copy(image.convert("RGB"), draw).save(folder / f"{stem}{kind}.jpg", quality=quality)


def read_photos(folder: Path, artifacts: Artifacts) -> Photos:
    limits, backbone = DecodeLimits(), find_backbone()
    with artifacts.writing(), Catalogue(artifacts.catalogue) as catalogue:
        extracted = extract_features(
            discover(folder, limits), artifacts, catalogue, backbone, device="cpu", limits=limits
        )
        photos = extracted.photos.photos
        pictures = catalogue.pictures([photo.content_hash for photo in photos], backbone.key)
    parts = np.array([Path(photo.path).stem.split("@") for photo in photos])
    names = np.char.add(np.char.add(parts[:, 0], "@"), parts[:, 1])
    return Photos(parts[:, 0], names, parts[:, 2], extracted.features.values, pictures)


def search(photos: Photos) -> NDArray[np.int32]:
    """The groups; prints the processor time of the search and of the nearest neighbours that it starts from."""
    space = fit_projection(photos.values, ClusteringSettings().n_pca).space
    started = time.process_time()
    neighbours = nearest(space, space, N_VOTERS, exclude_self=True)
    between = time.process_time()
    groups = find_near_duplicates(space, neighbours, photos.pictures)
    print(
        f"{len(space):,} photos: {time.process_time() - between:.2f} s of processor time, "
        f"{between - started:.2f} s for their nearest neighbours"
    )
    return groups


def recall(photos: Photos, groups: NDArray[np.int32], kind: str, name: str) -> float:
    originals = dict(zip(photos.names[photos.kinds == ORIGINAL], groups[photos.kinds == ORIGINAL], strict=True))
    own = (photos.kinds == kind) & (photos.sets == name)
    return float(
        np.mean(
            [
                group != NO_GROUP and group == originals[of]
                for group, of in zip(groups[own], photos.names[own], strict=True)
            ]
        )
    )


def precision(photos: Photos, groups: NDArray[np.int32]) -> float:
    """Of pairs of originals and copies in one group."""
    made = (photos.kinds != OTHER) & (groups != NO_GROUP)
    n_pairs = n_right = 0
    for group in np.unique(groups[made]):
        counts = np.unique(photos.names[made & (groups == group)], return_counts=True)[1]
        n_pairs += int(counts.sum() * (counts.sum() - 1)) // 2
        n_right += int((counts * (counts - 1)).sum()) // 2
    return n_right / max(n_pairs, 1)


def n_mixed_groups(photos: Photos, groups: NDArray[np.int32], name: str) -> int:
    """Groups with a photo of the set that hold versions of several originals or others."""
    own = np.unique(groups[(photos.sets == name) & (groups != NO_GROUP)])
    return sum(len(np.unique(photos.names[groups == group])) > 1 for group in own)


def report(label: str, photos: Photos, kinds: Iterable[str], sets: Iterable[str]) -> None:
    groups = search(photos)
    for kind in kinds:
        cells = [f"{recall(photos, groups, kind, name):.3f}" for name in sets]
        right = "" if kind == MIRRORED else f"{precision(photos, groups):.3f}"
        print(f"| {label}{kind} | {' | '.join(cells)} | {right} |", flush=True)
    print(f"groups of different photos: {[n_mixed_groups(photos, groups, name) for name in sets]}", flush=True)


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "photos")
        folder.mkdir()
        write_photos(options, folder)
        photos = read_photos(folder, Artifacts(Path(temporary, "artifacts")))
    print(f"| copies | {' | '.join(options.sets)} | precision |\n|{'---|' * (len(options.sets) + 2)}")
    for kind in COPIES:
        report("", photos.take([kind]), [kind], options.sets)
    others = [kind for kind in COPIES if kind != MIRRORED]
    report("all in one library: ", photos.take(others), others, options.sets)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos_folder", metavar="PHOTOS", type=Path, help="the folder of the sets")
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--photos", type=int, default=125, help="photos of each set to copy")
    parser.add_argument("--others", type=int, default=875, help="further photos of each set in the library")
    parser.add_argument("--random-state", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
