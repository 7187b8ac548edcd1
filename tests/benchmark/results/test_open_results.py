"""The open protocol over all draws: means, what is missing, the tables of text and the JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from clustertags.benchmark.extra_protocols.open_draws import OpenSettings
from clustertags.benchmark.extra_protocols.open_figures import OpenFigures, Place, ScoreKind
from clustertags.benchmark.extra_protocols.open_scoring import OpenScores, PlaceFigures
from clustertags.benchmark.results.open_results import COLUMNS, OpenResults, summarise_open
from tests.benchmark.made_sets import made_set

LABELLED = made_set(n_tags=6, n_each=20)
SETTINGS = OpenSettings(labels=(2, 3), n_draws=2)
BASE = OpenFigures(0.8, 0.1, 0.0, 0.9, None, 0.5, 0.05)


def scored(number: int, auroc: float, kinds: tuple[ScoreKind, ...] = tuple(ScoreKind), budget: int = 2) -> OpenScores:
    figures = replace(BASE, auroc=auroc, precision_at_80=1.0 if number else None)
    found = tuple(PlaceFigures(place, kind, figures) for place in Place for kind in kinds)
    return OpenScores("a", "Method A", budget, number, found)


@pytest.fixture(scope="module")
def results() -> OpenResults:
    scores = [
        scored(0, 0.7),
        scored(1, 0.9, (ScoreKind.MAPPED,)),
        scored(0, 0.6, budget=3),
        scored(1, 0.6, budget=3),
        OpenScores("b", "Method B", 2, 0, reason="no weights"),
        OpenScores("b", "Method B", 2, 1, scored(1, 0.5).found),
    ]
    return summarise_open(LABELLED, SETTINGS, scores)


def test_figures_are_means_over_the_draws_that_have_them(results: OpenResults) -> None:
    rows = {(row.name, row.budget, row.place, row.kind): row for row in results.rows}
    row = rows["a", 2, Place.LIBRARY, ScoreKind.MAPPED]
    auroc, precision, ece = (row.figures[name] for name in ("auroc", "precision_at_80", "ece"))
    assert auroc is not None
    assert (auroc.mean, auroc.deviation) == (pytest.approx(0.8), pytest.approx(0.1414, abs=1e-4))
    assert precision is not None
    assert (precision.mean, precision.deviation) == (1.0, None)
    assert ece is not None
    assert ece.mean == pytest.approx(0.05)


def test_scores_that_left_0_to_1_in_a_draw_have_no_row_as_given(results: OpenResults) -> None:
    kinds = {(row.budget, row.kind) for row in results.rows if row.name == "a"}
    assert kinds == {(2, ScoreKind.MAPPED), (3, ScoreKind.MAPPED), (3, ScoreKind.AS_GIVEN)}


def test_a_draw_that_failed_leaves_the_budget_without_a_row_but_with_its_reason(results: OpenResults) -> None:
    assert "b" not in {row.name for row in results.rows}
    assert [(item.name, item.budget, item.reason) for item in results.failures] == [("b", 2, "no weights")]


def test_a_table_a_budget_and_place_says_how_many_photos_it_is_of(results: OpenResults) -> None:
    sections = {section.name: section for section in results.sections()}
    assert list(sections) == ["open-2-library", "open-2-outside", "open-3-library", "open-3-outside"]
    table = sections["open-2-library"]
    assert table.columns == ("Method", "Scores", *COLUMNS.values())
    assert table.rows[0][:5] == ("Method A", "mapped", "0.800 ± 0.141", "0.050 ± 0.000", "0.100 ± 0.000")
    assert table.rows[1][:4] == ("Method B", "–", "no weights", "–")
    # 90 of 120 photos are in the library, and 2 of each of 3 tags are labelled.
    assert "3 of 6 tags are known" in table.description
    assert "6 photos are labelled" in table.description
    assert "84 other photos" in table.description
    assert "30 photos outside" in sections["open-2-outside"].description
    assert sections["open-3-library"].rows[0][1] == "as given"


def test_the_json_has_every_figure_as_a_number(results: OpenResults) -> None:
    document = json.loads(json.dumps(results.to_json(), allow_nan=False))
    assert {key: document[key] for key in ("known_share", "outside_share", "min_photos", "n_draws")} == {
        "known_share": 0.5,
        "outside_share": 0.25,
        "min_photos": 10,
        "n_draws": 2,
    }
    assert (document["labels_a_tag"], document["n_tags"], document["n_known"]) == ([2, 3], 6, 3)
    assert len(document["libraries"]) == 4
    library = document["libraries"][0]
    assert (library["budget"], library["place"], library["n_labelled"], library["n_photos"]) == (2, "library", 6, 84)
    assert 0.4 < library["unknown_share"] < 0.7
    row = document["methods"][0]
    assert row["figures"].keys() == COLUMNS.keys()
    assert {key: row[key] for key in ("name", "budget", "place", "kind", "n_draws")} == {
        "name": "a",
        "budget": 2,
        "place": "library",
        "kind": "mapped",
        "n_draws": 2,
    }
    assert row["figures"]["auroc"] == {"mean": 0.8, "deviation": pytest.approx(0.141421)}
    assert document["failures"] == [{"name": "b", "title": "Method B", "budget": 2, "reason": "no weights"}]
