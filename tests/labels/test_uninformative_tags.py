"""Uninformative tags are found; informative ones are not."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from clustertags.labels.rules import Rules
from clustertags.labels.uninformative_tags import MIN_COUNT, MIN_LABELLED, measure_tag_use
from clustertags.library.model import FittedLibrary
from clustertags.types import SeedTags


def made(n: int, n_kinds: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray, SeedTags]:
    """Photos of some kinds, each a cluster with a tag of its own; a faint tag, and two random ones."""
    random = np.random.default_rng(seed)
    kinds = random.integers(0, n_kinds, n)
    space = random.standard_normal((n_kinds, 32))[kinds] + random.standard_normal((n, 32))
    space = (space / np.linalg.norm(space, axis=1, keepdims=True)).astype(np.float32)
    labels = np.where(random.random(n) < 0.1, -1, kinds).astype(np.int32)
    faint = random.random(n) < np.where(kinds < n_kinds // 2, 0.55, 0.2)
    drawn = random.random((n, 2)) < (0.25, 0.5)
    matrix = np.column_stack([faint, kinds[:, None] == np.arange(n_kinds), drawn])
    names = ("faint", *(f"kind{kind}" for kind in range(n_kinds)), "likeforlike", "tbt")
    return space, labels, SeedTags(names, np.arange(n, dtype=np.int32), matrix)


def test_random_tags_are_found_and_real_ones_are_not() -> None:
    found: list[str] = []
    for seed in range(10):
        uses = measure_tag_use(*made(200, seed=seed))
        assert [use.tag for use in uses] == list(made(200, seed=seed)[2].vocabulary)
        found += [use.tag for use in uses if use.reason]
    assert set(found) == {"likeforlike", "tbt"}
    assert len(found) >= 14, "of 20"


def test_the_figures_separate_a_kind_from_a_random_tag() -> None:
    uses = {use.tag: use for use in measure_tag_use(*made(300))}
    kind, drawn = uses["kind0"], uses["tbt"]
    assert kind.auc is not None and kind.spread is not None and kind.p_value is not None
    assert drawn.auc is not None and drawn.spread is not None
    assert kind.auc > 0.9 and kind.spread < 0.4 and kind.p_value < 0.01
    assert abs(drawn.auc - 0.5) < 0.12 and drawn.spread > 0.9


def test_the_reason_says_how_often() -> None:
    use = next(use for seed in range(5) for use in measure_tag_use(*made(200, seed=seed)) if use.reason)
    assert use.reason == (
        f"on {use.count} of 200 labelled photos, in all clusters alike, "
        "and predicted from the picture no better than by chance"
    )


@pytest.mark.parametrize("n", [0, 1, 2, 12, MIN_LABELLED - 1])
def test_nothing_is_called_uninformative_with_too_few_labelled_photos(n: int) -> None:
    space, labels, seeds = made(max(n, 1))
    few = SeedTags(seeds.vocabulary, seeds.photos[:n], seeds.matrix[:n])
    uses = measure_tag_use(space[:n], labels[:n], few)
    assert len(uses) == len(seeds.vocabulary)
    assert not any(use.reason for use in uses)


def test_a_rare_tag_and_one_on_nearly_all_photos_are_not_judged() -> None:
    space, labels, seeds = made(400)
    random = np.random.default_rng(5)
    for size in (MIN_COUNT - 1, 400 - MIN_COUNT + 1, 400, 1):
        column = np.zeros((400, 1), bool)
        column[random.permutation(400)[:size]] = True
        (use,) = measure_tag_use(space, labels, SeedTags(("x",), seeds.photos, column))
        assert use.count == size
        assert not use.reason


def test_a_tag_that_the_person_keeps_is_not_called_uninformative() -> None:
    space, labels, seeds = made(200)
    without = {use.tag for use in measure_tag_use(space, labels, seeds) if use.reason}
    assert "tbt" in without
    assert "tbt" not in {use.tag for use in measure_tag_use(space, labels, seeds, kept={"tbt"}) if use.reason}


def test_all_unclustered_and_all_alike_still_give_figures() -> None:
    space, labels, seeds = made(100)
    for rows, clusters in ((space, np.full(100, -1, np.int32)), (np.repeat(space[:1], 100, axis=0), labels)):
        for use in measure_tag_use(rows, clusters, seeds):
            assert use.auc is None or 0 <= use.auc <= 1
            assert use.spread is None or 0 <= use.spread <= 1


def test_the_same_seed_gives_the_same_figures_and_it_is_fast() -> None:
    space, labels, seeds = made(200, n_kinds=48)
    started = time.perf_counter()
    first = measure_tag_use(space, labels, seeds)
    assert time.perf_counter() - started < 5, "a second where nothing else runs"
    assert measure_tag_use(space, labels, seeds) == first


@pytest.mark.shared
def test_the_real_tags_of_photos_are_left_alone(shared: Path) -> None:
    """Labels of real photos with the colours of their thumbnails, which tell little: few tags may be called empty."""
    import csv

    from PIL import Image

    with (shared / "photos" / "clothing" / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))[:240]
    pictures = []
    for row in rows:
        with Image.open(shared / "photos" / "clothing" / "images" / row["image"]) as image:
            image.draft("RGB", (32, 32))
            pictures.append(np.asarray(image.convert("RGB").resize((8, 8)), np.float64).ravel())
    space = np.array(pictures) - np.mean(pictures, axis=0)
    space /= np.linalg.norm(space, axis=1, keepdims=True)
    tags = sorted({row["tags"] for row in rows})
    matrix = np.array([[row["tags"] == tag for tag in tags] for row in rows])
    photos = np.arange(len(rows), dtype=np.int32)
    uses = measure_tag_use(
        space.astype(np.float32), np.zeros(len(rows), np.int32), SeedTags(tuple(tags), photos, matrix)
    )
    assert sum(bool(use.reason) for use in uses) <= 1


def test_a_library_without_demoted_tags_says_so_by_default() -> None:
    fields = FittedLibrary.__dataclass_fields__
    assert fields["demoted"].default_factory() == {}  # type: ignore[misc]
    assert fields["rules"].default == Rules()
