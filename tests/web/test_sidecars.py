from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import clustertags
from clustertags.library.artifacts import Artifacts
from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings
from tests.made.labels import write_seeds
from tests.made.photos import write_photos
from tests.web.conftest import ADDRESS

Until = Callable[..., Any]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of its own, as sidecars lie among the photos."""
    folder = tmp_path_factory.mktemp("sidecars")
    kinds = write_photos(folder / "photos", n_kinds=3, n_each=8)
    write_seeds(folder / "seeds.csv", kinds, per_kind=3)
    clustertags.fit(folder / "photos", tags=folder / "seeds.csv", artifacts=folder / "artifacts")
    return folder


@pytest.fixture
def own(library: Path) -> Iterator[TestClient]:
    with TestClient(create_app(WebSettings(library / "artifacts")), base_url=ADDRESS) as client:
        yield client


def done(client: TestClient, until: Until, **order: Any) -> dict[str, Any]:
    assert client.post("/api/sidecars", json=order).status_code == 202
    until(lambda: client.get("/api/sidecars").json()["phase"] != "working", 60)
    state: dict[str, Any] = client.get("/api/sidecars").json()
    return state


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "photos").glob("*.xmp"))


def test_they_are_shown_written_and_undone(library: Path, own: TestClient, until: Until) -> None:
    shown = done(own, until, tags="mine")
    assert (shown["phase"], shown["dry_run"], shown["created"]) == ("ready", True, 9)
    assert names(library) == []
    assert shown["shown"][0]["difference"].startswith("--- /dev/null")
    written = done(own, until, tags="mine", dry_run=False)
    assert (written["created"], written["left"], written["shown"]) == (9, [], [])
    assert len(names(library)) == 9
    undone = done(own, until, action="undo", dry_run=False)
    assert undone["removed"] == 9
    assert names(library) == []


def test_it_waits_while_the_library_is_locked(library: Path, own: TestClient, until: Until) -> None:
    with Artifacts(library / "artifacts").writing():
        own.post("/api/sidecars", json={})
        assert own.get("/api/sidecars").json()["phase"] == "working"
        assert own.post("/api/sidecars", json={}).status_code == 409
    until(lambda: own.get("/api/sidecars").json()["phase"] == "ready", 60)


def test_a_folder_that_is_gone_is_said(library: Path, own: TestClient, until: Until) -> None:
    (library / "photos").rename(library / "elsewhere")
    try:
        state = done(own, until)
    finally:
        (library / "elsewhere").rename(library / "photos")
    assert state["phase"] == "failed"
    assert "is not there" in state["error"]
