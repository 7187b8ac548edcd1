"""How near the extraction comes to its bound on this machine, on every core and on a GPU, for small and large JPEGs.

    python scripts/benchmark_scaling.py PHOTOS [--device auto] [--jobs N] [--repeats 3] [--json OUT]

PHOTOS is a folder of photos, which are made into JPEGs of 0.19 and 12 megapixels in a temporary folder. Compared runs
alternate; medians are printed, and ratios with their range. Where OpenVINO is not there, torch infers on the processor.
The bound is 1 / (1/decode + 1/inference), decode being the faster of threads and processes; with a GPU, whose work
takes none of the processor, it is the lesser of the two.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from clustertags.engines.decoding_pool import DecodingPool
from clustertags.engines.local import LocalEngine
from clustertags.engines.workers import Workers
from clustertags.errors import UnreadablePhotoError
from clustertags.features.backbones import Network, Preprocess, find_backbone
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import DecodedPhoto, PhotoReader
from clustertags.features.runtime import Runtime, choose_device
from clustertags.features.torch_runtime import TorchRuntime
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_store import open_runtime, prepare_backbone
from clustertags.photos.decoding import thumbnail_of
from clustertags.photos.discovery import FoundFile, discover
from clustertags.photos.files import DecodeLimits, may_be_photo, read_file
from clustertags.support.cores import usable_cores

LIMITS = DecodeLimits()
SIZES = {"0.19 megapixels": ((500, 375), 300), "12 megapixels": ((4000, 3000), 24)}
MOST_PHOTOS = {"0.19 megapixels": 8000, "12 megapixels": 384}
CHUNK = 8
BATCHES = (32, 64, 128, 256)


@dataclass
class Figures:
    """What was measured, by name, each once a round; rates are photos a second."""

    rates: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, n_photos: int, work: Callable[[], object]) -> float:
        started = time.perf_counter()
        work()
        rate = n_photos / (time.perf_counter() - started)
        self.rates.setdefault(name, []).append(rate)
        return rate

    def lines(self) -> list[str]:
        return [f"  {name:44s} {statistics.median(values):9,.0f} photos/s" for name, values in self.rates.items()]


def ratio_line(name: str, values: Sequence[float]) -> str:
    return f"  {name:44s} {statistics.median(values):9.2f}   ({min(values):.2f} to {max(values):.2f})"


def make_photos(source: Path, folder: Path, size: tuple[int, int], count: int) -> list[FoundFile]:
    """`count` JPEGs of this size from the photos of `source`, each of other bytes."""
    folder.mkdir()
    pictures: list[Image.Image] = []
    for file in discover(source, LIMITS).files:
        if len(pictures) == 32:
            break
        path = source / file.path
        if may_be_photo(path):
            try:
                picture = thumbnail_of(read_file(path, LIMITS), max(size), LIMITS)
            except UnreadablePhotoError:
                continue
            pictures.append(picture.resize(size, Image.Resampling.BICUBIC))
    if not pictures:
        sys.exit(f"{source} holds no photo that can be read")
    files = []
    for number in range(count):
        path = folder / f"{number:05d}.jpg"
        pictures[number % len(pictures)].save(path, quality=90, comment=str(number).encode())
        files.append(FoundFile(path.name, path.stat().st_size, 0))
    return files


def chunks(files: Sequence[FoundFile]) -> list[Sequence[FoundFile]]:
    return [files[start : start + CHUNK] for start in range(0, len(files), CHUNK)]


def drain(work: Callable[[Any], object], items: Sequence[Any], n_threads: int) -> None:
    with ThreadPoolExecutor(n_threads) as threads:
        for _ in threads.map(work, items):
            pass


@dataclass
class Machine:
    """What is measured on: the network on its device, and how many decode at a time."""

    network: Callable[[], Network]
    preprocess: Preprocess
    runtime: Runtime
    device: str
    jobs: int

    @property
    def reader(self) -> PhotoReader:
        return PhotoReader(self.preprocess, LIMITS)

    def pixels(self, root: Path, files: Sequence[FoundFile]) -> np.ndarray:
        decoded = [self.reader.read(root, file) for file in files]
        return np.concatenate([photo.pixels for photo in decoded if isinstance(photo, DecodedPhoto)])


def one_round(machine: Machine, root: Path, files: Sequence[FoundFile], figures: Figures) -> tuple[float, float]:
    """Every rate once; returns the extraction's over its bound, in threads and in processes."""
    n, jobs, reader = len(files), machine.jobs, machine.reader
    extractor = Extractor(machine.runtime, reader)
    by_threads = figures.add("decode by threads", n, lambda: drain(lambda file: reader.read(root, file), files, jobs))
    with DecodingPool(reader, jobs) as pool:
        drain(lambda file: pool.read(root, [file]), files[: 2 * jobs], 2 * jobs)  # all have started
        by_processes = figures.add(
            "decode by processes", n, lambda: drain(lambda some: pool.read(root, some), chunks(files), jobs)
        )
    pixels = machine.pixels(root, files[:CHUNK])
    n_inferred = max(n, 64 * jobs) // CHUNK * CHUNK
    inference = figures.add(
        "inference alone, with copies",
        n_inferred,
        lambda: drain(machine.runtime.infer, [pixels] * (n_inferred // CHUNK), 2 * jobs),
    )
    decode = max(by_threads, by_processes)
    bound = 1 / (1 / decode + 1 / inference) if machine.device == "cpu" else min(decode, inference)
    ratios = []
    for kind in ("threads", "processes"):
        with LocalEngine(extractor, Workers(kind, jobs)) as engine:
            list(engine.run(root, files[: 2 * jobs]))
            rate = figures.add(f"extraction, {kind} decode", n, lambda run=engine.run: list(run(root, files)))
        ratios.append(rate / bound)
    return ratios[0], ratios[1]


class PlainPhotos:
    """A plain data set: photos decoded in full, then timm's own transform."""

    def __init__(self, root: Path, files: Sequence[FoundFile], preprocess: Preprocess) -> None:
        from timm.data import create_transform

        self.paths = [root / file.path for file in files]
        self.transform = create_transform(
            (3, preprocess.crop_pixels, preprocess.crop_pixels),
            interpolation=preprocess.interpolation,
            mean=preprocess.mean,
            std=preprocess.std,
            crop_pct=preprocess.crop_pixels / preprocess.resize_pixels,
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> object:
        return self.transform(Image.open(self.paths[index]).convert("RGB"))


def plain_loop(machine: Machine, root: Path, files: Sequence[FoundFile]) -> None:
    """timm, torch's DataLoader with as many workers, autocast."""
    import torch
    from torch.utils.data import DataLoader

    device = machine.device
    module = machine.network().module.to(device).eval()
    photos = PlainPhotos(root, files, machine.preprocess)
    with torch.inference_mode(), torch.autocast(device, torch.float16 if device == "cuda" else torch.bfloat16):
        for batch in DataLoader(photos, batch_size=64, num_workers=machine.jobs, pin_memory=device == "cuda"):
            module(batch.to(device, non_blocking=True)).float().cpu()


def batch_sizes(machine: Machine) -> list[str]:
    """Inference on the device by type and batch size, with copies, one batch after the other."""
    import torch

    from clustertags.features.device_network import DeviceNetwork

    lines = []
    network, side = machine.network(), machine.preprocess.crop_pixels
    for dtype in (torch.float32, torch.float16):
        for batch_photos in BATCHES:
            placed = DeviceNetwork(network, machine.device, batch_photos)
            placed._place(dtype)
            pixels = np.zeros((batch_photos, side, side, 3), np.uint8)
            n_batches = 4096 // batch_photos
            started = 0.0
            for number in range(-4, n_batches):
                if number == 0:
                    started = time.perf_counter()
                placed.slots[number % 2].begin([pixels])
                placed.slots[(number + 1) % 2].finish()
            rate = n_batches * batch_photos / (time.perf_counter() - started)
            lines.append(f"  {placed.precision}, batches of {batch_photos:3d}{'':19s} {rate:9,.0f} photos/s")
    return lines


def cosines(machine: Machine, root: Path, files: Sequence[FoundFile]) -> str:
    """Of the features of the device with those of the processor in single precision."""
    pixels = machine.pixels(root, files[:64])
    exact = TorchRuntime(machine.network(), "cpu").infer(pixels)
    rows = machine.runtime.infer(pixels)
    values = (rows * exact).sum(1) / np.linalg.norm(rows, axis=1) / np.linalg.norm(exact, axis=1)
    return f"  cosine with float32 on the processor: mean {values.mean():.5f}, worst {values.min():.5f}"


FIRST_BATCH = """
import sys, time
started = time.perf_counter()
import numpy as np
from clustertags.features.backbones import find_backbone
from clustertags.features.torch_runtime import TorchRuntime
side = int(sys.argv[2])
TorchRuntime(find_backbone().load(), sys.argv[1]).infer(np.zeros((8, side, side, 3), np.uint8))
print(time.perf_counter() - started)
"""


def seconds_to_first_batch(machine: Machine) -> float:
    command = [sys.executable, "-c", FIRST_BATCH, machine.device, str(machine.preprocess.crop_pixels)]
    return min(float(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(2))


def open_machine(scratch: Path, device: str, jobs: int) -> Machine:
    """The network on the device; on the processor by OpenVINO, or by torch where that is missing."""
    backbone = find_backbone()
    try:
        converted = prepare_backbone(Artifacts(scratch / "artifacts"), backbone)
    except ImportError:
        network = backbone.load()
        print("OpenVINO is not installed: torch infers", flush=True)
        return Machine(backbone.load, network.preprocess, TorchRuntime(network, device), device, jobs)
    return Machine(backbone.load, converted.preprocess, open_runtime(converted, backbone, device), device, jobs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--jobs", type=int, default=usable_cores())
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    device = choose_device(options.device)
    report: dict[str, Any] = {"cores": usable_cores(), "jobs": options.jobs, "device": device}
    print(f"{usable_cores()} cores, {options.jobs} decode at a time, the network on {device}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        machine = open_machine(scratch, device, options.jobs)
        for title, (size, a_core) in SIZES.items():
            root = scratch / title
            files = make_photos(options.photos, root, size, min(MOST_PHOTOS[title], a_core * options.jobs))
            figures = Figures()
            ratios = [one_round(machine, root, files, figures) for _ in range(options.repeats)]
            if device != "cpu":
                figures.add("a plain timm loop with autocast", len(files), lambda: plain_loop(machine, root, files))  # noqa: B023
            threads, processes = ([pair[place] for pair in ratios] for place in (0, 1))
            print(f"{title}, {len(files):,} photos", *figures.lines(), sep="\n")
            print(ratio_line("extraction over its bound, threads", threads))
            print(ratio_line("extraction over its bound, processes", processes), flush=True)
            report[title] = {"photos a second": figures.rates, "threads": threads, "processes": processes}
        agreement = cosines(machine, scratch / next(iter(SIZES)), files_of(scratch / next(iter(SIZES))))
        print("precision", agreement, sep="\n", flush=True)
        if device != "cpu":
            report["seconds to the first batch"] = seconds_to_first_batch(machine)
            print(f"  start to first batch: {report['seconds to the first batch']:.1f} s", flush=True)
            print("inference by batch size and type", *batch_sizes(machine), sep="\n", flush=True)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def files_of(folder: Path) -> list[FoundFile]:
    return [FoundFile(path.name, path.stat().st_size, 0) for path in sorted(folder.iterdir())]


if __name__ == "__main__":
    main()
