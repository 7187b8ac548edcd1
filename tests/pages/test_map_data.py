"""What the map is drawn from."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from clustertags.library.model import FittedLibrary
from clustertags.pages.arrangement import arrange
from clustertags.pages.context import cluster_cards
from clustertags.pages.map_data import as_script, map_data, scaled
from tests.made.coloured import Fake


def test_the_map_keeps_proportions_and_survives_odd_places(library: FittedLibrary, fake_thumbnails: Fake) -> None:
    places = scaled(np.array([[0, 0], [10, 5], [5, 2.5]], dtype=np.float32))
    assert places.tolist() == [[0, 16384], [65535, 49151], [32768, 32768]]
    assert scaled(np.full((3, 2), 7, dtype=np.float32)).min() >= 0
    assert scaled(np.array([[np.nan, np.inf], [1, 1]], dtype=np.float32)).shape == (2, 2)
    data = map_data(library, arrange(library), fake_thumbnails(library), cluster_cards(library, [None] * 15))
    assert data.cluster == library.clusters.labels.tolist()
    assert data.hrefs[0] == "clusters/0000-{page}.html"
    assert data.tags[7] == "cat 90%; suggested: harbour 30%"
    assert sum(data.labelled) == 2
    assert (data.best[0], data.best[7], data.certainty[7]) == (0, 1, 230)


def test_the_maps_script_is_one_assignment_that_nothing_ends(library: FittedLibrary, fake_thumbnails: Fake) -> None:
    data = map_data(library, arrange(library), fake_thumbnails(library), cluster_cards(library, [None] * 15))
    nasty = "</script><!--&\u2028'\"\\"
    script = as_script(replace(data, name=[nasty] * len(data.name)))
    assert script.isascii()
    assert not set("<>&") & set(script)
    assert script.count("\n") == 1
    prefix = "globalThis.clustertagsMap = "
    assert script.startswith(prefix)
    assert json.loads(script.removeprefix(prefix).removesuffix(";\n"))["name"][0] == nasty
