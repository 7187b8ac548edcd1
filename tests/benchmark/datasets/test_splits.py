"""The split: repeatable, near-duplicates in one part, read back unchanged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustertags.benchmark.datasets.labelled_set import LabelledSet, drop_rare_tags
from clustertags.benchmark.datasets.splits import ALL, SplitSettings, make_split, read_split, write_split
from clustertags.errors import PhotosError, UsageError
from clustertags.near_duplicates.by_features import near_duplicate_groups
from clustertags.types import Features
from tests.benchmark.made_sets import made_set


def with_copies(labelled: LabelledSet) -> LabelledSet:
    """Photo 2i + 1 nearly repeats photo 2i."""
    values = labelled.features.values.copy()
    values[1::2] = values[::2] + np.float32(1e-3)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return replace(
        labelled, features=Features(values, labelled.features.norms), tags=np.repeat(labelled.tags[::2], 2, 0)
    )


def test_near_duplicates_never_straddle() -> None:
    labelled = with_copies(made_set(n_each=20))
    groups = near_duplicate_groups(labelled.features.values)
    split = make_split(labelled, SplitSettings(random_state=3))
    assert len(np.unique(groups)) <= len(labelled) // 2
    assert not set(groups[split.training]) & set(groups[split.test])
    assert sorted([*split.training, *split.test]) == list(range(len(labelled)))


def test_every_tag_is_on_both_sides_in_even_parts() -> None:
    labelled = made_set(n_each=12)
    split = make_split(labelled, SplitSettings())
    assert np.abs(labelled.tags[split.test].sum(axis=0) - 6).max() <= 1


def test_a_seed_gives_one_split_and_another_seed_another() -> None:
    labelled = made_set()
    first, again, other = (make_split(labelled, SplitSettings(random_state=seed)) for seed in (0, 0, 1))
    assert first.digest == again.digest
    assert np.array_equal(first.draws[0].labelled, again.draws[0].labelled)
    assert other.digest != first.digest


def test_a_budget_a_tag_labels_as_many_of_each_and_smaller_draws_are_inside_larger_ones() -> None:
    labelled = made_set()
    split = make_split(labelled, SplitSettings(budgets=(1, 3), n_draws=2))
    assert split.a_tag
    assert [(draw.budget, draw.number) for draw in split.draws] == [(1, 0), (1, 1), (3, 0), (3, 1)]
    for draw in split.draws:
        assert labelled.tags[draw.labelled].sum(axis=0).tolist() == [draw.budget] * 4
        assert np.isin(draw.labelled, split.training).all()
        assert not np.isin(split.unlabelled(draw), draw.labelled).any()
    assert set(split.draws[0].labelled) < set(split.draws[2].labelled)


def test_with_several_tags_a_photo_a_budget_counts_photos() -> None:
    split = make_split(made_set(several=True), SplitSettings(budgets=(5, ALL), n_draws=1))
    assert not split.a_tag
    assert [len(draw.labelled) for draw in split.draws] == [5, len(split.training)]


def test_budgets_that_ask_for_more_than_there_is_are_left_out() -> None:
    labelled = made_set(n_each=6)
    assert make_split(labelled, SplitSettings()).budgets == (1,)
    with pytest.raises(UsageError, match="lower --budgets"):
        make_split(labelled, SplitSettings(budgets=(50,)))


def test_a_split_is_given_back_as_it_was(tmp_path: Path) -> None:
    labelled = made_set()
    split = make_split(labelled, SplitSettings(n_draws=2, budgets=(1, 2)))
    write_split(split, labelled, tmp_path / "split.json")
    back = read_split(tmp_path / "split.json", labelled)
    assert back.digest == split.digest
    assert np.array_equal(back.test, split.test)
    assert all(np.array_equal(a.labelled, b.labelled) for a, b in zip(back.draws, split.draws, strict=True))


def test_a_split_of_other_photos_is_refused(tmp_path: Path) -> None:
    labelled = made_set()
    path = tmp_path / "split.json"
    write_split(make_split(labelled, SplitSettings(n_draws=1)), labelled, path)
    with pytest.raises(UsageError, match=r"does not fit these photos|no split of these photos"):
        read_split(path, made_set(n_each=8))
    with pytest.raises(UsageError, match="made for other photos, tags"):
        read_split(path, replace(labelled, names=("a", "b", "c", "d")))


@pytest.mark.parametrize("text", ["", "[]", '{"schema_version": 1}', '{"schema_version": 9}', "[" * 100_000])
def test_what_is_no_split_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "split.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"split\.json"):
        read_split(path, made_set())


def test_a_test_photo_among_the_labelled_is_refused(tmp_path: Path) -> None:
    labelled = made_set()
    path = tmp_path / "split.json"
    write_split(make_split(labelled, SplitSettings(n_draws=1)), labelled, path)
    document = json.loads(path.read_text())
    document["draws"][0]["labelled"].append(document["test"][0])
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match="labelled ones in training"):
        read_split(path, labelled)


def test_rare_tags_and_the_photos_that_have_no_other_are_left_out() -> None:
    labelled = made_set(n_tags=3, n_each=6)
    tags = labelled.tags.copy()
    tags[:, 2] = False
    tags[0] = [False, False, True]
    kept = drop_rare_tags(replace(labelled, tags=tags), 2)
    assert kept.names == ("tag0", "tag1")
    assert labelled.hashes[0] not in kept.hashes
    assert any("1 tags on fewer than 2 photos" in note for note in kept.notes)
    with pytest.raises(PhotosError, match="--least-photos"):
        drop_rare_tags(labelled, 7)
