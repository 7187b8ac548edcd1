"""Evidence: shares that add up, and words that name the cluster and the photos."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.names.hierarchy import load_hierarchy
from clustertags.names.name_prior import TagNames
from clustertags.tagging.evidence import Evidence, explain_tags, gather_evidence
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.model_fit import fit_tag_model
from tests.made.kinds import MadeLibrary, label_some, make_library


@pytest.fixture(scope="module")
def library() -> MadeLibrary:
    return make_library()


@pytest.fixture(scope="module")
def model(library: MadeLibrary) -> TagModel:
    seeds = label_some(library, 60)
    return fit_tag_model(library.features, library.classifier, library.neighbours, library.clusters, seeds)


@pytest.fixture(scope="module")
def scores(library: MadeLibrary, model: TagModel) -> TagScores:
    return model.predict(library.new_features, library.new_neighbours, library.new_places)


@pytest.fixture(scope="module")
def around(library: MadeLibrary, model: TagModel) -> Evidence:
    names = tuple(f"group {k}" for k in range(library.clusters.n_clusters))
    labels = library.new_places.labels.tolist()
    return gather_evidence(model, library.new_features, labels, names, lambda photo: f"{photo}.jpg")


def test_shares_of_a_tag_add_up_to_one_strongest_first(scores: TagScores) -> None:
    best = int(scores.scores[0].argmax())
    (parts,) = explain_tags(scores, 0, [best])
    assert sum(part.share for part in parts) == pytest.approx(1.0, abs=1e-3)
    assert [part.share for part in parts] == sorted((part.share for part in parts), reverse=True)
    assert {part.part for part in parts} <= set(scores.component_names)


def test_a_tag_without_positive_contributions_has_no_parts(scores: TagScores) -> None:
    against = np.argwhere((scores.contributions <= 0).all(axis=0))
    row, tag = against[0]
    assert explain_tags(scores, int(row), [int(tag)]) == [()]


def test_the_cluster_and_its_labelled_photos_are_named(
    library: MadeLibrary, model: TagModel, scores: TagScores, around: Evidence
) -> None:
    at = scores.component_names.index("cluster")
    labels = library.new_places.labels
    row, tag = np.argwhere((scores.contributions[at] > 0) & (labels >= 0)[:, None])[0]
    (parts,) = explain_tags(scores, int(row), [int(tag)], around)
    detail = next(part.detail for part in parts if part.part == "cluster")
    cluster = int(labels[row])
    assert f"group {cluster}" in detail
    assert f"{model.clusters.counts[cluster, tag]} of its {model.clusters.n_labelled[cluster]} photos" in detail


def test_the_photos_named_carry_the_tag(model: TagModel, scores: TagScores, around: Evidence) -> None:
    tags = [int(tag) for tag in scores.scores[3].argsort()[::-1][:3]]
    carriers = {tag: set(model.photos[model.matrix[:, tag]].tolist()) for tag in tags}
    for tag, parts in zip(tags, explain_tags(scores, 3, tags, around), strict=True):
        for part in parts:
            if part.part == "neighbours" and ".jpg" in part.detail:
                named = {int(word.split(".jpg")[0].split()[-1]) for word in part.detail.split(",")}
                assert named <= carriers[tag]
        assert all(part.detail for part in parts)


def test_the_likeliest_classes_stand_next_to_a_name(library: MadeLibrary) -> None:
    seeds = label_some(library, 60)
    n_classes = len(library.classifier.bias)
    named = TagNames.from_vectors(
        np.eye(n_classes),
        np.eye(n_classes)[: len(seeds.vocabulary)],
        np.zeros((len(seeds.vocabulary), n_classes), bool),
    )
    model = fit_tag_model(
        library.features, library.classifier, library.neighbours, library.clusters, seeds, tag_names=named
    )
    scores = model.predict(library.new_features, library.new_neighbours, library.new_places)
    names = ("",) * library.clusters.n_clusters
    around = gather_evidence(model, library.new_features, library.new_places.labels.tolist(), names)
    (parts,) = explain_tags(scores, 0, [int(scores.scores[0].argmax())], around)
    detail = next(part.detail for part in parts if part.part == "name")
    likeliest = int(library.classifier.probabilities(library.new_features)[0].argmax())
    assert detail.startswith(f"compared with the likeliest classes: {load_hierarchy().lemmas[likeliest]} 0.")


def test_names_that_were_never_read_are_not_mentioned(scores: TagScores, around: Evidence) -> None:
    (parts,) = explain_tags(scores, 0, [int(scores.scores[0].argmax())], around)
    assert {part.part for part in parts} == {"cluster", "head", "neighbours", "graph"}
