"""The comparison as one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from clustertags.benchmark.comparison.results import Results
from clustertags.benchmark.comparison_page.page import comparison_page
from clustertags.evaluation.documents import render_page, write_page


def render_comparison(results: Results) -> str:
    """The whole page as HTML."""
    return render_page("comparison.html", comparison_page(results), "clustertags.benchmark")


def write_comparison(results: Results, path: Path) -> None:
    """Write the page; what was there before stays whole until it is done. Raises `StorageError`."""
    write_page(render_comparison(results), path)
