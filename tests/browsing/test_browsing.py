from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustertags.browsing.duplicates import near_duplicates
from clustertags.browsing.listing import ClusterIndex, ClusterQuery
from clustertags.browsing.searching import PhotoIndex
from clustertags.browsing.tag_reach import tag_reach
from clustertags.editing import new_edits
from clustertags.editing.journal import Journal
from clustertags.editing.replay import apply_edits
from clustertags.errors import UsageError
from clustertags.library.model import FittedLibrary
from clustertags.neighbours import nearest
from clustertags.tagging.top_tags import TopTags
from clustertags.types import Photo
from tests.made.fitted import content, journal_of, made_library, simple_library


@pytest.fixture
def hidden() -> FittedLibrary:
    """A library in which photo 3, which carries kind0, is hidden."""
    library = simple_library()
    edit = new_edits.hide_photos(library, [3])
    return apply_edits(library, journal_of([edit]))


def test_a_tag_finds_own_photos_first_then_the_likely_ones(hidden: FittedLibrary) -> None:
    library = replace(hidden, top_tags=replace(hidden.top_tags, scores=hidden.top_tags.scores.copy()))
    library.top_tags.scores[10, 0] = 0.95
    index = PhotoIndex(library)
    found = index.by_tag(" #KIND0 ", limit=4)
    assert [item.photo for item in found.items] == [0, 1, 10, 2]
    assert [item.own for item in found.items] == [True, True, False, False]
    assert (found.total, found.next_offset) == (34, 4)
    assert 3 not in {item.photo for item in index.by_tag("kind0", limit=100).items}
    assert index.by_tag("kind0", min_score=0.1, limit=100).total == 44, "those at 0.2 too"
    assert index.by_tag("nothing").total == 0
    rest = index.by_tag("kind0", offset=4, limit=100)
    assert len(rest.items) == 30
    assert rest.next_offset is None


def test_names_are_found_whatever_their_case_and_unicode_form() -> None:
    library = simple_library()
    photos = (Photo(content(0), ("b/Été.JPG", "x/copy.jpg")), *library.photos[1:])
    index = PhotoIndex(replace(library, photos=photos))
    assert [item.photo for item in index.by_name("e\u0301T\u00c9").items] == [0]
    assert [item.photo for item in index.by_name("COPY").items] == [0]
    assert [item.photo for item in index.by_name("0001").items] == [1, *range(10, 20)]
    assert index.by_name("").total == 65
    assert index.by_name("été.jpg\nx").total == 1
    assert index.by_name("\x00").total == 0


def test_like_photos_are_the_nearest_and_pages_join(hidden: FittedLibrary) -> None:
    index = PhotoIndex(hidden)
    cosines = hidden.space @ hidden.space[5]
    cosines[[3, 5]] = -9
    expected = np.lexsort((np.arange(65), -cosines))[:63].tolist()
    paged: list[int] = []
    offset: int | None = 0
    while offset is not None:
        part = index.like_photo(5, offset=offset, limit=10)
        paged += [item.photo for item in part.items]
        assert part.total == 63
        offset = part.next_offset
    assert paged == expected
    assert index.like_photo(5, offset=1000).items == ()


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, 0), (0, 1001)])
def test_parts_that_cannot_be_are_refused(offset: int, limit: int) -> None:
    index = PhotoIndex(simple_library())
    with pytest.raises(UsageError):
        index.by_name("", offset=offset, limit=limit)
    with pytest.raises(UsageError):
        index.like_photo(0, offset=offset, limit=limit)


def test_a_photo_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no photo 65"):
        PhotoIndex(simple_library()).like_photo(65)


def test_tags_are_completed_those_that_begin_so_first() -> None:
    library = simple_library()
    seeds = replace(library.seeds, vocabulary=("Dog", "hot dog", "dogma"))
    seeds = replace(seeds, matrix=np.array([[0, 1, 1]] * 4 + [[0, 1, 0]] * 2, bool))
    index = PhotoIndex(replace(library, seeds=seeds))
    assert index.complete_tag("DO") == ("dogma", "Dog", "hot dog")
    assert index.complete_tag("do", limit=1) == ("dogma",)
    assert index.complete_tag("cat") == ()


def test_clusters_are_sorted_and_filtered() -> None:
    library = made_library(np.repeat([0, 1, 2, 3, 4, 5], [12, 10, 8, 6, 4, 2]))
    seeds = replace(library.seeds, photos=library.seeds.photos[:6], matrix=library.seeds.matrix[:6])
    scores = library.top_tags.scores.copy()
    scores[library.clusters.labels == 4, 0] = 0.99
    scores[library.clusters.labels == 1, 0] = 0.5
    library = replace(library, seeds=seeds, base=None, top_tags=replace(library.top_tags, scores=scores))
    index = ClusterIndex(apply_edits(library, Journal()))

    def ids(**query: object) -> list[int]:
        return [row.cluster for row in index.clusters(ClusterQuery(**query)).items]  # type: ignore[arg-type]

    assert ids() == [0, 1, 2, 3, 4, 5]
    assert ids(order="sure")[0] == 4
    assert ids(order="unsure")[0] == 1
    assert ids(order="unlabelled") == [3, 4, 5, 0, 1, 2]
    assert ids(unlabelled=True) == [3, 4, 5]
    assert ids(text="NAME 2") == [2]
    assert ids(tag="#Kind3") == [3]
    groups = library.clusters.parents[0].tolist()
    assert ids(level=1, group=groups[0]) == [at for at in range(6) if groups[at] == groups[0]]
    assert [len(level) for level in index.levels] == [len(set(row.tolist())) for row in library.clusters.parents]
    part = index.clusters(ClusterQuery(), offset=4, limit=1)
    assert (part.items[0].n_photos, part.total, part.next_offset) == (4, 6, 5)
    for wrong in (ClusterQuery(order="colour"), ClusterQuery(level=3, group=0)):  # type: ignore[arg-type]
        with pytest.raises(UsageError):
            index.clusters(wrong)


def test_photos_of_a_cluster_and_of_none(hidden: FittedLibrary) -> None:
    index = ClusterIndex(hidden)
    photos = index.photos(0, limit=200)
    assert photos.items[0] == hidden.clusters.medoids[0]
    assert set(photos.items) == set(range(30)) - {3}
    assert index.photos(None).items == tuple(range(60, 65))
    assert index.hidden().items == (3,)
    with pytest.raises(UsageError):
        index.photos(3)


def test_near_duplicates_are_grouped_with_the_sharpest_first() -> None:
    library = simple_library()
    space = library.space.copy()
    for copy, original in ((7, 2), (40, 2), (33, 32)):
        space[copy] = space[original] + np.float32(1e-3)
        space[copy] /= np.linalg.norm(space[copy])
    least = 0.9999
    library = replace(library, space=space, neighbours=nearest(space, space, 15, exclude_self=True))
    groups = near_duplicates(library, {content(7): 5.0, content(40): 9.0}, least_cosine=least)
    assert [group.photos for group in groups] == [(40, 7, 2), (32, 33)]
    assert groups[0].sharpness == (9.0, 5.0, None)
    edit = new_edits.hide_photos(library, [40])
    shown = apply_edits(library, journal_of([edit]))
    assert [group.photos for group in near_duplicates(shown, least_cosine=least)] == [(2, 7), (32, 33)]
    assert near_duplicates(library, least_cosine=1.1) == ()


def test_reach_counts_photos_once_each() -> None:
    library = simple_library()
    reach = {item.tag: item for item in tag_reach(library)}
    assert [item.tag for item in tag_reach(library)] == ["kind0", "kind1", "kind2"]
    assert (reach["kind0"].n_own, reach["kind0"].n_photos, reach["kind0"].n_best) == (2, 35, 35)
    assert reach["kind1"].n_clusters == 1
    high = {item.tag: item.n_photos for item in tag_reach(library, min_score=0.95)}
    assert high == {"kind0": 2, "kind1": 2, "kind2": 2}, "own ones count whatever their score"
    assert {item.tag: item.n_photos for item in tag_reach(library, min_score=0.1)}["kind1"] == 55
    no_tags = replace(library, seeds=replace(library.seeds, vocabulary=(), matrix=np.zeros((6, 0), bool)))
    no_tags = replace(no_tags, top_tags=TopTags.none(65))
    assert tag_reach(no_tags) == ()


def test_a_demoted_tag_is_listed_by_its_score_and_speaks_for_no_certainty() -> None:
    tags = np.tile(np.array([[0, 1, 2]], np.int32), (65, 1))
    top = TopTags.without_shares(tags, np.tile(np.float32([0.9, 0.7, 0.6]), (65, 1)))
    library = replace(simple_library(), top_tags=top, demoted={"kind0": "everywhere"})
    assert library.tags_of(0)[0] == ("kind0", pytest.approx(0.9))
    assert set(library.best_tags()) == {"kind1"}
    assert [row.sureness for row in ClusterIndex(library).rows] == [pytest.approx(0.7)] * 3
    assert {item.tag: item.n_best for item in tag_reach(library)} == {"kind0": 0, "kind1": 65, "kind2": 0}


def test_tags_saved_in_another_order_are_listed_by_score() -> None:
    """An earlier version put demoted tags after all others, whatever their scores."""
    top = TopTags(
        np.array([[1, 2, 0], [2, 0, -1]], np.int32),
        np.float32([[0.4, 0.2, 0.9], [0.5, 0.1, 0]]),
        np.array([[[10], [20], [30]], [[40], [50], [0]]], np.uint8),
    ).ordered()
    assert top.tags.tolist() == [[0, 1, 2], [2, 0, -1]]
    assert top.scores.tolist() == [pytest.approx([0.9, 0.4, 0.2]), pytest.approx([0.5, 0.1, 0])]
    assert top.shares[:, :, 0].tolist() == [[30, 10, 20], [40, 50, 0]]
