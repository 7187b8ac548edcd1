"""Photos that join as they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clustertags.errors import PhotosError, UsageError
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.photos.folder_changes import folder_changes
from clustertags.workflows.add import AddSummary
from clustertags.workflows.watch import Watcher
from tests.made.features import ColourHistogram
from tests.made.labels import write_seeds
from tests.made.photos import made_photo, write_photos
from tests.made.published import publish_photos, use_histogram


class Stopped(Exception):  # noqa: N818
    """Ends a watch, as an interrupt does."""


class Watched:
    """A library whose folder is watched; `steps` are functions, after each of which the changes that it returns are
    told, twice for those that wait.
    """

    def __init__(self, folder: Path) -> None:
        self.photos, self.artifacts = folder / "photos", folder / "artifacts"
        kinds = write_photos(self.photos, n_kinds=2, n_each=6)
        write_seeds(folder / "seeds.csv", kinds, per_kind=2)
        publish_photos(self.photos, folder / "seeds.csv", kinds, self.artifacts)
        self.joined: list[int] = []
        self.notices: list[str] = []
        self.steps: list[object] = []

    def run(self) -> None:
        watcher = Watcher(
            self.photos,
            self.artifacts,
            report=self._report,
            notify=self.notices.append,
            settle_seconds=0,
            changes=self._changes,
        )
        with pytest.raises(Stopped):
            watcher.run()

    def _report(self, summary: AddSummary) -> None:
        self.joined.append(summary.n_joined)

    def _changes(self, folder: Path) -> Iterator[set[Path]]:
        assert folder == self.photos
        yield set()
        while self.steps:
            step = self.steps.pop(0)
            if step == "gone":
                return
            yield step() if callable(step) else set()  # type: ignore[misc]
        raise Stopped

    def new(self, name: str, number: int, kind: int) -> set[Path]:
        path = self.photos / name
        path.parent.mkdir(exist_ok=True)
        made_photo(number, kind).save(path, quality=90)
        return {path}


@pytest.fixture
def histogram(monkeypatch: pytest.MonkeyPatch) -> ColourHistogram:
    return use_histogram(monkeypatch)


@pytest.fixture
def watched(histogram: ColourHistogram, tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_what_is_there_and_what_arrives_joins_in_batches(watched: Watched, histogram: ColourHistogram) -> None:
    before = histogram.n_inferred
    watched.new("early.jpg", 50, 0)
    watched.steps = [
        lambda: watched.new("a.jpg", 51, 1) | watched.new("b.jpg", 52, 1),
        set,
        lambda: watched.new("sub/c.jpg", 53, 0) and {watched.photos / "sub"},
    ]
    watched.run()
    assert watched.joined == [1, 2, 1]
    assert histogram.n_inferred - before == 4, "each once"
    library = load_library(Artifacts(watched.artifacts).current())
    assert (library.n_photos, library.n_added) == (16, 4)


def test_another_writer_is_waited_for(watched: Watched) -> None:
    lock = Artifacts(watched.artifacts).writing()

    def locked() -> set[Path]:
        lock.__enter__()
        return watched.new("a.jpg", 50, 0)

    def free() -> set[Path]:
        lock.__exit__(None, None, None)
        return set()

    watched.steps = [locked, set, free]
    watched.run()
    assert watched.joined == [1]
    (notice,) = watched.notices
    assert "another clustertags is writing" in notice
    assert notice.endswith("; 1 new files wait")


def test_a_folder_that_is_gone_for_a_while_is_watched_again(watched: Watched, tmp_path: Path) -> None:
    def vanish() -> set[Path]:
        watched.photos.rename(tmp_path / "away")
        return set()

    sleeps = []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 3:
            (tmp_path / "away").rename(watched.photos)
            watched.new("meanwhile.jpg", 60, 1)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("clustertags.workflows.watch.time.sleep", sleep)
        watched.steps = [vanish, "gone", lambda: watched.new("later.jpg", 61, 0)]
        watched.run()
    assert watched.joined == [1, 1]
    assert [notice.split()[-1] for notice in watched.notices] == ["it", "back"]


def test_a_file_that_vanishes_before_it_is_read_is_forgotten(watched: Watched) -> None:
    def fleeting() -> set[Path]:
        paths = watched.new("a.jpg", 50, 0)
        next(iter(paths)).unlink()
        return paths

    watched.steps = [fleeting, lambda: watched.new("b.jpg", 51, 0)]
    watched.run()
    assert watched.joined == [1]


def test_a_folder_outside_the_library_is_refused(watched: Watched, tmp_path: Path) -> None:
    watcher = Watcher(tmp_path, watched.artifacts, report=lambda _: None, notify=lambda _: None)
    with pytest.raises(PhotosError, match="outside"):
        watcher.run()


def changes_of(folder: Path, *, polling: bool = False) -> tuple[Iterator[set[Path]], list[str]]:
    notices: list[str] = []
    return folder_changes(folder, notices.append, polling=polling), notices


@pytest.mark.parametrize("polling", [False, True])
def test_the_system_tells_what_changes(tmp_path: Path, polling: bool) -> None:
    changes, notices = changes_of(tmp_path, polling=polling)
    assert next(changes) == set(), "nothing yet"
    (tmp_path / "a.jpg").write_bytes(b"x")
    told = next(changed for changed in changes if changed)
    assert told == {tmp_path / "a.jpg"}
    assert notices == []


def test_a_folder_that_another_one_replaces_ends_the_watch(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    changes, _ = changes_of(folder)
    next(changes)
    folder.rename(tmp_path / "away")
    assert list(changes) == []
    assert list(changes_of(folder)[0]) == []


def test_at_the_systems_limit_the_folder_is_looked_through_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    real, asked = watchfiles.watch, []

    def limited(*paths: Path, force_polling: bool, **options: object) -> Iterator[object]:
        asked.append(force_polling)
        if not force_polling:
            raise OSError("OS file watch limit reached.")
        yield from real(*paths, force_polling=True, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(watchfiles, "watch", limited)
    changes, notices = changes_of(tmp_path)
    next(changes)
    assert asked == [False, True]
    (notice,) = notices
    assert "OS file watch limit reached" in notice
    assert notice.endswith("looked through every 2 s instead")


def test_without_the_package_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "watchfiles", None)
    with pytest.raises(UsageError, match=r"pip install 'clustertags\[watch\]'"):
        next(changes_of(tmp_path)[0])
