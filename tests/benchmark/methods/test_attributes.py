"""DAP and IAP: tags by what they are kinds of."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.benchmark.method_building_blocks.attribute_bayes import attribute_scores
from clustertags.benchmark.method_building_blocks.zero_shot_semantics import attributes_of, class_attributes
from clustertags.benchmark.method_interface import Task
from clustertags.benchmark.methods.dap import DAP
from clustertags.benchmark.methods.iap import IAP
from clustertags.names.name_vectors import class_text
from clustertags.names.synsets import load_synsets
from tests.benchmark.methods.made_names import MadeWords, outputs_of, photos_with, plain

BEAGLE, BASSET, PIZZA, AIRLINER = 162, 161, 963, 404


def test_scores_of_two_attributes_by_hand() -> None:
    said, prior = np.array([[0.8, 0.3]]), np.array([0.5, 0.25])
    scores = attribute_scores(said, np.array([[1.0, 0.0], [0.0, 1.0]]), prior)
    by_hand = [np.log(0.8 / 0.5) + np.log(0.7 / 0.75), np.log(0.2 / 0.5) + np.log(0.3 / 0.25)]
    np.testing.assert_allclose(scores, [by_hand])


def test_attributes_are_hypernyms_and_those_of_like_names_where_there_are_none() -> None:
    synsets = load_synsets()
    dog, food = synsets.by_name["dog"][0], synsets.by_name["food"][0]
    words = MadeWords({"woofer": class_text(BEAGLE)})
    beagle, woofer, pizza = attributes_of(["beagle", "woofer", "pizzas"], words)
    assert (beagle[dog], beagle[food]) == (1, 0)
    assert pizza[dog] == 0
    nearest = class_attributes()[np.argsort(-(words.encode(["woofer"]) @ _all(words).T)[0])[:5]]
    np.testing.assert_array_equal(woofer, nearest.mean(axis=0) >= 0.5)
    (unknown,) = attributes_of(["woofer"], None)
    np.testing.assert_array_equal(unknown, class_attributes().mean(axis=0) >= 0.5)


def _all(words: MadeWords) -> np.ndarray:
    return words.encode([class_text(at) for at in range(1000)])


def test_iap_by_hand() -> None:
    """p(a_m | x) is the share of the classes that have the attribute; a dog is told from a pizza by it."""
    photos = photos_with(np.ones((2, 3)), outputs_of({BASSET: 0.7, AIRLINER: 0.3}, {PIZZA: 1.0}))
    method = IAP(overlap="keep").fit(plain(), np.zeros((1, 1), bool), Task(("learnt",)))
    names = ["beagle", "pizza", "airliner"]
    scores = method.predict_candidates(photos, names)
    assert scores.argmax(axis=1).tolist() == [0, 1]
    classes = class_attributes()
    prior = classes.mean(axis=0)
    told = (prior > 0) & (prior < 1)
    said = np.clip((0.7 * classes[BASSET] + 0.3 * classes[AIRLINER])[told], 0.01, 0.99)
    prior, wanted = np.clip(prior[told], 0.01, 0.99), attributes_of(["beagle"], None)[0, told]
    by_hand = np.where(wanted == 1, np.log(said / prior), np.log((1 - said) / (1 - prior))).sum()
    assert scores[0, 0] == pytest.approx(by_hand)


def test_iap_under_the_overlap_rule_knows_nothing_of_the_target() -> None:
    photos = photos_with(np.ones((2, 3)), outputs_of({PIZZA: 0.9, BASSET: 0.1}, {BASSET: 1.0}))
    method = IAP().fit(plain(), np.zeros((1, 1), bool), Task(("learnt",)))
    scores = method.predict_candidates(photos, ["pizza", "beagle"])
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)


def test_dap_finds_a_dog_it_saw_no_photo_of_by_other_dogs() -> None:
    """Features: one direction for dogs, one for food, one for vehicles, and one for every tag alone."""
    seen = ("basset", "bloodhound", "cheeseburger", "hotdog", "airliner", "ambulance")
    kinds = np.repeat(np.arange(3), 2)
    random = np.random.default_rng(0)
    rows = np.repeat(np.arange(6), 6)
    values = np.concatenate([np.eye(3)[kinds[rows]] * 2, np.eye(6)[rows]], axis=1)
    photos = photos_with(values + 0.05 * random.standard_normal(values.shape))
    method = DAP().fit(photos, np.eye(6, dtype=bool)[rows], Task(seen))
    asked = photos_with(np.concatenate([np.eye(3) * 2, np.zeros((3, 6))], axis=1))
    scores = method.predict_candidates(asked, ["beagle", "bagel", "minivan"])
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]
    said = method.predict_attributes(asked)
    dog = np.flatnonzero(method.learnable_ == load_synsets().by_name["dog"][0])
    assert said[0, dog] > 0.7
    assert said[1:, dog].max() < 0.3
