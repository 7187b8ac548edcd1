"""What every method must satisfy."""

from __future__ import annotations

from copy import copy
from pathlib import Path

import numpy as np
import pytest

from clustertags.benchmark.method_building_blocks.fine_tuning import Recipe
from clustertags.benchmark.method_interface import Family, Method, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import all_methods
from clustertags.benchmark.methods.resnet18 import WEIGHTS_VARIABLE
from clustertags.errors import UsageError
from tests.benchmark.methods.samples import Made, first, make, share_right

# These families have tests of their own: they need word vectors, attributes or users.
OTHERS = {Family.ZERO_SHOT, Family.GENERATOR, Family.USERS}
METHODS = [method for method in all_methods().values() if method.family not in OTHERS]
CHANCE_LEVEL = {"random", "popularity"}
FAST = [method for method in METHODS if method.family is not Family.DEEP]


@pytest.fixture(params=METHODS, ids=lambda method: method.name)
def method(request: pytest.FixtureRequest, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Method:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(weights))
    deep = request.param.family is Family.DEEP  # whose thirteen epochs have a test of their own
    return request.param(recipe=Recipe(n_epochs=1)) if deep else request.param()


def made_for(method: Method, *, several: bool = False) -> Made:
    """Fewer photos for a network that is trained on a processor."""
    return make(6, 3, 4, several=several) if method.family is Family.DEEP else make(several=several)


@pytest.mark.parametrize("several", [False, True], ids=["one tag a photo", "several"])
def test_scores_are_finite_repeat_themselves_and_belong_to_the_photo(method: Method, several: bool) -> None:
    made = made_for(method, several=several)
    scores = method.fit(made.labelled, made.tags, made.task).predict_scores(made.new)
    assert scores.shape == made.new_tags.shape
    assert np.isfinite(scores).all()
    again = copy(method).fit(made.labelled, made.tags, made.task).predict_scores(made.new)
    np.testing.assert_array_equal(scores, again)
    alone = method.predict_scores(first(made.new, 1))
    np.testing.assert_allclose(alone, scores[:1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", FAST, ids=lambda method: method.name, indirect=True)
def test_labels_teach(method: Method) -> None:
    made = made_for(method)
    scores = method.fit(made.labelled, made.tags, made.task).predict_scores(made.new)
    if method.name in CHANCE_LEVEL:
        assert share_right(scores, made.new_tags) < 0.7
    else:
        assert share_right(scores, made.new_tags) > 0.7


def test_one_labelled_photo_with_one_tag_will_do(method: Method) -> None:
    made = made_for(method)
    task = Task(("only",), None, made.task.classifier)
    scores = method.fit(first(made.labelled, 1), np.ones((1, 1), bool), task).predict_scores(made.new)
    assert scores.shape == (len(made.new), 1)
    assert np.isfinite(scores).all()


def test_a_tag_without_a_photo_is_last_and_one_of_all_is_no_obstacle(method: Method) -> None:
    made = made_for(method)
    n = len(made.labelled)
    tags = np.column_stack([np.zeros(n, bool), made.tags, np.ones(n, bool)])
    task = Task(("never", *made.task.names, "always"), made.task.unlabelled, made.task.classifier)
    scores = method.fit(made.labelled, tags, task).predict_scores(made.new)
    assert np.isfinite(scores).all()
    if method.name != "random":
        assert (scores[:, 0] <= scores[:, 1:].min(axis=1)).all()


def test_no_photo_carries_any_tag(method: Method) -> None:
    made = made_for(method)
    scores = method.fit(made.labelled, np.zeros_like(made.tags), made.task).predict_scores(made.new)
    assert np.isfinite(scores).all()


def test_pictures_are_asked_for_only_by_methods_that_say_so(method: Method) -> None:
    made = made_for(method)
    labelled, new = PhotoSample(made.labelled.features), PhotoSample(made.new.features)
    if Need.PICTURES in method.needs:
        with pytest.raises(UsageError, match=f"{method.name} needs the pictures"):
            method.fit(labelled, made.tags, made.task)
    else:
        assert np.isfinite(method.fit(labelled, made.tags, made.task).predict_scores(new)).all()
