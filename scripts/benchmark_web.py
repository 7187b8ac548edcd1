"""Measure the web app: pages of a large library, many uploads, and slow clients.

    python scripts/benchmark_web.py --artifacts DIR [--photos 100000] [--uploads 10000] [--at-once 64] [--slow 100]

With `--map` also the frames of the map, in Chromium by the package playwright. DIR is a fitted library. Pages are
measured on a synthetic library of `--photos` photos and thumbnails, with DIR's network; uploads go to a copy of DIR.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import io
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from clustertags.features.conversion import read_converted
from clustertags.library.artifacts import Artifacts
from clustertags.library.model import Base, FittedLibrary
from clustertags.library.publishing import publish
from clustertags.library.saving import load_library
from clustertags.pages.thumbnails import encode, thumbnail_href
from clustertags.tagging.top_tags import TopTags
from clustertags.types import ClusterDescription, Clusters, Photo, SeedTags

N_CLUSTERS = 600
THUMBNAILS = 64


def synthetic_library(source: FittedLibrary, n: int) -> FittedLibrary:
    """`n` photos in clusters of very different sizes, with the tags of `source`; without files."""
    rng = np.random.default_rng(0)
    labels = np.sort(rng.zipf(1.3, n) % N_CLUSTERS)
    _, labels = np.unique(labels, return_inverse=True)
    order = np.argsort(-np.bincount(labels), kind="stable")
    labels = np.argsort(order)[labels].astype(np.int32)
    k = len(order)
    width = source.space.shape[1]
    space = rng.standard_normal((k, width))[labels] + rng.standard_normal((n, width))
    space = (space / np.linalg.norm(space, axis=1, keepdims=True)).astype(np.float32)
    medoids = np.array([np.flatnonzero(labels == at)[0] for at in range(k)], np.int32)
    clusters = Clusters(
        labels,
        rng.random(n).astype(np.float32),
        np.zeros(n, bool),
        medoids,
        rng.random(k).astype(np.float32),
        np.zeros((0, k), np.int32),
    )
    vocabulary = source.seeds.vocabulary or ("tag",)
    width_tags = min(4, len(vocabulary))
    photos = np.arange(0, n, max(1, n // 500), dtype=np.int32)
    seed_tags = SeedTags(vocabulary, photos, np.arange(len(vocabulary)) == (labels[photos] % len(vocabulary))[:, None])
    top = (labels[:, None] + np.arange(width_tags)) % len(vocabulary)
    return replace(
        source,
        photos=tuple(
            Photo(hashlib.sha256(str(at).encode()).hexdigest(), (f"{at // 1000:04d}/IMG_{at:06d}.JPG",))
            for at in range(n)
        ),
        space=space,
        map=(3 * rng.standard_normal((k, 2))[labels] + rng.standard_normal((n, 2))).astype(np.float32),
        clusters=clusters,
        descriptions=tuple(
            ClusterDescription(f"cluster of {at}", ((vocabulary[at % len(vocabulary)], 0.5),), "tags")
            for at in range(k)
        ),
        seeds=seed_tags,
        tag_model=None,
        top_tags=TopTags.without_shares(
            top.astype(np.int32), -np.sort(-rng.random((n, width_tags)), axis=1).astype(np.float32)
        ),
        neighbours=None,
        base=Base(clusters, seed_tags),
        edits="",
        cluster_keys=(),
        hidden=np.zeros(0, np.int32),
        rejected={},
    )


def write_synthetic(source: Path, folder: Path, n: int) -> None:
    """Copy the artifacts and publish a synthetic library with thumbnails there."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("gallery", "thumbs"))
    artifacts = Artifacts(folder)
    version = artifacts.current()
    library = synthetic_library(load_library(version), n)
    embedding = np.zeros((n, 2), np.float32)
    publish(artifacts, library, embedding, read_converted(version.folder), version.manifest["layout"])
    rng = np.random.default_rng(1)
    pictures = [
        encode(Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).resize((256, 256))) for _ in range(THUMBNAILS)
    ]
    for number, photo in enumerate(library.photos):
        target = folder / thumbnail_href(photo.content_hash)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pictures[number % THUMBNAILS])


@contextmanager
def serving(artifacts: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """`clustertags serve` in a process of its own; its port."""
    command = [sys.executable, "-m", "clustertags", "serve", "--artifacts", str(artifacts), "--port", "0"]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().rsplit(":", 1)[1].strip("/\n"))
        print(f"{'start until the address is printed':48s} {time.monotonic() - started:8.2f} s")
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=20)


def get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes, float, str]:
    """Status, body, seconds and the URL of a list's next part."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body, time.monotonic() - started, response.headers.get("x-next") or ""


def measure_pages(port: int) -> None:
    def show(what: str, seconds: list[float], limit: float) -> None:
        verdict = "" if max(seconds) < limit else f"  OVER {limit} s"
        print(f"{what:48s} {statistics.median(seconds):8.3f} s, most {max(seconds):.3f} s{verdict}")

    show("first page, at once after the start", [get(port, "/")[2]], 1.0)
    show("first page", [get(port, "/")[2] for _ in range(5)], 1.0)
    clusters = json.loads(get(port, "/api/clusters?limit=5")[1])["clusters"]
    for what, start in {
        "scrolling the wall, a part": "/parts/clusters",
        "scrolling the largest cluster, a part": f"/parts{clusters[0]['href']}",
        "scrolling search results, a part": "/parts/search?q=img&by=name",
    }.items():
        seconds, following = [], start
        for _ in range(12):
            if not following:
                break
            _, _, took, following = get(port, following)
            seconds.append(took)
        print(f"{what + ', first':48s} {seconds[0]:8.3f} s")
        show(what, seconds[1:], 0.1)
    photo = json.loads(get(port, "/api/search?q=img&by=name&limit=50")[1])["photos"]
    show("a thumbnail", [get(port, f"/thumbs/{item['photo'][:2]}/{item['photo']}.webp")[2] for item in photo], 0.1)
    show("the map's points", [get(port, "/api/map")[2] for _ in range(3)], 2.0)
    print(f"{'the map in bytes':48s} {len(get(port, '/api/map')[1]):8,d}")
    show("photos like one", [get(port, f"/search?by=photo&q={item['photo']}")[2] for item in photo[:5]], 1.0)


PAN_AND_ZOOM = """async (kind) => {
  const canvas = document.getElementById("map-canvas"), box = canvas.getBoundingClientRect();
  const at = (dx, dy) => ({ clientX: box.left + box.width / 2 + dx, clientY: box.top + box.height / 2 + dy,
    pointerId: 1, pointerType: "mouse", button: 0, buttons: 1, bubbles: true, cancelable: true });
  canvas.setPointerCapture = () => {};
  if (kind === "pan") canvas.dispatchEvent(new PointerEvent("pointerdown", at(0, 0)));
  const frames = [];
  let before = await new Promise(requestAnimationFrame);
  for (let step = 1; step <= 60; step++) {
    if (kind === "pan") canvas.dispatchEvent(new PointerEvent("pointermove", at(4 * step, 2 * step)));
    else canvas.dispatchEvent(new WheelEvent("wheel", { ...at(0, 0), deltaY: kind === "in" ? -60 : 60 }));
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - before);
    before = now;
  }
  if (kind === "pan") canvas.dispatchEvent(new PointerEvent("pointerup", at(240, 120)));
  return frames;
}"""


def measure_map(port: int) -> None:
    """Frames while the whole map is drawn, in a window of 1400 by 900 pixels."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        started = time.monotonic()
        page.goto(f"http://127.0.0.1:{port}/map")
        page.wait_for_selector("#map-canvas[data-drawn]", timeout=60_000)
        print(f"{'map: until it is drawn':48s} {time.monotonic() - started:8.3f} s")
        for kind in ("pan", "in", "out"):
            frames = page.evaluate(PAN_AND_ZOOM, kind)[1:]
            middle, most = statistics.median(frames), np.percentile(frames, 95)
            words = {"pan": "pan", "in": "zoom in", "out": "zoom out"}[kind]
            print(f"{'map: frames, ' + words:48s} {middle:8.0f} ms, 95th percentile {most:.0f} ms")
        browser.close()


def synthetic_uploads() -> list[bytes]:
    """Ten bodies: nine photos, and one that is broken."""
    rng = np.random.default_rng(2)
    bodies = []
    for _ in range(9):
        buffer = io.BytesIO()
        Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8)).resize((1600, 1200)).save(
            buffer, "JPEG", quality=88
        )
        bodies.append(buffer.getvalue())
    return [*bodies, bodies[0][:2000]]


def rss_mebibytes(process: subprocess.Popen[str]) -> float:
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def measure_uploads(port: int, process: subprocess.Popen[str], n: int, at_once: int) -> None:
    bodies = synthetic_uploads()
    junk = [b"no photo at all", b"\xff\xd8\xff" + bytes(500), b"\x89PNG\r\n\x1a\n" + os.urandom(500)]
    statuses: Counter[int] = Counter()
    health: list[float] = []
    done = threading.Event()

    def ask_health() -> None:
        while not done.wait(0.05):
            health.append(get(port, "/health")[2])

    def send(number: int) -> int:
        data = bodies[number % 9] if number % 10 else random.Random(number).choice([bodies[9], *junk])
        boundary = "----benchmark"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{number}.jpg"\r\n\r\n'
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("POST", "/api/tag", body, {"content-type": f"multipart/form-data; boundary={boundary}"})
        response = connection.getresponse()
        response.read()
        connection.close()
        if response.status == 503:
            time.sleep(0.05)
        return response.status

    for number in range(20):
        send(number)
    before, peak = rss_mebibytes(process), 0.0
    watcher = threading.Thread(target=ask_health)
    watcher.start()
    started = time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        for number, status in enumerate(pool.map(send, range(n))):
            statuses[status] += 1
            if number % 100 == 0:
                peak = max(peak, rss_mebibytes(process))
    seconds = time.monotonic() - started
    done.set()
    watcher.join()
    print(f"{n:,} uploads, {at_once} at a time: {seconds:.1f} s, {dict(sorted(statuses.items()))}")
    print(f"{'memory before, peak, after, MiB':48s} {before:8.0f} {peak:.0f} {rss_mebibytes(process):.0f}")
    print(f"{'health, 99th percentile':48s} {np.percentile(health, 99):8.3f} s of {len(health):,}")


def measure_slow(port: int, n: int) -> None:
    beginnings = (
        b"",
        b"GET / HT",
        b"POST /api/tag HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 9999\r\n\r\nx" % port,
    )
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(n)]
    for number, client in enumerate(clients):
        client.sendall(beginnings[number % len(beginnings)])
    started, took = time.monotonic(), get(port, "/health")[2]
    dropped = 0
    for client in clients:
        client.settimeout(max(0.1, 60 - (time.monotonic() - started)))
        try:
            while client.recv(65536):
                pass
            dropped += 1
        except ConnectionResetError:
            dropped += 1
        except TimeoutError:
            pass
        client.close()
    seconds = time.monotonic() - started
    print(f"{dropped} of {n} slow clients dropped within {seconds:.1f} s; health meanwhile {took:.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--artifacts", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--uploads", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--slow", type=int, default=100)
    parser.add_argument("--map", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if options.photos:
            write_synthetic(options.artifacts, Path(temporary) / "made", options.photos)
            with serving(Path(temporary) / "made") as (port, process):
                measure_pages(port)
                if options.map:
                    measure_map(port)
                print(f"{'memory, MiB':48s} {rss_mebibytes(process):8.0f}")
        copied = shutil.copytree(options.artifacts, Path(temporary) / "copy")
        with serving(Path(copied)) as (port, process):
            if options.uploads:
                measure_uploads(port, process, options.uploads, options.at_once)
            if options.slow:
                measure_slow(port, options.slow)


if __name__ == "__main__":
    main()
