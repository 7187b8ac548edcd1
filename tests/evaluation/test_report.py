"""The page: names are text, nothing is fetched, every plot has a name and a table."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from clustertags.cli.evaluation import evaluation_table
from clustertags.errors import StorageError
from clustertags.evaluation.metrics import MetricSettings, evaluate
from clustertags.evaluation.plots import confusion_grid, up
from clustertags.evaluation.predictions import BestTags, Predictions
from clustertags.evaluation.report import render_report, report_page, write_report
from clustertags.evaluation.results import Evaluation
from clustertags.web.schemas import reports as schemas

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</title><b>bold</b>",
    "{{ 7*7 }}",
    "\u202egnp",
    "\ud800",
)


KINDS = BestTags(
    np.array([0.95, 0.65, 0.15, 0.85, 0.1, 0.12], np.float32),
    np.array([True, False, True, False, False, False]),
    np.array([True, True, True, False, False, False]),
    np.arange(6, dtype=np.int32),
    np.zeros(6, np.int32),
    known_share=0.25,
    how="Some <b>photos</b>.",
)


def evaluation(
    vocabulary: tuple[str, ...] = HOSTILE, *, several: bool = False, kinds: BestTags | None = KINDS
) -> Evaluation:
    """Some photos of every tag are confused with the next tag."""
    n_tags = len(vocabulary)
    n = 4 * n_tags
    true = np.arange(n) % n_tags
    truth = np.eye(n_tags, dtype=bool)[true]
    scores = np.full((n, n_tags), 0.05, np.float32)
    scores[np.arange(n), np.where(np.arange(n) < n_tags, (true + 1) % n_tags, true)] = 0.8
    if several:
        truth[0] = True
    return evaluate(
        Predictions(
            "given truth",
            vocabulary,
            truth,
            scores,
            np.zeros(n, bool),
            np.zeros(n, np.int32),
            (0.5, 0.9),
            np.stack([np.full((1, n_tags), level, np.float32) for level in (0.5, 0.9)]),
            notes=(f"a note on {vocabulary[0]}",),
            condition="These scores are <i>given</i>.",
            best_tags=kinds,
        ),
        MetricSettings(n_draws=50),
    )


class _Seen(HTMLParser):
    """Elements with their attributes, and all text outside of the style."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.text.append(data)


def seen(html: str) -> _Seen:
    parser = _Seen()
    parser.feed(html)
    parser.close()
    return parser


def test_hostile_tags_stay_text() -> None:
    page = seen(render_report(evaluation(), "<b>source</b>"))
    names = {name for name, _ in page.elements}
    assert not names & {"script", "img", "b", "i", "iframe", "object", "link", "form"}
    for name, attributes in page.elements:
        assert not any(key.startswith("on") for key in attributes), name
        assert not {"src", "style"} & set(attributes), name
        assert attributes.get("href", "#").startswith("#"), name  # type: ignore[union-attr]
    text = "".join(page.text)
    for tag in HOSTILE[:6]:
        assert tag in text
    assert "49" not in [part.strip() for part in page.text]
    assert "\\u202egnp" in text
    assert "\\ud800" in text


def test_the_policy_allows_this_style_and_nothing_else() -> None:
    html = render_report(evaluation(), "source")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert style
    assert policy
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1].replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style[1]
    assert "@import" not in style[1]


@pytest.mark.parametrize("several", [False, True])
def test_every_plot_has_a_title_and_a_description(several: bool) -> None:
    html = render_report(evaluation(("cat", "dog", "sea"), several=several), "source")
    plots = re.findall(r'<svg class="(?:plot|matrix)".*?</svg>', html, re.DOTALL)
    assert len(plots) == (4 if several else 5)
    for plot in plots:
        (labelled,) = re.findall(r'aria-labelledby="([^"]+)"', plot)
        for name in labelled.split():
            assert re.search(rf'<(title|desc) id="{name}">[^<]+<', plot), name
    identifiers = re.findall(r' id="([^"]+)"', html)
    assert len(identifiers) == len(set(identifiers))


def test_the_tables_hold_what_the_plots_show() -> None:
    made = evaluation(("cat", "dog", "sea"))
    html = render_report(made, "source")
    for item in made.best_tag.bins:
        assert f"<td>{item.mean_score:.3f}</td><td>{item.share_correct:.3f}</td>" in html
    for name in made.overall:
        assert name in html
    assert [(row.tag, row.tp, row.fp) for row in report_page(made, "").tags] == [
        ("cat", 3, 1), ("dog", 3, 1), ("sea", 3, 1)
    ]  # fmt: skip
    assert report_page(made, "").confused == (("cat", "dog", 1), ("dog", "sea", 1), ("sea", "cat", 1))


def test_known_and_unknown_kinds_are_drawn_and_told() -> None:
    made = evaluation(("cat", "dog", "sea"))
    html = render_report(made, "source")
    assert "Known and unknown kinds of photos" in html
    assert "3 photos of known and 3 of unknown kinds" in html
    assert "count known kinds as 25% of all photos" in html
    kinds = report_page(made, "").kinds
    assert kinds is not None
    assert [row.min_score for row in kinds.levels] == ["0.5", "0.8"]
    assert [row.unknown_tagged.value for row in kinds.levels] == ["0.333", "0.333"]
    for level in kinds.levels:
        assert f"<td>{level.precision.value} " in html
    bars = kinds.histogram.bars
    assert {bar.kind for bar in bars} == {"known", "unknown"}
    heights = {kind: [bar.height for bar in bars if bar.kind == kind] for kind in ("known", "unknown")}
    whole = up(0) - up(1)
    assert sum(heights["known"]) == pytest.approx(whole, abs=0.1)
    assert sum(heights["unknown"]) == pytest.approx(whole, abs=0.1)
    assert heights["unknown"][1] == pytest.approx(whole * 2 / 3, abs=0.02), "0.1 and 0.12"
    assert all(bar.y + bar.height == pytest.approx(up(0), abs=0.02) and bar.width > 5 for bar in bars)
    assert "<td>1</td><td>2</td>" in html, "the table has the same numbers"
    assert "score 0.1 to 0.2: 2 of 3 photos of unknown kinds" in html


def test_what_the_scores_are_given_is_one_line_of_every_output() -> None:
    made = evaluation(("cat", "dog", "sea"))
    assert "These scores are &lt;i&gt;given&lt;/i&gt;." in render_report(made, "source")
    assert made.to_json()["condition"] == "These scores are <i>given</i>."
    assert "These scores are <i>given</i>." in evaluation_table(made, 80).splitlines()


def test_kinds_that_are_not_measured_say_why_and_those_not_asked_for_say_nothing() -> None:
    why = evaluation(("cat", "dog", "sea"), kinds=BestTags.none("there is one <tag>"))
    page, text = render_report(why, "source"), evaluation_table(why, 80)
    assert "Not measured: there is one &lt;tag&gt;." in page
    assert "known and unknown kinds of photos: not measured, there is one <tag>" in text
    assert (why.to_json()["unknown_kinds"], why.to_json()["unknown_kinds_missing"]) == (None, "there is one <tag>")
    silent = evaluation(("cat", "dog", "sea"), kinds=None)
    assert "unknown kinds" not in render_report(silent, "source")
    assert "unknown kinds" not in evaluation_table(silent, 80)
    assert silent.to_json()["unknown_kinds_missing"] == ""


def test_the_text_has_the_figures_of_both_kinds() -> None:
    lines = evaluation_table(evaluation(("cat", "dog", "sea")), 80).splitlines()
    assert any("3 photos of known and 3 of unknown kinds" in line and "25%" in line for line in lines)
    assert any(line.startswith("AUROC of known kinds") and " 0.778 " in line for line in lines)
    assert "0.1 to 0.2                  1        2" in lines
    row = next(line for line in lines if line.startswith("0.8 ") and "0.333" in line)
    assert row.split()[1] == "0.333"


def test_the_json_is_what_the_app_describes() -> None:
    made = evaluation(("cat", "dog", "sea")).to_json()
    described = schemas.Evaluation.model_validate(made)
    assert described.model_dump(mode="json") == json.loads(json.dumps(made))
    kinds = described.unknown_kinds
    assert kinds is not None
    assert (kinds.how, kinds.n_known, kinds.n_unknown, kinds.known_share) == ("Some <b>photos</b>.", 3, 3, 0.25)
    assert kinds.auroc.value == pytest.approx(7 / 9, abs=1e-6)
    assert sum(row.n_known + row.n_unknown for row in kinds.best_scores) == 6


def test_marks_stay_within_their_plots() -> None:
    page = report_page(evaluation(("cat", "dog", "sea")), "")
    for plot in (page.all_pairs, page.best_tag, page.coverage):
        points = [tuple(map(float, pair.split(","))) for path in plot.paths for pair in path.points.split()]
        points += [(dot.x, dot.y) for dot in plot.dots]
        assert points
        assert all(40 <= x <= 350 and 10 <= y <= 280 for x, y in points)


def test_many_tags_are_drawn_without_names_and_few_with() -> None:
    few, many = (confusion_grid(evaluation(tuple(f"t{at:03d}" for at in range(n)))) for n in (8, 60))
    assert few
    assert many
    assert len(few.rows) == len(few.columns) == 8
    assert not many.rows
    assert {cell.correct for cell in many.cells} == {True, False}
    assert max(cell.x for cell in many.cells) + many.cell <= many.start + many.side


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write_report(evaluation(), "source", target)
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(StorageError, match="nowhere"):
        write_report(evaluation(), "source", tmp_path / "nowhere" / "report.html")
