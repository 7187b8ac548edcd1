"""What the pages show, without writing any."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clustertags.clustering.representatives import by_closeness, representatives
from clustertags.gallery.site import render
from clustertags.library.model import FittedLibrary
from clustertags.pages.arrangement import arrange, base_of
from clustertags.pages.cards import percent, photo_card, shown_tags
from clustertags.pages.context import (
    cluster_cards,
    index_page,
    library_summary,
)
from clustertags.pages.map_data import map_data
from clustertags.pages.page_links import page_links
from clustertags.pages.photo_pages import cluster_pages, unclustered_pages
from clustertags.pages.reasons import photo_reasons
from clustertags.pages.skipped import skipped_pages
from clustertags.tagging.top_tags import TopTags
from clustertags.types import SkippedFile
from tests.made.coloured import Build, Fake


def test_counts_add_up(library: FittedLibrary, fake_thumbnails: Fake) -> None:
    thumbnails = fake_thumbnails(library)
    summary = library_summary(library)
    cards = cluster_cards(library, thumbnails)
    assert sum(card.size for card in cards) + summary.n_unclustered == summary.n_photos == 15
    assert (summary.n_clusters, summary.n_skipped, summary.n_copies, summary.n_labelled) == (3, 2, 1, 2)
    assert summary.unclustered_share == "13.3%"
    assert sum(card.n_labelled for card in cards) == 2
    assert index_page(library, cards).clusters == cards


def test_the_wall_has_a_heading_for_every_group(build: Build, fake_thumbnails: Fake) -> None:
    library = build(
        sizes=(8, 7, 6, 5, 4, 3), cluster_names=tuple("abcd\u202eef"), parents=((0, 1, 2, 0, 1, 2), (0, 0, 1) * 2)
    )
    cards = cluster_cards(library, fake_thumbnails(library))
    page = index_page(library, cards)
    assert [card.groups for card in cards] == [(0, 0), (1, 0), (2, 1)] * 2
    for level, headings in enumerate(page.levels):
        for group, heading in enumerate(headings):
            inside = [card for card in cards if card.groups[level] == group]
            assert heading.n_clusters == len(inside)
            assert heading.n_photos == sum(card.size for card in inside)
    assert [len(headings) for headings in page.levels] == [3, 2]
    assert len({heading.name for heading in page.levels[0]}) == 3
    assert not any("\u202e" in heading.name for headings in page.levels for heading in headings)


def test_a_flat_library_has_nothing_to_group_by(library: FittedLibrary, fake_thumbnails: Fake) -> None:
    page = index_page(library, cluster_cards(library, fake_thumbnails(library)))
    assert page.levels == ()
    assert "wall-group" not in render(page)
    assert "data-groups" not in render(page)


def test_every_photo_is_on_exactly_one_page(library: FittedLibrary, fake_thumbnails: Fake) -> None:
    thumbnails = fake_thumbnails(library)
    arrangement = arrange(library, photos_a_page=2)
    cards = cluster_cards(library, thumbnails)
    pages = [
        *cluster_pages(library, arrangement, thumbnails, cards, 2),
        *unclustered_pages(library, arrangement, thumbnails, 2),
    ]
    assert sorted(card.photo for page in pages for card in page.photos) == list(range(library.n_photos))
    assert all(len(page.photos) <= 2 for page in pages)
    for page in pages:
        assert all(arrangement.page_of[card.photo] == page.page for card in page.photos)
    assert len({page.href for page in pages}) == len(pages)


def test_photos_stand_by_closeness_and_mosaics_start_with_the_medoid(
    library: FittedLibrary, fake_thumbnails: Fake
) -> None:
    thumbnails = fake_thumbnails(library)
    arrangement, cards = arrange(library), cluster_cards(library, thumbnails)
    for page in cluster_pages(library, arrangement, thumbnails, cards):
        assert page.cluster is not None
        expected = by_closeness(library.clusters, library.space, page.cluster.id)
        assert [card.photo for card in page.photos] == expected.tolist()
        shown = [card.photo for card in page.cluster.mosaic]
        assert shown == representatives(library.clusters, library.space, page.cluster.id, 5).tolist()
        assert len(shown) == min(5, page.cluster.size)


def test_neighbouring_clusters_and_page_numbers(library: FittedLibrary, fake_thumbnails: Fake) -> None:
    thumbnails = fake_thumbnails(library)
    cards = cluster_cards(library, thumbnails)
    pages = list(cluster_pages(library, arrange(library, 4), thumbnails, cards, 4))
    assert [page.href for page in pages] == [
        "clusters/0000-1.html",
        "clusters/0000-2.html",
        "clusters/0001-1.html",
        "clusters/0002-1.html",
    ]
    assert pages[0].previous is None
    assert pages[0].next == cards[1]
    assert pages[-1].next is None
    assert [(link.number, link.is_current) for link in pages[1].pages] == [(1, False), (2, True)]
    assert (pages[1].first, len(pages[1].photos)) == (5, 2)
    assert pages[2].pages == ()


def test_a_labelled_photo_shows_the_persons_own_tags_first(library: FittedLibrary, fake_thumbnails: Fake) -> None:
    card = photo_card(library, fake_thumbnails(library), 7)
    assert card.labelled
    assert [(tag.tag, tag.score, tag.own) for tag in card.tags] == [("cat", "90%", True), ("harbour", "30%", False)]
    assert [tag.suggested for tag in card.tags] == [False, True]
    assert card.alt.endswith(": cat")
    other = photo_card(library, fake_thumbnails(library), 6)
    assert not other.labelled
    assert not any(tag.own for tag in other.tags)


def test_own_tags_without_a_prediction_have_no_score() -> None:
    assert [(tag.tag, tag.score, tag.own) for tag in shown_tags(("dog",), (("cat", 0.02),))] == [("dog", "", True)]
    assert [(tag.tag, tag.score) for tag in shown_tags((), (("cat", 0.02), ("dog", 0.01)))] == [("cat", "2%")]
    assert [(tag.tag, tag.suggested) for tag in shown_tags((), (("cat", 0.5), ("dog", 0.49)))] == [
        ("cat", False),
        ("dog", True),
    ]


def test_membership_copies_and_placeholder(library: FittedLibrary) -> None:
    first, second, joined = (photo_card(library, [None] * 15, photo) for photo in (0, 1, 2))
    assert first.membership == "100% sure of this cluster"
    assert second.copies == ("again/one.jpg",)
    assert re.fullmatch(r"assigned by its nearest photos, \d+% sure", joined.membership)
    assert first.thumbnail is None
    assert photo_card(library, [None] * 15, 14).membership == ""


def test_unreadable_photos_come_first_among_the_skipped(build: Build) -> None:
    skipped = tuple(SkippedFile(f"{i}.txt", "not a photo", is_photo=False) for i in range(5))
    library = build(skipped=(*skipped, SkippedFile("z.jpg", "damaged", is_photo=True)), write=False)
    pages = list(skipped_pages(library, rows_a_page=4))
    assert [row.name for page in pages for row in page.rows] == ["z.jpg", *(f"{i}.txt" for i in range(5))]
    assert pages[1].reasons == (("not a photo", 5), ("damaged", 1))
    assert [page.n_unreadable for page in pages] == [1, 1]


@pytest.mark.parametrize(
    "recipe",
    [
        {"sizes": (), "n_unclustered": 0, "skipped": ()},
        {"sizes": (), "n_unclustered": 3, "skipped": ()},
        {"sizes": (1,), "n_unclustered": 0, "copies": ()},
        {"vocabulary": ()},
    ],
)
def test_small_and_untagged_libraries(build: Build, recipe: dict[str, Any], fake_thumbnails: Fake) -> None:
    library = build(**recipe, write=False)
    thumbnails = fake_thumbnails(library)
    arrangement, cards = arrange(library), cluster_cards(library, thumbnails)
    pages = list(unclustered_pages(library, arrangement, thumbnails))
    assert len(pages) == 1
    assert pages[0].n_photos == library.clusters.n_unclustered
    assert len(map_data(library, arrangement, thumbnails, cards).x) == library.n_photos
    assert len(list(skipped_pages(library))) == 1


def test_texts_are_made_printable(build: Build, fake_thumbnails: Fake) -> None:
    recipe = {"names": ("\u202egnp.exe.jpg",), "cluster_names": ("a\nb",), "vocabulary": ("x\u2028y",)}
    library = build(**recipe, write=False)
    card = cluster_cards(library, fake_thumbnails(library))[0]
    assert card.name == "a\\x0ab"
    assert card.tags[0].tag == "x\\u2028y"
    assert photo_card(library, fake_thumbnails(library), 0).name == "\\u202egnp.exe.jpg"


def test_page_links_leave_gaps() -> None:
    links = page_links(10, [f"{i}.html" for i in range(1, 21)])
    assert [link.number for link in links] == [1, 8, 9, 10, 11, 12, 20]
    assert [link.number for link in links if link.after_gap] == [8, 20]
    assert page_links(1, ["1.html"]) == ()


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0%"), (0.001, "<1%"), (0.834, "83%"), (0.999, ">99%"), (1.0, "100%")]
)
def test_percent_never_rounds_to_none_or_all(share: float, text: str) -> None:
    assert percent(share) == text


def test_base_leads_back_to_the_first_page() -> None:
    assert (base_of("index.html"), base_of("clusters/0000-1.html")) == ("", "../")


def test_reasons_say_what_spoke_for_a_tag_and_what_is_withheld(build: Build) -> None:
    library = build(write=False)
    n = library.n_photos
    shares = np.zeros((n, 3, 4), np.uint8)
    shares[:, :, 1], shares[:, :, 3] = 60, 40
    photo = library.photos[2].content_hash
    told = replace(
        library,
        top_tags=TopTags(library.top_tags.tags, library.top_tags.scores, shares),
        demoted={"cat": "spread over all clusters"},
        rejected={photo: ("dog",)},
    )
    (reasons,) = photo_reasons(told, [2])
    assert [(reason.tag, reason.score, reason.withheld) for reason in reasons] == [
        ("boat", "90%", False),
        ("cat", "30%", False),
        ("harbour", "2%", True),
        ("dog", "", True),
    ]
    assert reasons[0].sentences == (
        "60% the trained classifier",
        "40% similar photos",
        "0% its cluster",
        "0% the nearest tagged photos",
    )
    assert reasons[1].sentences[:2] == ("demoted: spread over all clusters", "a suggestion: its score is below 50%")
    assert reasons[2].sentences[0] == "not shown: its score is below 10%"
    assert reasons[3].sentences == ("not given: you rejected it",)


def test_without_kept_shares_there_are_no_reasons(build: Build) -> None:
    assert photo_reasons(build(write=False), [0, 1]) == [(), ()]
