"""Of a library whose names are hostile and whose photos know where they were taken: every command and every address.

Nothing that is printed moves a cursor, nothing that is written or served holds a place or a folder of this machine, and
nothing opens a connection.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from PIL import ExifTags, Image

import clustertags
from clustertags.cli import console
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.web.app import create_app
from clustertags.web.routes import ROUTERS
from clustertags.web.settings import WebSettings
from tests.conftest import Library, Ran
from tests.made.commands import Command, all_commands
from tests.made.photos import made_photo

Run = Callable[..., Ran]

ESCAPES = (
    "\x1b[31mred", "\x1b]8;;http://evil\x1b\\x", "\x1b]52;c;ZXZpbA==\x07", "\x9b2J", "cr\rx", "back\x08\x08x",
    "\u202egnp", "\u2066ab\u2069", "zero\u200bwidth", "\x7fdel", "\u2028line", "\x00nul", "tab\tx",
)  # fmt: skip
PLACE, XMP_PLACE = b"Secret Cove", b"48,51.98765N"
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,51.98765N"/></rdf:RDF>'
    "</x:xmpmeta>"
)
PLACES = (PLACE, XMP_PLACE, b"GPSLatitude")
METADATA = (*PLACES, b"EXIF", b"Exif\0", b"XMP ", b"ICCP")
"""What no picture holds: the names of WebP's chunks, too."""

NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"}
_heard: list[str] = []
_listening: list[bool] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening and event in NETWORK:
        _heard.append(f"{event} {arguments[1:]}")


sys.addaudithook(_hear)  # which cannot be taken away again


@pytest.fixture
def closed_network() -> Iterator[list[str]]:
    """What was asked of the network meanwhile, which there should be none of."""
    _heard.clear()
    _listening.append(True)
    yield _heard
    _listening.clear()


def photo_with_a_place(number: int) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (48.0, 51.0, 29.0), 28: b"ASCII\0\0\0" + PLACE})
    buffer = io.BytesIO()
    made_photo(number, kind=number % 3).save(buffer, "JPEG", exif=exif, xmp=XMP.encode())
    return buffer.getvalue()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Photos with hostile names and tags, in which stands where they were taken."""
    folder = tmp_path_factory.mktemp("out")
    photos, artifacts, seeds = folder / "photos", folder / "artifacts", folder / "seeds.jsonl"
    photos.mkdir()
    rows = []
    for number in range(18):
        escape = ESCAPES[number % len(ESCAPES)].replace("/", "_").replace("\0", "")
        name = f"{escape}{number}.jpg"
        (photos / name).write_bytes(photo_with_a_place(number))
        if number < 9:
            rows.append({"image": name, "tags": [f"{ESCAPES[number % 3]} kind {number % 3}", ESCAPES[number]]})
    (photos / "broken\x1b[31m.jpg").write_bytes(b"\xff\xd8\xff broken")
    seeds.write_text("\n".join(json.dumps(row) for row in rows))
    clustertags.fit(photos, tags=seeds, artifacts=artifacts)
    return Library(photos, seeds, artifacts, {})


@pytest.fixture
def own(library: Library, tmp_path: Path) -> Library:
    return replace(library, artifacts=Path(shutil.copytree(library.artifacts, tmp_path / "artifacts")))


def lines(library: Library, folder: Path) -> dict[Command, list[list[object]]]:
    """Each command in the forms that print names; those of edits in an order in which each finds what it edits."""
    photos = load_library(Artifacts(library.artifacts).current()).photos
    hostile = ESCAPES[0] + ESCAPES[6]
    candidates = folder / "candidates.txt"
    candidates.write_text("boat\n" + ESCAPES[0] + "\n")
    return {
        ("clusters", "rename"): [["0", hostile], ["nothing" + hostile, "x"]],
        ("clusters", "split"): [["0", "--parts", "2"], [hostile]],
        ("clusters", "merge"): [["0", "1", "--name", hostile + "merged"]],
        ("clusters", "move"): [[photos[0].path, "--new", hostile + "new"], [hostile, "--out"]],
        ("clusters", "hide"): [["--photos", photos[1].path], [hostile]],
        ("clusters", "undo"): [[]],
        ("clusters", "redo"): [[]],
        ("clusters", "log"): [[], ["--json"]],
        ("clusters", "list"): [[], ["--json"], ["--tag", hostile]],
        ("info",): [["--skipped"], ["--json"], ["--artifacts", folder / hostile]],
        ("tag",): [
            [library.photos, "--explain", "--min-score", "0"],
            [library.photos, "--candidates", candidates, "--format", "csv", "--min-score", "0"],
            [library.photos, "--format", "json"],
            [folder / hostile],
        ],
        ("search",): [["boat", hostile], ["boat", "--format", "jsonl"]],
        ("gallery",): [["--output", folder / "site"], ["--output", folder / hostile]],
        ("serve",): [["--port", "0", "--host", hostile]],
        ("suggest",): [
            [],
            ["--format", "csv"],
            ["--format", "json"],
            ["--output", folder / "sheet"],
            ["--take", folder / hostile],
        ],
        ("evaluate",): [["--folds", "2", "--report", folder / "report.html"], ["--tags", folder / hostile]],
        ("export",): [
            *(["--format", form, "--output", folder / f"export.{form}"] for form in FORMS),
            ["--format", "csv"],
            [],
            ["--sidecars", "--dry-run"],
            ["--output", folder / hostile],
        ],
        ("vocabulary",): [[], ["--json"], ["--write"]],
        ("relocate",): [[library.photos], [folder / hostile]],
        ("add",): [[library.photos], [folder / hostile]],
        ("watch",): [[folder / hostile]],
        ("versions",): [[], ["--format", "json"]],
        ("restore",): [[], ["9999"]],
        ("verify",): [[], ["--format", "json"]],
        ("benchmark",): [
            ["--list"],
            [folder / hostile, "--output", folder / "none"],
            [library.photos, "--tags", library.seeds, "--output", folder / "benchmark", "--least-photos", "2", *CHEAP],
        ],
        ("fit",): [
            [library.photos, "--tags", library.seeds],
            [library.photos, "--tags", folder / hostile],
            [folder / hostile],
        ],
    }


CHEAP = ("--methods", "popularity", "--budgets", "1", "--draws", "1")
FORMS = ("csv", "jsonl", "parquet", "huggingface", "fiftyone", "labelstudio", "exiftool")
EXACT_IN_PIPES = {("suggest", "csv"), ("export", "exiftool")}
"""Files whose names must be those of the photos, to be found again: harmless on a terminal alone."""


def unsafe(text: str) -> set[str]:
    return {char for char in text if not char.isprintable()} - {"\n"}


@pytest.mark.slow
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_every_command(
    run: Run, own: Library, tmp_path: Path, closed_network: list[str], monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    given = lines(own, tmp_path)
    assert set(given) == set(all_commands())
    monkeypatch.setattr(console, "is_terminal", lambda: terminal)
    if terminal:  # what differs on one
        given = {words: given[words] for words in (("suggest",), ("export",), ("tag",))}
    faults = []
    for words, each in given.items():
        for line in each:
            artifacts = [] if words == ("benchmark",) or "--artifacts" in line else ["--artifacts", own.artifacts]
            ran = run(*words, *line, *artifacts)
            exact = not terminal and (words[0], str(line[1]) if len(line) == 2 else "") in EXACT_IN_PIPES
            found = unsafe(ran.err) | (set() if exact else unsafe(ran.out))
            if found:
                faults.append(f"{words} {line}: {found}")
            if closed_network:
                faults.append(f"{words} {line}: asked the network: {closed_network}")
                closed_network.clear()
    assert not faults, "\n".join(faults)
    if not terminal:
        written = [path for path in tmp_path.rglob("*") if path.is_file() and own.artifacts not in path.parents]
        assert len(written) > 20
        for path in written:
            data = path.read_bytes()
            assert not [mark for mark in marks(data) if mark in data], path
            if "cache" not in path.parts:
                assert_no_folder(data, own, str(path))


def marks(data: bytes) -> tuple[bytes, ...]:
    return METADATA if data.startswith(b"RIFF") else PLACES


def assert_no_folder(data: bytes, library: Library, what: str) -> None:
    for folder in (library.photos.parent, library.artifacts.parent, Path.home()):
        assert f"{folder}/".encode() not in data, what
        assert str(folder).replace("/", "\\/").encode() + b"\\/" not in data, what


VALUES = {"content_hash": "0" * 64, "start": "00", "key": "0", "number": "1", "name": "app.css"}


@pytest.fixture
def client(own: Library) -> Iterator[TestClient]:
    with TestClient(create_app(WebSettings(own.artifacts)), base_url="http://127.0.0.1:8017") as client:
        yield client


def addresses(library: Library) -> Iterator[str]:
    """Every address that can be got, of what is there and of what is not."""
    fitted = load_library(Artifacts(library.artifacts).current())
    there = {"content_hash": fitted.photos[0].content_hash, "start": fitted.photos[0].content_hash[:2]}
    queries = ["", "?q=red&text=red&by=tag", "?q=boat&text=a&by=words", "?q=1&text=a&by=name", "?offset=a&limit=b"]
    for router in ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute) or "GET" not in (route.methods or set()):
                continue
            names = set(re.findall(r"{(\w+)}", route.path))
            for values in (VALUES, {**VALUES, **there}) if names & set(there) else (VALUES,):
                path = route.path.format(**values)
                yield from (path + query for query in queries)
                if "export" in route.path:
                    yield from (f"{path}?format={form}" for form in FORMS)
    yield from ("/nowhere", "/openapi.json", "/static/../app.py", "/skipped-99.html")


def test_every_address(client: TestClient, own: Library, closed_network: list[str]) -> None:
    n_right = 0
    for address in addresses(own):
        for accepted in ("text/html", "application/json"):
            answer = client.get(address, headers={"accept": accepted})
            n_right += answer.status_code == 200
            assert_no_folder(answer.content, own, address)
            assert not [mark for mark in marks(answer.content) if mark in answer.content], address
    assert n_right > 60
    assert not closed_network


def test_errors_name_no_folder(client: TestClient, own: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = load_library(Artifacts(own.artifacts).current()).photos[0].content_hash
    order = {"kind": "accept", "photos": [photo], "tags": ["boat"]}
    with Artifacts(own.artifacts).writing():
        said = [client.post("/api/edits", json=order), client.post("/api/sidecars", json={"tags": "mine"})]
    error = clustertags.DamagedError(f"{own.artifacts}/models/0001/a.bin is damaged; see {own.photos}/x and ~")

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("clustertags.web.library_state.LibraryState.snapshot", fail)
    said += [client.get("/api/clusters")]
    assert said[-1].status_code == 500
    assert "artifacts/models/0001/a.bin is damaged" in said[-1].text
    for answer in said:
        assert_no_folder(answer.content, own, str(answer.url))
