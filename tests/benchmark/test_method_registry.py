"""The registry of methods: names, order, plug-ins."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import ClassVar, Self

import numpy as np
import pytest

from clustertags.benchmark import method_registry
from clustertags.benchmark.method_interface import Family, Method, Need, PhotoSample, Task
from clustertags.errors import UsageError
from clustertags.types import Bool


class Constant:
    name: ClassVar[str] = "constant"
    title: ClassVar[str] = "The same for all"
    family: ClassVar[Family] = Family.BASELINE
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "none"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.n_tags_ = tags.shape[1]
        return self

    def predict_scores(self, photos: PhotoSample) -> np.ndarray:
        return np.zeros((len(photos), self.n_tags_))


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    method_registry.all_methods()  # or a module that is imported first in here would be lost to the tests that follow
    monkeypatch.setattr(method_registry, "_METHODS", {})


def offer(monkeypatch: pytest.MonkeyPatch, name: str, target: str) -> None:
    entry = EntryPoint(name, target, method_registry.ENTRY_POINTS)
    monkeypatch.setattr(
        method_registry, "entry_points", lambda group: [entry] if group == method_registry.ENTRY_POINTS else []
    )


@pytest.mark.usefixtures("empty")
def test_a_name_can_be_taken_once() -> None:
    method_registry.register(Constant)
    with pytest.raises(ValueError, match="registered twice"):
        method_registry.register(Constant)


def test_an_unknown_name_lists_the_choices() -> None:
    with pytest.raises(UsageError, match="no method is called nonsense: choose among"):
        method_registry.find_methods(["nonsense"])


@pytest.mark.usefixtures("empty")
def test_a_method_of_another_package_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "constant", f"{__name__}:Constant")
    assert method_registry.find_methods(["constant"]) == [Constant]
    assert isinstance(Constant(), Method)


@pytest.mark.usefixtures("empty")
def test_a_plug_in_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, "broken", "no_such_module:Thing")
    with pytest.raises(UsageError, match="broken of another package cannot be loaded"):
        method_registry.all_methods()


def test_nothing_is_downloaded_unexpectedly() -> None:
    usual = {method.name for method in method_registry.usual_methods()}
    assert {"clustertags", "linear-svm"} <= usual
    assert set(method_registry.all_methods()) - usual == {"resnet18"}


def test_methods_come_family_by_family_with_all_that_a_row_says() -> None:
    methods = method_registry.all_methods()
    order = [list(Family).index(method.family) for method in methods.values()]
    assert order == sorted(order)
    for name, method in methods.items():
        assert method.name == name
        assert method.title
        assert method.paper
        assert method.needs
        assert method.__doc__
