"""`clustertags fit --layout`: who lays the photos out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import clustertags
from clustertags.clustering.settings import ClusteringSettings
from clustertags.errors import UsageError
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import LAYOUT_FILE, read_arrays
from tests.conftest import Library, Ran
from tests.made.photos import made_photo

Run = Callable[..., Ran]


def positions(artifacts: Path) -> np.ndarray:
    return read_arrays(Artifacts(artifacts).current(), LAYOUT_FILE)["embedding"]


@pytest.mark.slow
def test_umap_learn_lays_a_library_out_end_to_end(run: Run, fitted: Library, artifacts: Path, tmp_path: Path) -> None:
    options = ("--tags", fitted.seeds, "--artifacts", artifacts)
    ran = run("fit", fitted.photos, *options, "--layout", "umap-learn")
    assert ran.status == 0, ran.err
    assert "Warning" not in ran.err
    assert "layout umap-learn" in run("info", "--artifacts", artifacts).out
    shown = json.loads(run("info", "--artifacts", artifacts, "--json").out)
    assert shown["settings"]["layout"] == "umap-learn"
    assert len(shown["clusters"]) == 4
    by_umap_learn = positions(artifacts)
    assert not np.array_equal(by_umap_learn, positions(fitted.artifacts))

    made_photo(100, 1).save(tmp_path / "new.jpg")
    (answer,) = run(
        "tag", tmp_path / "new.jpg", "--artifacts", artifacts, "--format", "jsonl", "--min-score", "0"
    ).answers
    assert answer["tags"][0]["tag"] == "kind1"

    clustertags.fit(fitted.photos, tags=fitted.seeds, artifacts=artifacts, layout="built-in")
    assert np.array_equal(positions(artifacts), positions(fitted.artifacts)), "the layout before was of another kind"
    clustertags.fit(fitted.photos, tags=fitted.seeds, artifacts=artifacts, layout="umap-learn")
    assert np.array_equal(positions(artifacts), by_umap_learn)


def test_info_names_the_layout(run: Run, fitted: Library) -> None:
    assert ", layout built-in" in run("info", "--artifacts", fitted.artifacts).out


def test_an_unknown_layout_is_one_line_that_lists_the_choices(run: Run, fitted: Library, tmp_path: Path) -> None:
    ran = run("fit", fitted.photos, "--artifacts", tmp_path / "artifacts", "--layout", "tsne")
    assert ran.status == 2
    assert "'tsne' is not one of 'built-in', 'umap-learn'" in ran.err
    with pytest.raises(UsageError, match="layout must be one of built-in, umap-learn, not 'tsne'"):
        clustertags.fit(fitted.photos, artifacts=tmp_path / "artifacts", layout="tsne")


def test_a_layout_by_name_leaves_the_other_settings_as_they_are(fitted: Library, artifacts: Path) -> None:
    settings = ClusteringSettings(n_runs=1)
    summary = clustertags.fit(fitted.photos, artifacts=artifacts, clustering=settings, layout="built-in")
    assert summary.library.settings["n_runs"] == 1
    assert summary.library.settings["layout"] == "built-in"
