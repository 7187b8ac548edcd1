"""`clustertags info --level`: groups of clusters, as a person meets them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Library, Ran
from tests.made.photos import write_photos

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def many_kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Artifacts of a fit with more than six clusters."""
    import clustertags

    folder = tmp_path_factory.mktemp("many")
    write_photos(folder / "photos", n_kinds=12, n_each=12)
    artifacts = folder / "artifacts"
    clustertags.fit(folder / "photos", artifacts=artifacts)
    return artifacts


def test_each_level_holds_every_cluster_once(run: Run, many_kinds: Path) -> None:
    shown = json.loads(run("info", "--artifacts", many_kinds, "--json").out)
    sizes = [cluster["photos"] for cluster in shown["clusters"]]
    assert len(sizes) >= 9
    assert len(shown["levels"]) == 2
    assert len(sizes) > len(shown["levels"][0]) > len(shown["levels"][1]) >= 2
    for groups in shown["levels"]:
        assert sorted(cluster for group in groups for cluster in group["clusters"]) == list(range(len(sizes)))
        assert [group["id"] for group in groups] == list(range(len(groups)))
        assert len({group["name"] for group in groups}) == len(groups)
        for group in groups:
            assert group["photos"] == sum(sizes[cluster] for cluster in group["clusters"])


@pytest.mark.parametrize("level", [1, 2])
def test_a_level_is_printed_group_by_group(run: Run, many_kinds: Path, level: int) -> None:
    shown = json.loads(run("info", "--artifacts", many_kinds, "--json").out)
    flat = run("info", "--artifacts", many_kinds).out.splitlines()
    ran = run("info", "--artifacts", many_kinds, "--level", level)
    assert ran.status == 0
    lines = ran.out.splitlines()
    assert flat == run("info", "--artifacts", many_kinds, "--level", 0).out.splitlines()
    line_of = dict(enumerate(flat[-len(shown["clusters"]) :]))
    expected = []
    for group in shown["levels"][level - 1]:
        clusters = len(group["clusters"])
        expected.append(f"{group['name']}: {group['photos']} photos in {clusters} cluster{'s' * (clusters > 1)}")
        expected += [line_of[cluster] for cluster in group["clusters"]]
    assert lines[-len(expected) :] == expected
    assert lines[: -len(expected)] == flat[: -len(line_of)]


def test_a_level_that_is_not_there(run: Run, many_kinds: Path, fitted: Library) -> None:
    for arguments in ((), ("--json",)):
        ran = run("info", "--artifacts", many_kinds, "--level", 3, *arguments)
        assert (ran.status, ran.out) == (2, "")
        assert "give 0 to 2" in ran.err
    flat = run("info", "--artifacts", fitted.artifacts, "--level", 1)
    assert flat.status == 2
    assert "fewer than 6" in flat.err
    assert json.loads(run("info", "--artifacts", fitted.artifacts, "--json").out)["levels"] == []
    assert run("info", "--artifacts", many_kinds, "--level", -1).status == 2
