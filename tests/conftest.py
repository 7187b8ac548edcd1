"""What tests in every room use."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache as cache_calls
from pathlib import Path
from typing import Any

import pytest
import typer

from clustertags.cli.main import main
from clustertags.features.backbones import find_backbone
from clustertags.features.conversion import ConvertedBackbone
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_cache import CACHE_VARIABLE
from clustertags.library.backbone_store import prepare_backbone
from tests.chromium import launched
from tests.made.image_text import BACKBONE, write_weights
from tests.made.labels import write_seeds
from tests.made.photos import write_photos

SHARED = Path(os.environ.get("CLUSTERTAGS_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The labelled photos and malformed images that lie beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"there is no {SHARED.name}/ beside the repository")
    return SHARED


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def answers(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


_commands_of = cache_calls(typer.main.get_command)  # a tenth of a second each time, and the same each time


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run `clustertags` in this process."""

    def call(*arguments: object) -> Ran:
        capfd.readouterr()
        monkeypatch.setattr(typer.main, "get_command", _commands_of)
        monkeypatch.setattr(sys, "argv", ["clustertags", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        return Ran(status, captured.out, captured.err)

    return call


@pytest.fixture
def heeded_interrupts() -> Iterator[None]:
    """Programs started meanwhile heed interrupts, also where tests run in the background of a shell, which does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder for all tests, never the user's own: the network is converted once."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CACHE_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> ConvertedBackbone:
    """The packaged network, converted, for tests that wait for a program so long and no longer."""
    return prepare_backbone(Artifacts(tmp_path_factory.mktemp("prepared")), find_backbone())


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """A place for artifacts where nothing is fitted."""
    return tmp_path / "artifacts"


@dataclass(frozen=True)
class Library:
    """A fitted folder of made photos: `kinds` has the true kind of each by name."""

    photos: Path
    seeds: Path
    artifacts: Path
    kinds: dict[str, str]


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library that no test changes."""
    import clustertags

    folder = tmp_path_factory.mktemp("library")
    kinds = write_photos(folder / "photos", n_kinds=4, n_each=12)
    write_seeds(folder / "seeds.csv", kinds, per_kind=4)
    artifacts = folder / "artifacts"
    clustertags.fit(folder / "photos", tags=folder / "seeds.csv", artifacts=artifacts)
    return Library(folder / "photos", folder / "seeds.csv", artifacts, kinds)


@pytest.fixture(scope="session")
def image_text(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of a tiny image-text network that no test changes."""
    import clustertags

    folder = tmp_path_factory.mktemp("image-text")
    weights = write_weights(folder)
    kinds = write_photos(folder / "photos", n_kinds=3, n_each=8)
    write_seeds(folder / "seeds.csv", kinds, per_kind=3)
    artifacts = folder / "artifacts"
    clustertags.fit(
        folder / "photos", tags=folder / "seeds.csv", artifacts=artifacts, backbone=BACKBONE, weights=weights
    )
    return Library(folder / "photos", folder / "seeds.csv", artifacts, kinds)


@pytest.fixture
def own_artifacts(fitted: Library, tmp_path: Path) -> Path:
    """A copy of the fitted library's artifacts, to be changed."""
    return Path(shutil.copytree(fitted.artifacts, tmp_path / "artifacts"))


@pytest.fixture
def own_library(fitted: Library, own_artifacts: Path) -> Library:
    """The fitted library with artifacts of its own, to be changed."""
    return replace(fitted, artifacts=own_artifacts)


@pytest.fixture
def fitted_artifacts(fitted: Library) -> Path:
    return fitted.artifacts


@pytest.fixture
def a_photo(fitted: Library) -> Path:
    return fitted.photos / "000-0.jpg"
