"""Clusters of a refit that are those of the fit before, and what became of the others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clustertags.editing.replay import apply_edits
from clustertags.editing.succession import cluster_changes, keep_names, surviving_keys
from clustertags.library.model import Base, FittedLibrary
from clustertags.types import UNCLUSTERED, ClusterDescription
from tests.made.fitted import clusters_of, journal_of, made_library, names


def before() -> FittedLibrary:
    """Clusters of 40, 30, 20 and 10 photos: name 0 .. name 3, with their keys."""
    return apply_edits(made_library(np.repeat([0, 1, 2, 3], [40, 30, 20, 10])), journal_of([]))


def refitted(labels: np.ndarray, numbers: np.ndarray | None = None) -> FittedLibrary:
    """The photos `numbers` in other clusters, named new 0 .. by size."""
    library = before()
    numbers = np.arange(len(labels)) if numbers is None else numbers
    rows = np.minimum(numbers, 99)
    space = library.space[rows]
    clusters = clusters_of(labels, space)
    photos = made_library(np.zeros(len(labels), int), numbers=numbers).photos
    keys = surviving_keys(library, photos, clusters)
    described = tuple(ClusterDescription(f"new {at}", (), "tags") for at in range(clusters.n_clusters))
    return replace(
        library,
        photos=photos,
        space=space,
        clusters=clusters,
        descriptions=described,
        cluster_keys=keys,
        base=Base(clusters, library.seeds, keys),
    )


def test_clusters_that_survive_keep_their_keys_in_whatever_order() -> None:
    """Name 3 grew and is the largest; ten photos of name 0 are gone; the rest is as it was."""
    library = before()
    numbers = np.concatenate([np.arange(10, 100), np.arange(100, 160)])
    labels = np.concatenate([np.repeat([0, 1, 2, 3], [30, 30, 20, 10]), np.full(60, 3)])
    after = refitted(labels, numbers)
    assert after.cluster_sizes().tolist() == [70, 30, 30, 20]
    assert after.cluster_keys == tuple(library.cluster_keys[old] for old in (3, 0, 1, 2))
    changes = cluster_changes(library, after)
    assert changes is not None
    assert changes.kept == ("new 0", "new 1", "new 2", "new 3")
    assert (changes.merged, changes.split, changes.vanished, changes.new) == ((), (), (), ())


def test_what_merged_split_vanished_and_came_is_told() -> None:
    """Name 1 is in name 0 now, name 2 is two, name 3 is in none, and twelve photos are a kind of their own."""
    library = before()
    labels = np.concatenate(
        [
            np.repeat([0, 0, 1, 2, UNCLUSTERED, 4], [40, 30, 12, 8, 10, 14]),
        ]
    )
    after = refitted(labels)
    changes = cluster_changes(library, after)
    assert changes is not None
    assert changes.kept == ("new 0", "new 2")
    assert changes.merged == (("name 1", "new 0"),)
    assert changes.split == (("new 3", "name 2"),)
    assert changes.vanished == ("name 3",)
    assert changes.new == ("new 1",)
    assert (after.cluster_keys[0], after.cluster_keys[2]) == (library.cluster_keys[0], library.cluster_keys[2])
    assert len(set(after.cluster_keys)) == 4
    assert cluster_changes(None, after) is None


def test_half_of_the_photos_is_enough_and_less_is_another_cluster() -> None:
    library = before()
    half = np.concatenate([np.repeat([0, 5, 1, 2, 3], [20, 20, 30, 20, 10])])
    assert library.cluster_keys[0] in refitted(half).cluster_keys
    thirds = np.repeat([0, 5, 6, 1, 2, 3], [13, 13, 14, 30, 20, 10])
    assert refitted(thirds).cluster_keys.count(library.cluster_keys[0]) == 1, "the largest third is just enough"
    quarters = np.repeat([0, 5, 6, 7, 1, 2, 3], [10, 10, 10, 10, 30, 20, 10])
    changes = cluster_changes(library, refitted(quarters))
    assert changes is not None
    assert "name 0" in changes.vanished
    assert {source for _, source in changes.split} == {"name 0"}


def named(library: FittedLibrary, given: list[str]) -> FittedLibrary:
    described = [replace(item, name=name) for item, name in zip(library.descriptions, given, strict=True)]
    return replace(library, descriptions=tuple(described))


def test_names_stay_where_what_names_them_is_the_same() -> None:
    library = before()
    after = named(before(), ["dog", "cat", "boat", "name 0"])
    assert [item.name for item in keep_names(library, after, after.descriptions)] == names(library)
    others = replace(after, seeds=replace(after.seeds, vocabulary=("a", "b", "c", "d")))
    assert keep_names(library, others, others.descriptions) == others.descriptions, "other tags, other names"
    assert keep_names(None, after, after.descriptions) == after.descriptions
    numbered = replace(library, descriptions=tuple(replace(item, source="number") for item in library.descriptions))
    assert keep_names(numbered, after, after.descriptions) == after.descriptions


def test_a_cluster_whose_labels_changed_is_named_anew_and_takes_no_name_that_stays() -> None:
    library = before()
    after = named(before(), ["name 1", "cat", "boat", "sea"])
    matrix = after.seeds.matrix.copy()
    matrix[0] = matrix[-1]  # a photo of the first cluster carries another tag
    after = replace(after, seeds=replace(after.seeds, matrix=matrix))
    assert [item.name for item in keep_names(library, after, after.descriptions)] == [
        "name 1 2",
        "name 1",
        "name 2",
        "name 3",
    ]
