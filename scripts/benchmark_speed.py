"""Measure speed as ratios within one run: extraction, decoding, one new photo, and the stages of a fit.

    python scripts/benchmark_speed.py PHOTOS [--photos 1000] [--repeats 3] [--json OUT]

PHOTOS is a folder of JPEGs. The compared runs alternate, `--repeats` times; medians of the ratios are printed, with
their range.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

import clustertags
from clustertags.engines.local import LocalEngine
from clustertags.engines.workers import Workers
from clustertags.features.backbones import Network, find_backbone
from clustertags.features.conversion import COMPILED_FILE, ConvertedBackbone
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import PhotoReader
from clustertags.features.runtime import Runtime
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_store import open_runtime, prepare_backbone
from clustertags.photos.decoding import decode_augmentations, open_photo
from clustertags.photos.discovery import FoundFile, discover
from clustertags.photos.files import DecodeLimits, may_be_photo, read_file
from clustertags.support.cores import usable_cores

LIMITS = DecodeLimits()


@dataclass(frozen=True)
class Ratio:
    """A ratio of two timings, and its target."""

    name: str
    values: list[float]
    target: str

    def line(self) -> str:
        low, high = min(self.values), max(self.values)
        return (
            f"{self.name:58s} {statistics.median(self.values):6.2f}   ({low:.2f} to {high:.2f})   target: {self.target}"
        )


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def decode(path: Path, converted: ConvertedBackbone) -> np.ndarray:
    steps = converted.preprocess
    image = open_photo(read_file(path, LIMITS), LIMITS)
    return decode_augmentations(image, steps.resize_pixels, steps.crop_pixels, steps.interpolation)[0]


def decode_all(paths: list[Path], converted: ConvertedBackbone) -> None:
    with ThreadPoolExecutor(usable_cores()) as pool:
        for _ in pool.map(lambda path: decode(path, converted), paths):
            pass


def infer_all(runtime: Runtime, pixels: np.ndarray, count: int) -> None:
    with ThreadPoolExecutor(usable_cores()) as pool:
        for _ in pool.map(lambda index: runtime.infer(pixels[index % len(pixels)][None]), range(count)):
            pass


def extraction(
    root: Path, paths: list[Path], converted: ConvertedBackbone, runtime: Runtime, repeats: int
) -> list[Ratio]:
    pixels = np.stack([decode(path, converted) for path in paths[:64]])
    files = [FoundFile(str(path.relative_to(root)), 0, 0) for path in paths]
    engine = LocalEngine(
        Extractor(runtime, PhotoReader(converted.preprocess, LIMITS)), Workers("threads", usable_cores())
    )
    over_bound, over_loop = [], []
    network = find_backbone().load()
    for _ in range(repeats):
        decoding = seconds(lambda: decode_all(paths, converted))
        inference = seconds(lambda: infer_all(runtime, pixels, len(paths)))
        extracted = seconds(lambda: list(engine.run(root, files)))
        loop = seconds(lambda: plain_loop(network, paths))
        n = len(paths)
        print(
            f"photos a second: decode {n / decoding:.0f}, inference {n / inference:.0f}, "
            f"extraction {n / extracted:.0f}, plain loop {n / loop:.0f}",
            flush=True,
        )
        over_bound.append((decoding + inference) / extracted)
        over_loop.append(loop / extracted)
    return [
        Ratio("extraction over 1 / (1/decode + 1/inference)", over_bound, "at least 0.9"),
        Ratio("extraction over timm + torch + DataLoader of 2 workers", over_loop, "at least 4"),
    ]


class PlainPhotos:
    """A plain data set: photos decoded in full, then timm's own transform."""

    def __init__(self, paths: list[Path]) -> None:
        from timm.data import create_transform

        self.paths = paths
        halves = (0.5, 0.5, 0.5)
        self.transform = create_transform(
            (3, 224, 224), interpolation="bicubic", mean=halves, std=halves, crop_pct=0.875
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> object:
        return self.transform(Image.open(self.paths[index]).convert("RGB"))


def plain_loop(network: Network, paths: list[Path]) -> None:
    import torch
    from torch.utils.data import DataLoader

    with torch.inference_mode():
        for batch in DataLoader(PlainPhotos(paths), batch_size=32, num_workers=2):
            network.module(batch)


def large_jpegs(converted: ConvertedBackbone, repeats: int) -> Ratio:
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.jpg"
        noise = Image.fromarray(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8))
        noise.resize((4000, 3000), Image.Resampling.BICUBIC).save(path, quality=90)

        def in_full() -> None:
            Image.open(path).convert("RGB").resize((341, 256), Image.Resampling.BICUBIC)

        values = [seconds(in_full) / seconds(lambda: decode(path, converted)) for _ in range(repeats * 3)]
    return Ratio("a 12-megapixel JPEG over a full decode", values, "at least 3")


FLOOR = """
import sys
import numpy
from PIL import Image
sys.modules["openvino_telemetry"] = None
import openvino
compiled = openvino.Core().import_model(open(sys.argv[1], "rb").read(), "CPU", {
    "NUM_STREAMS": int(sys.argv[3]), "INFERENCE_NUM_THREADS": int(sys.argv[3])})
side = compiled.inputs[0].shape[1]
pixels = numpy.asarray(Image.open(sys.argv[2]).convert("RGB").resize((side, side)))
compiled.create_infer_request().infer({0: pixels[None]})
"""


def one_new_photo(artifacts: Path, converted: ConvertedBackbone, photo: Path, repeats: int) -> Ratio:
    floor = [sys.executable, "-c", FLOOR, str(converted.folder / COMPILED_FILE), str(photo), str(usable_cores())]
    command = [str(Path(sys.executable).with_name("clustertags")), "tag", str(photo), "--artifacts", str(artifacts)]

    def run(arguments: list[str]) -> None:
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run(floor)
    run(command)
    values = []
    for _ in range(repeats * 3):
        base, whole = seconds(lambda: run(floor)), seconds(lambda: run(command))
        values.append(whole / base)
        print(f"whole process: floor {base:.2f} s, clustertags tag {whole:.2f} s", flush=True)
    return Ratio("`clustertags tag one.jpg` over its floor", values, "at most 2")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--photos", dest="count", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    root = options.photos.resolve()
    found = [root / file.path for file in discover(root, LIMITS).files]
    paths = [path for path in found if may_be_photo(path)][: options.count]
    with tempfile.TemporaryDirectory() as scratch:
        artifacts = Path(scratch) / "artifacts"
        backbone = find_backbone()
        converted = prepare_backbone(Artifacts(artifacts), backbone)
        runtime = open_runtime(converted, backbone, "cpu")
        ratios = extraction(root, paths, converted, runtime, options.repeats)
        ratios.append(large_jpegs(converted, options.repeats))
        summary = clustertags.fit(root, artifacts=artifacts)
        again = clustertags.fit(root, artifacts=artifacts)
        ratios.append(one_new_photo(artifacts, converted, paths[0], options.repeats))
    print()
    for ratio in ratios:
        print(ratio.line())
    print(f"{'photos decoded by a second fit, nothing changed':58s} {again.n_decoded:6d}   target: 0")
    print(f"\nstages of a fit of {summary.library.n_photos:,} photos in {sum(summary.seconds.values()):.1f} s")
    for name, spent in summary.seconds.items():
        print(f"  {name:20s} {spent:7.2f} s   again, nothing changed: {again.seconds[name]:6.2f} s")
    if options.json:
        figures = {ratio.name: {"values": ratio.values, "bar": ratio.target} for ratio in ratios}
        options.json.write_text(json.dumps({**figures, "fit": dict(summary.seconds)}, indent=1))


if __name__ == "__main__":
    main()
