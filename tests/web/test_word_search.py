"""The app's search by words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from clustertags.features.conversion import TEXT_FILE
from clustertags.library.artifacts import Artifacts
from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings
from clustertags.web.word_searcher import WordSearcher
from tests.conftest import Library
from tests.web.conftest import ADDRESS, HOSTILE


@pytest.fixture(scope="module")
def reading(image_text: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server over a library of an image-text network."""
    artifacts = Path(shutil.copytree(image_text.artifacts, tmp_path_factory.mktemp("read") / "artifacts"))
    with TestClient(create_app(WebSettings(artifacts)), base_url=ADDRESS) as client:
        yield client


def test_a_search_by_words_ranks_all_photos_in_parts(client: TestClient, fitted: Library) -> None:
    query = {"q": "kind2", "by": "words"}
    first = client.get("/api/search", params={**query, "limit": 12}).json()
    assert {fitted.kinds[item["path"]] for item in first["photos"]} == {"kind2"}
    assert (first["total"], first["next_offset"]) == (48, 12)
    assert "your tags alone: kind2" in first["basis"]
    rest = client.get("/api/search", params={**query, "offset": 12, "limit": 100}).json()
    assert len({item["photo"] for item in first["photos"] + rest["photos"]}) == 48
    assert client.get("/api/search", params={"q": "kind2"}).json()["basis"] == ""


def test_the_page_of_a_tag_has_results_by_words_below_the_exact_ones(client: TestClient) -> None:
    page = client.get("/search", params={"q": "kind1", "by": "tag"}).text
    assert page.index('id="grid"') < page.index('<h2 id="by-words">By words</h2>')
    words = page[page.index("by-words") :]
    assert len(re.findall(r'<a href="/photos/[0-9a-f]{64}"', words)) == 24
    assert "/search?by=words&amp;q=kind1" in words
    nothing = client.get("/search", params={"q": "a striped cloth", "by": "tag"}).text
    assert nothing.index("Nothing found") < nothing.index("By words") < nothing.index("1,000 classes")
    assert "match 0." in nothing


def test_the_page_of_words_says_what_it_rests_on_and_continues(client: TestClient, reading: TestClient) -> None:
    page = client.get("/search", params={"q": "a striped cloth", "by": "words"}).text
    assert "found by chance" in page
    assert "By words</h2>" not in page
    assert page.count('class="tile') >= 48
    part = client.get("/parts/search", params={"q": "a striped cloth", "by": "words", "offset": 40})
    assert part.text.count("data-photo") == 8
    assert "clip:clustertags-tiny matches the words" in reading.get("/search?q=dog&by=words").text
    found = reading.get("/api/search", params={"q": "a dog on a beach", "by": "words"}).json()
    assert len(found["photos"]) == 24
    assert "(cosine)" in found["basis"]


def test_words_that_nothing_knows_and_no_words(client: TestClient) -> None:
    page = client.get("/search", params={"q": "qzxv", "by": "words"}).text
    assert "None of the words is known" in page
    assert "Nothing found" in page
    page = client.get("/search", params={"q": "\x07\x1b", "by": "words"})
    assert page.status_code == 200
    assert "There are no words to search for" in page.text
    assert client.get("/api/search", params={"q": " ", "by": "words"}).status_code == 400
    assert client.get("/api/search", params={"q": "x" * 201, "by": "words"}).status_code == 422
    assert client.get("/search", params={"q": "", "by": "words"}).status_code == 200


def test_hostile_words_stay_words(client: TestClient) -> None:
    for text in HOSTILE:
        for by in ("words", "tag"):
            page = client.get("/search", params={"q": text, "by": by})
            assert page.status_code == 200
            assert not re.search(r"<script(?![^>]* src=)|<img src=x|<svg on", page.text), text
        assert client.get("/api/search", params={"q": text, "by": "words"}).status_code == 200


def test_a_large_library_is_searched_by_words_only_when_asked(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WordSearcher, "is_quick", lambda *_: False)
    monkeypatch.setattr(WordSearcher, "search", lambda *_, **__: pytest.fail("searched"))
    page = client.get("/search", params={"q": "kind1", "by": "tag"}).text
    assert "/search?by=words&amp;q=kind1" in page


def test_a_text_tower_that_is_gone_is_told_on_the_page(image_text: Library, tmp_path: Path) -> None:
    artifacts = Path(shutil.copytree(image_text.artifacts, tmp_path / "artifacts"))
    with TestClient(create_app(WebSettings(artifacts)), base_url=ADDRESS) as client:
        (Artifacts(artifacts).current().folder / TEXT_FILE).unlink()
        page = client.get("/search", params={"q": "kind1", "by": "tag"})
        assert page.status_code == 200
        assert "The text tower of clip:clustertags-tiny cannot be loaded" in page.text
        assert client.get("/api/search", params={"q": "kind1", "by": "words"}).status_code == 500
