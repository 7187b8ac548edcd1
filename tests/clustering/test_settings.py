from __future__ import annotations

import pytest

from clustertags.clustering.settings import ClusteringSettings, walked_photos
from clustertags.errors import UsageError


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_pca", 1), ("n_neighbors", 1), ("n_components", 1), ("min_cluster_size", 1), ("min_samples", 0), ("n_runs", 0)],
)
def test_too_small_a_number_is_refused_by_name(name: str, value: int) -> None:
    with pytest.raises(UsageError, match=f"{name} must be at least"):
        ClusteringSettings(**{name: value})


@pytest.mark.parametrize("value", [2.5, "many", True])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="min_cluster_size must be a whole number"):
        ClusteringSettings(min_cluster_size=value)  # type: ignore[arg-type]


def test_an_unknown_selection_lists_the_choices() -> None:
    with pytest.raises(UsageError, match="auto, eom, leaf"):
        ClusteringSettings(selection="best")  # type: ignore[arg-type]


def test_an_unknown_layout_lists_the_choices() -> None:
    with pytest.raises(UsageError, match="layout must be one of built-in, umap-learn, not 'tsne'"):
        ClusteringSettings(layout="tsne")  # type: ignore[arg-type]


def test_what_is_left_out_is_chosen_from_the_number_of_photos() -> None:
    settings = ClusteringSettings()
    for n in (1, 2, 3, 10, 100, 100_000):
        assert 1 <= settings.neighbours_for(n) <= max(1, n - 1)
        assert settings.min_cluster_size_for(n) >= 2
    assert settings.neighbours_for(1000) == 14
    assert settings.min_cluster_size_for(1000) == 5
    assert settings.min_cluster_size_for(100_000) > 5


def test_what_is_given_is_kept() -> None:
    settings = ClusteringSettings(n_neighbors=30, min_cluster_size=12, min_samples=3)
    assert settings.neighbours_for(1000) == 29
    assert settings.min_cluster_size_for(1000) == 12
    assert settings.min_samples_for(1000) == 3


def test_the_level_is_judged_on_ever_smaller_shares_of_a_large_library() -> None:
    assert walked_photos(5_000) == 5_000
    assert walked_photos(50_000) < 0.4 * 50_000
    assert walked_photos(50_000) > walked_photos(20_000)
