"""Which photos no tag names, and where they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustertags.browsing.unnamed_kinds import unnamed_chances, unnamed_clusters
from clustertags.cli.fit_summary import unnamed_summary
from clustertags.editing import new_edits
from clustertags.editing.replay import apply_edits
from clustertags.library.model import FittedLibrary
from tests.made.features import as_features
from tests.made.fitted import half_known_library, journal_of, simple_library
from tests.made.published import learnt


@pytest.fixture(scope="module")
def library() -> FittedLibrary:
    made = half_known_library()
    return learnt(made, as_features(made.space))


def test_clusters_that_no_tag_names_are_found_most_such_photos_first(library: FittedLibrary) -> None:
    found = unnamed_clusters(library)
    assert {item.cluster for item in found} == {0, 1, 2}
    for item in found:
        assert item.name == library.descriptions[item.cluster].name
        assert item.n_photos == library.cluster_sizes()[item.cluster]
        assert 0.5 <= item.share <= 1
    expected = [item.n_photos * item.share for item in found]
    assert expected == sorted(expected, reverse=True)


def test_labelled_and_hidden_photos_are_not_among_them(library: FittedLibrary) -> None:
    chances = unnamed_chances(library)
    assert chances is not None
    assert chances[library.seeds.photos].max() == 0
    assert chances[library.clusters.labels == 1].min() > 0.5
    labelled = apply_edits(library, journal_of([new_edits.give_tags(library, range(70, 130), ["sea"])]))
    assert {item.cluster for item in unnamed_clusters(labelled)} == {0, 2}, "before it is learnt"
    hidden = apply_edits(library, journal_of([new_edits.hide_photos(library, range(70, 130))]))
    chances = unnamed_chances(hidden)
    assert chances is not None
    assert chances[70:130].max() == 0
    assert sorted(item.n_photos for item in unnamed_clusters(hidden)) == [50, 70]


def test_where_it_is_not_known_there_are_none(library: FittedLibrary) -> None:
    assert library.tag_model is not None
    for other in (
        simple_library(),
        replace(library, tag_model=replace(library.tag_model, known=None)),
        replace(library, neighbours=None),
    ):
        assert unnamed_chances(other) is None
        assert unnamed_clusters(other) == ()


def test_the_summary_names_them_with_their_photos(library: FittedLibrary) -> None:
    share, clusters = unnamed_summary(library)
    assert "of the photos show none of these tags" in share
    first, *others = unnamed_clusters(library)
    shown = [f"{first.name} ({first.n_photos} photos)", *(f"{item.name} ({item.n_photos})" for item in others)]
    assert clusters == f"largest clusters without a tag: {', '.join(shown)}"
    everyone = replace(library.seeds, photos=np.arange(300, dtype=np.int32), matrix=np.ones((300, 3), bool))
    assert len(unnamed_summary(replace(library, seeds=everyone))) == 1
