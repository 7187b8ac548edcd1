"""What `import clustertags` gives: its names, and the examples of its docstrings."""

from __future__ import annotations

import doctest
import shutil
from pathlib import Path

import pytest

import clustertags
from tests.conftest import Library


def test_every_exported_name_is_there_and_listed() -> None:
    for name in clustertags.__all__:
        assert getattr(clustertags, name) is not None
        assert name in dir(clustertags)
    with pytest.raises(AttributeError, match="no_such_name"):
        clustertags.no_such_name  # noqa: B018


def test_every_error_is_exported() -> None:
    from clustertags import errors

    raised = {name for name, item in vars(errors).items() if isinstance(item, type)}
    assert raised <= set(clustertags.__all__)
    assert all(issubclass(getattr(clustertags, name), clustertags.ClusterTagsError) for name in raised)


def test_augment_has_an_earlier_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from clustertags.workflows import fit as fit_workflow

    given: list[int] = []
    monkeypatch.setattr(fit_workflow, "fit", lambda settings, _: given.append(settings.augment))
    clustertags.fit("photos")
    clustertags.fit("photos", augment=2)
    clustertags.fit("photos", views=3)
    clustertags.fit("photos", augment=4, views=4)
    assert given == [1, 2, 3, 4]
    with pytest.raises(clustertags.UsageError, match="augment=1 and views=2"):
        clustertags.fit("photos", augment=1, views=2)


@pytest.fixture
def desk(fitted: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the examples suppose it."""
    (tmp_path / "photos").symlink_to(fitted.photos)
    shutil.copytree(fitted.artifacts, tmp_path / "artifacts")
    shutil.copy(fitted.seeds, tmp_path / "seeds.csv")
    shutil.copy(fitted.photos / "000-0.jpg", tmp_path / "new.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_examples_of_the_docstrings_hold(desk: Path) -> None:
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    examples = 0
    for name in clustertags.__all__:
        item = getattr(clustertags, name)
        for test in finder.find(item, name, globs={"clustertags": clustertags, "Path": Path}):
            examples += len(test.examples)
            runner.run(test)
    assert examples >= 10
    assert runner.failures == 0
