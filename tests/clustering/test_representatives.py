from __future__ import annotations

import numpy as np

from clustertags.clustering.representatives import by_closeness, representatives
from clustertags.types import Clusters
from tests.made.clusters import clusters_of


def space_of(angles: list[float]) -> np.ndarray:
    radians = np.deg2rad(angles)
    return np.column_stack([np.cos(radians), np.sin(radians)]).astype(np.float32)


def one_cluster(n: int, outside: int = 0) -> Clusters:
    return clusters_of([0] * n + [-1] * outside)


def test_members_come_by_closeness_to_the_middle() -> None:
    space = space_of([10, 0, -20, 45, 90])
    assert by_closeness(one_cluster(4, outside=1), space, 0).tolist() == [0, 1, 2, 3]


def test_the_medoid_leads_and_the_others_differ() -> None:
    space = space_of([0, 0.1, 0.2, 0.3, 20, -20, 80, -80])
    chosen = representatives(one_cluster(8), space, 0, 3)
    assert chosen[0] in {0, 1, 2, 3}
    assert set(chosen[1:].tolist()) == {4, 5}


def test_the_least_typical_photos_stand_for_nothing() -> None:
    space = space_of([*np.linspace(-10, 10, 15), 85])
    assert 15 not in representatives(one_cluster(16), space, 0, 4).tolist()


def test_never_a_photo_twice_nor_more_than_there_are() -> None:
    space = space_of([0.0] * 5)
    chosen = representatives(one_cluster(5), space, 0, 9).tolist()
    assert sorted(chosen) == [0, 1, 2, 3, 4]
    assert representatives(one_cluster(5), space, 0, 0).tolist() == []
