"""The comparison as one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from clustertags.benchmark.report.page import comparison_page
from clustertags.benchmark.results.benchmark_results import Results
from clustertags.evaluation.html_pages import render_page, write_page


def render_comparison(results: Results) -> str:
    """The whole page as HTML."""
    return render_page("benchmark_report.html", comparison_page(results), "clustertags.benchmark.report")


def write_comparison(results: Results, path: Path) -> None:
    """Write the page; what was there before stays whole until it is done. Raises `StorageError`."""
    write_page(render_comparison(results), path)
