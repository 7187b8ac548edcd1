from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from clustertags.web.routes.exporting import _FILES
from tests.web.test_pages import edit, photos_of


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("form", list(_FILES))
def test_each_file_can_be_downloaded(client: TestClient, form: str) -> None:
    answer = client.get("/api/export", params={"format": form})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == _FILES[form].media_type
    assert answer.headers["content-disposition"] == f'attachment; filename="{_FILES[form].name}"'
    assert answer.content
    assert client.get("/export/download", params={"format": form, "precision": ""}).content == answer.content


def test_own_and_predicted_tags_apart(client: TestClient) -> None:
    both = lines(client.get("/api/export").text)
    mine = lines(client.get("/api/export", params={"tags": "mine"}).text)
    predicted = lines(client.get("/api/export", params={"tags": "predicted"}).text)
    assert [item["mine"] for item in mine] == [item["mine"] for item in both]
    assert [item["predicted"] for item in predicted] == [item["predicted"] for item in both]
    assert not any(item["predicted"] for item in mine)
    assert not any(item["mine"] for item in predicted)
    assert any(item["mine"] for item in both)
    assert any(item["predicted"] for item in both)


def test_a_tag_given_just_now_is_exported(client: TestClient) -> None:
    key = client.get("/api/clusters").json()["clusters"][0]["key"]
    photo = photos_of(client, key)[0]
    edit(client, kind="accept", photos=[photo], tags=["given just now"])
    given = [item["path"] for item in lines(client.get("/api/export").text) if "given just now" in item["mine"]]  # type: ignore[operator]
    assert len(given) == 1


def test_the_page_offers_every_file(client: TestClient) -> None:
    page = client.get("/export").text
    assert all(f'value="{form}"' in page for form in _FILES)
    assert 'href="/export"' in client.get("/").text


@pytest.mark.parametrize("query", ["format=docx", "precision=2", "tags=all"])
def test_what_there_is_not_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/api/export?{query}").status_code == 422


def test_a_parent_is_one_name(client: TestClient) -> None:
    answer = client.get("/api/export", params={"under": "a|b"})
    assert answer.status_code == 400
    assert "one name" in answer.json()["detail"]
