"""The page of a comparison: names are text, pictures are inside, nothing is fetched, failures are rows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from clustertags.benchmark.datasets.labelled_set import LabelledSet, LabelledSetRequest
from clustertags.benchmark.datasets.lazy_pictures import FolderPictures
from clustertags.benchmark.datasets.splits import SplitSettings, make_split
from clustertags.benchmark.execution.cells import CellStore
from clustertags.benchmark.execution.runner import RunSummary
from clustertags.benchmark.execution.worker import CellRequest, Job, measure, work
from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.report.html_report import render_comparison, write_comparison
from clustertags.benchmark.report.page import comparison_page
from clustertags.benchmark.results.benchmark_results import BenchmarkResults
from clustertags.benchmark.results.cluster_agreement import Agreement, ClusterScores
from clustertags.benchmark.run import BenchmarkRequest, RunOutputs, build_results
from tests.benchmark.made_sets import Frequent, Lacking, Means, made_set
from tests.evaluation.test_report import HOSTILE, seen

CLUSTERS = ClusterScores(24, 4, 0.1, 0.05, (Agreement("all", 1.0, 0.5, 0.6, 0.4, 0.7, 0.8),))


def with_pictures(labelled: LabelledSet, folder: Path) -> LabelledSet:
    picture = folder / "picture.jpg"
    Image.new("RGB", (40, 30), (200, 30, 30)).save(picture)
    return replace(labelled, pictures=FolderPictures((picture,) * len(labelled), labelled.hashes))


def results(folder: Path, names: tuple[str, ...] = (), *, several: bool = False) -> BenchmarkResults:
    labelled = with_pictures(made_set(max(4, len(names)), 8, several=several, names=names), folder)
    split = make_split(labelled, SplitSettings(budgets=(2, 3), n_draws=2))
    store, methods, summary = CellStore(folder / "cells", split), (Means, Frequent, Lacking), RunSummary()
    job = Job(tuple(CellRequest(Lacking, draw) for draw in split.draws), labelled, store)
    for outcome in work(job):
        summary.add(outcome)
    cells = {method.name: [measure(job, CellRequest(method, draw)) for draw in split.draws] for method in methods[:2]}
    request = BenchmarkRequest(LabelledSetRequest(folder, folder / "cache"), folder, methods)
    return build_results(request, labelled, split, RunOutputs(cells, summary, CLUSTERS))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> BenchmarkResults:
    return results(tmp_path_factory.mktemp("found"))


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    page = seen(render_comparison(results(tmp_path, HOSTILE)))
    names = {name for name, _ in page.elements}
    assert not names & {"script", "b", "iframe", "object", "link", "form"}
    for name, attributes in page.elements:
        assert not any(key.startswith("on") for key in attributes), name
        assert "style" not in attributes
        assert attributes.get("href", "#").startswith("#"), name  # type: ignore[union-attr]
        if name == "img":
            assert str(attributes["src"]).startswith("data:image/jpeg;base64,")
        else:
            assert "src" not in attributes
    text = "".join(page.text)
    for tag in HOSTILE[:6]:
        assert tag in text
    assert "<b>get them</b>" in text
    assert "<script>alert(1)</script>" in text


def test_the_policy_allows_pictures_inside_the_page_and_nothing_else(found: BenchmarkResults) -> None:
    html = render_comparison(found)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert re.fullmatch(
        r"default-src 'none'; img-src data:; style-src 'sha256-[A-Za-z0-9+/=]+'; base-uri 'none'; form-action 'none'",
        policy[1].replace("&#39;", "'"),
    )
    assert {item.correct for item in found.examples} == {True, False}
    assert html.count("<img ") == len(found.examples) > 6
    identifiers = re.findall(r' id="([^"]+)"', html)
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("several", [False, True])
def test_the_page_says_who_is_first_and_has_a_row_for_a_method_that_failed(tmp_path: Path, several: bool) -> None:
    found = results(tmp_path, several=several)
    page = comparison_page(found)
    assert "clustertags is first at every budget" in page.verdict[0]
    assert page.first_or_within
    rows = {row.name: row for part in page.tables[0].parts for row in part.rows}
    assert rows["lacking"].reason == "the weights of lacking are not here: <b>get them</b>"
    assert rows["lacking"].cells == ()
    assert len(rows["frequent"].cells) == len(page.tables[0].columns)
    assert rows["clustertags"].is_clustertags
    assert [item.name for item in page.details] == ["clustertags", "frequent"]
    assert bool(page.top) is not several
    assert (page.details[0].confusion is None) is several
    assert page.published.title == "Published, other data"
    assert not {row[0] for row in page.published.rows} & set(rows)


def test_the_json_holds_what_the_page_shows(found: BenchmarkResults) -> None:
    document = json.loads(json.dumps(found.to_json()))
    assert document["schema_version"] == 1
    assert document["ours_first_or_within"] is True
    assert document["verdict"] == list(comparison_page(found).verdict)
    ours = next(item for item in document["methods"] if item["name"] == "clustertags")
    assert [item["budget"] for item in ours["budgets"]] == [2, 3]
    decision_counts = ours["judged"]
    assert decision_counts["tp"] + decision_counts["fn"] == 16
    assert sum(decision_counts[name] for name in ("tp", "fp", "fn", "tn")) == 16 * 4
    assert sum(map(sum, document["in_full"]["clustertags"]["confusion"]["counts"])) == 16
    assert document["clusters"]["agreements"][0]["ami"] == 0.5


def test_a_table_of_another_protocol_has_its_own_section(found: BenchmarkResults) -> None:
    section = Section("zero-shot", "Zero-shot", "Unseen tags.", ("Method", "U"), (("<i>conse</i>", "0.5"),))
    html = render_comparison(replace(found, sections=(section,)))
    assert 'id="section-zero-shot"' in html
    assert "&lt;i&gt;conse&lt;/i&gt;" in html


def test_the_page_is_written_whole(found: BenchmarkResults, tmp_path: Path) -> None:
    write_comparison(found, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
