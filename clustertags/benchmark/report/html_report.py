"""The report as one self-contained HTML file."""

from __future__ import annotations

from pathlib import Path

from clustertags.benchmark.report.page import comparison_page
from clustertags.benchmark.results.benchmark_results import BenchmarkResults
from clustertags.evaluation.html_pages import render_page, write_page


def render_comparison(results: BenchmarkResults) -> str:
    """The whole page as HTML."""
    return render_page("benchmark_report.html", comparison_page(results), "clustertags.benchmark.report")


def write_comparison(results: BenchmarkResults, path: Path) -> None:
    """Write the page atomically. Raises `StorageError`."""
    write_page(render_comparison(results), path)
