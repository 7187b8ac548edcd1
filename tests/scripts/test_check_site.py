"""What a site of documents may load, and where its links lead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripts.loading import load_script

check_site = load_script("check_site")


def faults(folder: Path, body: str, styles: str = "") -> list[str]:
    (folder / "index.html").write_text(f"<html><body>{body}</body></html>", encoding="utf-8")
    (folder / "site.css").write_text(styles, encoding="utf-8")
    return list(check_site.faults_of(folder))


def test_a_site_that_stands_alone_has_no_faults(tmp_path: Path) -> None:
    body = (
        '<link href="site.css"><h2 id="part">-</h2><a href="#part">-</a><a href="index.html#part">-</a>'
        '<a href="https://example.org/">what a reader may click</a><img src="data:image/gif;base64,R0lGODlhAQ">'
    )
    assert faults(tmp_path, body, "a { background: url(data:image/svg+xml;utf8,x) }") == []


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://example.org/a.js"></script>',
        '<img src="//example.org/a.png">',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<p style="background: url(https://example.org/a.png)">',
        '<img src="missing.png">',
        '<a href="missing.html">-</a>',
        '<a href="index.html#missing">-</a>',
        '<a href="#missing">-</a>',
    ],
)
def test_what_is_missing_or_elsewhere_is_told(tmp_path: Path, body: str) -> None:
    assert len(faults(tmp_path, body)) == 1


@pytest.mark.parametrize("styles", ["@import 'https://example.org/a.css';", "a { src: url('https://example.org/a') }"])
def test_styles_load_nothing_from_elsewhere(tmp_path: Path, styles: str) -> None:
    assert len(faults(tmp_path, "", styles)) == 1


def test_a_folder_without_pages_is_a_fault(tmp_path: Path) -> None:
    assert list(check_site.faults_of(tmp_path)) == [f"{tmp_path} holds no page"]
