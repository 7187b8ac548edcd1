"""What is learnt once photos are grouped, from no tag at all to tags that say nothing of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clustertags.labels.rules import NO_RULES
from clustertags.labels.rules_file import parse_rules
from clustertags.names.hierarchy import N_CLASSES
from clustertags.tagging.top_tags import KEPT
from clustertags.types import Classifier, Features, SeedTags
from clustertags.workflows import learn
from clustertags.workflows.learn import ClusteredPhotos, LearntTags, learn_tags
from tests.benchmark.methods.made_names import MadeWords
from tests.made.clusters import clusters_of
from tests.made.features import as_features
from tests.made.fitted import half_known_library
from tests.made.labels import seed_tags

N, N_KINDS = 60, 3
KINDS = np.arange(N) % N_KINDS
STRAWBERRY, CAR, GOLDEN = 949, 817, 207


class ListeningWords(MadeWords):
    """Remembers the names that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.read += [text for text in texts if not text.startswith("a photo of")]
        return super().encode(texts)


def grouped(*, classes: tuple[int, ...] = (), **changes: Any) -> ClusteredPhotos:
    """Photos of three kinds in turn, each a cluster; with `classes`, a network that sees a class in each kind."""
    random = np.random.default_rng(0)
    values = np.eye(N_KINDS, 12)[KINDS] + np.abs(0.1 * random.standard_normal((N, 12)))
    features = as_features(values)
    weight = np.zeros((N_CLASSES, 12), np.float32)
    for kind, shown in enumerate(classes):
        weight[shown, kind] = 12
    classifier = Classifier(weight, np.zeros(N_CLASSES, np.float32)) if classes else None
    return replace(ClusteredPhotos(features, classifier, features.values, clusters_of(KINDS)), **changes)


NO_TAGS = SeedTags((), np.zeros(0, np.int32), np.zeros((0, 0), np.bool_))
EACH_KIND = seed_tags({0: "cat", 1: "dog", 2: "boat", 3: "cat", 4: "dog", 5: "boat"})


def steps_of(given: ClusteredPhotos, seeds: SeedTags) -> tuple[LearntTags, list[tuple[str, int, int]]]:
    steps: list[tuple[str, int, int]] = []
    return learn_tags(given, seeds, NO_RULES, progress=lambda *step: steps.append(step)), steps


def ends_of(steps: list[tuple[str, int, int]]) -> dict[str, tuple[int, int]]:
    """The last that was said of each stage."""
    return {stage: (done, total) for stage, done, total in steps}


def assert_sound(learnt: LearntTags, n_tags: int) -> None:
    assert learnt.top_tags.tags.shape == (N, n_tags)
    assert ((learnt.top_tags.scores >= 0) & (learnt.top_tags.scores <= 1)).all()
    assert len(learnt.descriptions) == N_KINDS
    assert len({item.name for item in learnt.descriptions}) == N_KINDS


def test_a_few_tags_reach_every_photo_of_their_kind() -> None:
    learnt, _ = steps_of(grouped(), EACH_KIND)
    assert_sound(learnt, 3)
    assert [learnt.seed_tags.vocabulary[tag] for tag in learnt.top_tags.tags[:, 0]] == ["cat", "dog", "boat"] * 20
    assert [item.name for item in learnt.descriptions] == ["cat", "dog", "boat"]
    assert [item.n_labelled for item in learnt.descriptions] == [2, 2, 2]


def test_a_stray_label_names_no_cluster_of_another_kind() -> None:
    library = half_known_library()
    features = as_features(library.space - library.space.min())
    learnt = learn_tags(ClusteredPhotos(features, None, library.space, library.clusters), library.seeds, NO_RULES)
    named = {item.name: item.n_labelled for item in learnt.descriptions}
    assert named == {"cluster 0": 1, "cluster 1": 0, "cluster 2": 0, "kind3": 10, "kind4": 10, "kind5": 10}


def test_without_tags_there_is_no_model_and_clusters_have_names() -> None:
    learnt, steps = steps_of(grouped(classes=(STRAWBERRY, CAR, GOLDEN)), NO_TAGS)
    assert learnt.tag_model is None
    assert steps == []
    assert_sound(learnt, 0)
    assert [item.source for item in learnt.descriptions] == ["hierarchy"] * 3
    assert [item.name for item in learnt.descriptions] == ["strawberry", "sports car", "golden retriever"]
    assert learnt.neighbours.indices.shape[0] == N


def test_without_tags_and_classes_clusters_are_numbered() -> None:
    learnt, _ = steps_of(grouped(), NO_TAGS)
    assert_sound(learnt, 0)
    assert {item.source for item in learnt.descriptions} == {"number"}


def test_one_tag_is_that_of_every_photo_more_where_it_was_given() -> None:
    learnt, _ = steps_of(grouped(), seed_tags({0: "cat", 3: "cat", 6: "cat"}))
    assert_sound(learnt, 1)
    assert (learnt.top_tags.tags == 0).all()
    assert learnt.descriptions[0].name == "cat"
    assert learnt.demoted == {}


def test_one_labelled_photo_is_enough_for_a_model() -> None:
    learnt, _ = steps_of(grouped(), seed_tags({4: "dog puppy"}))
    assert_sound(learnt, 2)
    assert learnt.tag_model is not None
    assert [item.n_labelled for item in learnt.descriptions] == [0, 1, 0]
    assert learnt.descriptions[1].source == "tags"
    alike, other = learnt.top_tags.scores[KINDS == 1], learnt.top_tags.scores[KINDS == 0]
    assert alike[:, 0].mean() >= other[:, 0].mean()


def with_blind_tag() -> tuple[ClusteredPhotos, SeedTags]:
    """Every photo labelled with its kind, and a blind tag on most photos of all kinds, thrice as many photos."""
    n = 3 * N
    kinds = np.arange(n) % N_KINDS
    random = np.random.default_rng(1)
    values = np.eye(N_KINDS, 32)[kinds] + np.abs(0.3 * random.standard_normal((n, 32)))
    features = as_features(values)
    space = features.values - features.values.mean(axis=0)
    space /= np.linalg.norm(space, axis=1, keepdims=True)
    matrix = np.column_stack([kinds[:, None] == np.arange(N_KINDS), random.permutation(n) < 0.7 * n])
    seeds = SeedTags(("boat", "cat", "dog", "tbt"), np.arange(n, dtype=np.int32), matrix)
    return ClusteredPhotos(features, None, space, clusters_of(kinds)), seeds


def test_demoted_tags_score_their_share_and_name_no_cluster() -> None:
    given, seeds = with_blind_tag()
    learnt = learn_tags(given, seeds, NO_RULES)
    assert set(learnt.demoted) == {"tbt"}
    assert "in all clusters alike" in learnt.demoted["tbt"]
    assert learnt.seed_tags.notices == (f"tbt is demoted: {learnt.demoted['tbt']}.",)
    assert learnt.seed_tags.vocabulary == seeds.vocabulary, "it is still a tag"
    assert (np.diff(learnt.top_tags.scores, axis=1) <= 0).all(), "listed by score"
    share = seeds.matrix[:, 3].mean()
    np.testing.assert_allclose(learnt.top_tags.scores[learnt.top_tags.tags == 3], share, atol=1e-3)
    assert not learnt.top_tags.shares[learnt.top_tags.tags == 3].any(), "no component speaks for it"
    assert learnt.tag_model is not None
    for precision in (share - 0.05, share + 0.05):
        assert (share >= learnt.tag_model.thresholds(precision)[3]) == (precision < share)
    assert [item.name for item in learnt.descriptions] == ["boat", "cat", "dog"]
    assert not any(tag == "tbt" for item in learnt.descriptions for tag, _ in item.tags)


def test_a_tag_that_the_person_keeps_is_not_demoted() -> None:
    given, seeds = with_blind_tag()
    learnt = learn_tags(given, seeds, parse_rules("+ tbt\n", Path("vocabulary.txt")))
    assert learnt.demoted == {}
    assert np.ptp(learnt.top_tags.scores[learnt.top_tags.tags == 3]) > 0.05


def test_a_parent_is_as_likely_as_what_brings_it() -> None:
    rules = parse_rules("animal > cat\n", Path("vocabulary.txt"))
    seeds = seed_tags({0: "cat", 1: "dog animal", 2: "boat", 3: "cat", 4: "dog animal"})
    learnt = learn_tags(grouped(), seeds, rules)
    assert learnt.rules == rules
    scores = np.take_along_axis(learnt.top_tags.scores, learnt.top_tags.tags.argsort(axis=1), axis=1)
    animal, cat = (learnt.seed_tags.vocabulary.index(tag) for tag in ("animal", "cat"))
    assert (scores[:, animal] >= scores[:, cat]).all()


def test_known_names_are_not_encoded_again() -> None:
    words = ListeningWords()
    given = replace(grouped(classes=(STRAWBERRY, CAR, GOLDEN)), encoder=words)
    learnt, steps = steps_of(given, EACH_KIND)
    assert {"boat", "cat", "dog"} <= set(words.read)
    n_stages = len(ends_of(steps))
    assert learnt.tag_model is not None and learnt.tag_model.name_prior is not None
    known = dict(zip(learnt.seed_tags.vocabulary, learnt.tag_model.name_prior.tag_names.vectors, strict=True))
    words.read.clear()
    again, steps = steps_of(replace(given, name_vectors=known), EACH_KIND)
    assert not {"boat", "cat", "dog"} & set(words.read)
    assert len(ends_of(steps)) == n_stages - 1, "nor is reading them a stage"
    np.testing.assert_array_equal(again.top_tags.scores, learnt.top_tags.scores)
    words.read.clear()
    steps_of(replace(given, name_vectors=known), seed_tags({0: "cat", 1: "dog", 2: "sunset"}))
    assert "sunset" in words.read
    assert not {"cat", "dog"} & set(words.read)


def test_clusters_are_named_from_the_mean_of_their_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []
    real = learn.describe_clusters
    monkeypatch.setattr(learn, "describe_clusters", lambda *given: (seen.append(given[2]), real(*given))[1])
    given = grouped(classes=(STRAWBERRY, CAR, GOLDEN), clusters=clusters_of(np.where(np.arange(N) < 6, -1, KINDS)))
    learn_tags(given, NO_TAGS, NO_RULES)
    monkeypatch.setattr(learn, "_CHUNK_PHOTOS", 7)
    learn_tags(given, NO_TAGS, NO_RULES)
    assert given.classifier is not None
    shown = given.classifier.probabilities(given.features)
    expected = [shown[6:][KINDS[6:] == kind].mean(axis=0) for kind in range(N_KINDS)]
    for means in seen:
        assert means.dtype == np.float32
        np.testing.assert_allclose(means, expected, atol=1e-6)
    assert len(seen) == 2


def test_photos_are_tagged_alike_in_parts_and_progress_ends_at_its_total(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, steps = steps_of(grouped(), EACH_KIND)
    assert steps[-1][1:] == (N, N)
    assert all(done == total for done, total in ends_of(steps).values())
    monkeypatch.setattr(learn, "_CHUNK_PHOTOS", 25)
    parts, again = steps_of(grouped(), EACH_KIND)
    assert [step[1:] for step in again if step[0] == steps[-1][0]] == [(25, N), (50, N), (N, N)]
    assert again[:-3] == steps[:-1]
    np.testing.assert_array_equal(parts.top_tags.tags, whole.top_tags.tags)
    np.testing.assert_allclose(parts.top_tags.scores, whole.top_tags.scores, atol=1e-6)


def test_neighbours_that_are_known_are_not_sought(monkeypatch: pytest.MonkeyPatch) -> None:
    learnt, _ = steps_of(grouped(), EACH_KIND)
    assert not (learnt.neighbours.indices == np.arange(N)[:, None]).any(), "no photo is its own neighbour"
    monkeypatch.setattr(learn, "nearest", lambda *_, **__: pytest.fail("they were sought"))
    again, _ = steps_of(grouped(neighbours=learnt.neighbours), EACH_KIND)
    assert again.neighbours is learnt.neighbours
    np.testing.assert_array_equal(again.top_tags.scores, learnt.top_tags.scores)


def test_the_best_tags_that_are_kept_are_bounded() -> None:
    seeds = seed_tags({photo: f"t{photo:02d} t{photo + 1:02d}" for photo in range(KEPT + 9)})
    learnt, _ = steps_of(grouped(), seeds)
    assert len(learnt.seed_tags.vocabulary) == KEPT + 10
    assert_sound(learnt, KEPT)


def test_a_library_of_one_photo_learns_its_tag() -> None:
    one = as_features(np.ones((1, 12)))
    learnt = learn_tags(ClusteredPhotos(one, None, one.values, clusters_of([-1])), seed_tags({0: "cat"}), NO_RULES)
    assert learnt.top_tags.tags.tolist() == [[0]]
    assert learnt.descriptions == ()


def test_the_same_photos_and_tags_are_learnt_alike() -> None:
    first, second = (learn_tags(grouped(), EACH_KIND, NO_RULES, random_state=3) for _ in range(2))
    np.testing.assert_array_equal(first.top_tags.scores, second.top_tags.scores)
    assert first.descriptions == second.descriptions


def test_features_alone_are_read_row_by_row() -> None:
    """Photos in another order are the same photos."""
    given = grouped()
    order = np.random.default_rng(2).permutation(N)
    place = np.argsort(order)
    features = Features(given.features.values[order], given.features.norms[order])
    shuffled = ClusteredPhotos(features, None, features.values, clusters_of(KINDS[order]))
    moved = SeedTags(EACH_KIND.vocabulary, place[EACH_KIND.photos].astype(np.int32), EACH_KIND.matrix)
    rows = np.argsort(moved.photos)
    moved = SeedTags(moved.vocabulary, moved.photos[rows], moved.matrix[rows])
    learnt, _ = steps_of(given, EACH_KIND)
    again = learn_tags(shuffled, moved, NO_RULES)
    np.testing.assert_array_equal(again.top_tags.tags[place][:, 0], learnt.top_tags.tags[:, 0])
