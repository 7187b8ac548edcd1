from __future__ import annotations

from clustertags.clustering.settings import ClusteringSettings
from clustertags.library.reuse import layout_digest
from clustertags.types import Photo

PHOTOS = [Photo("00ff" * 16, ("a.jpg",)), Photo("1234" * 16, ("b.jpg",))]


def test_the_default_layout_has_the_digest_that_it_had_before_there_was_a_choice() -> None:
    digest = layout_digest(PHOTOS, "a-network", ClusteringSettings(n_neighbors=20), 7)
    assert digest == "27a80263803fe46a61d057a97d2908c814e3982807f74fce8d3a7ceab0b6bd8f"


def test_another_layout_has_another_digest() -> None:
    settings = ClusteringSettings(n_neighbors=20, layout="umap-learn")
    assert layout_digest(PHOTOS, "a-network", settings, 7) != layout_digest(
        PHOTOS, "a-network", ClusteringSettings(n_neighbors=20), 7
    )
