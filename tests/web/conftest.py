"""Apps over small fitted libraries, asked as a browser on the same machine would."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from clustertags.features.conversion import read_converted
from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.library.publishing import publish
from clustertags.library.reuse import earlier_reduction
from clustertags.library.saving import load_library
from clustertags.types import Photo, SkippedFile
from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings
from tests.conftest import Library

ADDRESS = "http://127.0.0.1:8017"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "--><script>alert(1)<!--",
    "<script>document.title='run'<!--",
    "</textarea><script>alert(1)",
    "{{7*7}}{% raw %}",
    "${7*7}`;alert(1)//",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "a\u2028b",
    "__proto__",
    "constructor",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "&lt;b&gt;&#x27;",
    "A" * 120,
)


@pytest.fixture(scope="module")
def client(fitted: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server over a library that no test changes; what the server keeps for itself goes to a copy."""
    artifacts = Path(shutil.copytree(fitted.artifacts, tmp_path_factory.mktemp("served") / "artifacts"))
    with TestClient(create_app(WebSettings(artifacts)), base_url=ADDRESS) as client:
        yield client


@pytest.fixture(scope="session")
def photo_bytes(fitted: Library) -> bytes:
    return (fitted.photos / "000-0.jpg").read_bytes()


@pytest.fixture
def editable(own_artifacts: Path) -> Iterator[TestClient]:
    """A server over a library of the test's own."""
    with TestClient(create_app(WebSettings(own_artifacts)), base_url=ADDRESS) as client:
        yield client


@pytest.fixture(scope="session")
def hostile_artifacts(fitted: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fitted library with names, tags and clusters that would be markup anywhere they were taken for it."""
    folder = tmp_path_factory.mktemp("hostile")
    artifacts = Artifacts(Path(shutil.copytree(fitted.artifacts, folder / "artifacts")))
    version = artifacts.current()
    library = hostile(load_library(version), folder / "photos")
    reduction = earlier_reduction(artifacts, version.manifest["layout"])
    assert reduction is not None
    converted = read_converted(version.folder)
    publish(artifacts, library, reduction.embedding, converted, version.manifest["layout"])
    return artifacts.folder


def hostile(library: FittedLibrary, root: Path) -> FittedLibrary:
    """The library with hostile words for all that a person names; its files are copied to `root` under such names."""
    root.mkdir()
    photos = []
    for number, photo in enumerate(library.photos):
        name = f"{HOSTILE[number % len(HOSTILE)].replace('/', '_')}{number}.jpg"
        shutil.copyfile(library.root / photo.path, root / name)
        photos.append(Photo(photo.content_hash, (name,)))
    vocabulary = tuple(HOSTILE[: len(library.seeds.vocabulary)])
    described = tuple(
        replace(item, name=HOSTILE[at % len(HOSTILE)], tags=tuple((tag, 0.5) for tag in HOSTILE[:3]))
        for at, item in enumerate(library.descriptions)
    )
    return replace(
        library,
        root=root,
        photos=tuple(photos),
        skipped=tuple(SkippedFile(name, f"because {name}", is_photo=True) for name in HOSTILE),
        descriptions=described,
        seeds=replace(library.seeds, vocabulary=vocabulary),
        tag_model=None,
        base=None,
    )


@pytest.fixture
def until() -> Callable[..., Any]:
    """Wait for what a function returns to be true; at most so many seconds."""

    def wait(found: Callable[[], Any], seconds: float = 30) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if result := found():
                return result
            time.sleep(0.05)
        raise AssertionError("it did not come about")

    return wait


def read_points(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the columns of `GET /api/map`."""
    import json

    size = int.from_bytes(content[:4], "little")
    header = json.loads(content[4 : 4 + size])
    at, columns = 4 + size, {}
    for name, kind, each in header["columns"]:
        column = np.frombuffer(content, kind, header["n"] * each, at)
        columns[name] = column.reshape(header["n"], each)
        at += -(-column.nbytes // 4) * 4
    assert at == len(content)
    return header, columns
