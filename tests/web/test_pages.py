"""Pages and the interface behind them, over a fitted library."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from clustertags.features.conversion import read_converted
from clustertags.library.artifacts import Artifacts
from clustertags.library.publishing import publish
from clustertags.library.reuse import earlier_reduction
from clustertags.library.saving import load_library
from clustertags.web.app import create_app
from clustertags.web.pictures import Pictures
from clustertags.web.settings import WebSettings
from clustertags.workflows.edit import Editor
from tests.conftest import Library
from tests.web.conftest import ADDRESS, HOSTILE, read_points

Until = Callable[..., Any]
PAGES = (
    "/", "/?order=unsure&text=kind", "/unclustered", "/hidden", "/skipped-1.html", "/try", "/map", "/search",
    "/search?by=tag&q=kind1", "/search?by=name&q=000", "/duplicates", "/label", "/report", "/export", "/parts/clusters",
)  # fmt: skip


def clusters(client: TestClient, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/clusters", params=query).json()["clusters"]
    return found


def photos_of(client: TestClient, key: str) -> list[str]:
    """The content hashes of a cluster's first photos, in the page's order."""
    return re.findall(r'data-photo="([0-9a-f]{64})"', client.get(f"/clusters/{key}").text)


def edit(client: TestClient, **request: Any) -> dict[str, Any]:
    answer = client.post("/api/edits", json=request)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


def test_every_page_is_there_with_one_heading(client: TestClient) -> None:
    first = clusters(client)[0]
    own = (first["href"], f"/photos/{photos_of(client, first['key'])[0]}", f"/parts{first['href']}")
    for path in (*PAGES, *own):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text.count("<h1") == (0 if path.startswith("/parts/") else 1), path
        assert not re.search(r"<script(?![^>]* src=)|\son\w+=|style=|javascript:", answer.text), path


def test_what_is_not_there_is_a_page_for_people_and_json_for_programs(client: TestClient) -> None:
    for path in ("/nowhere", "/clusters/nothing", f"/photos/{'0' * 64}", "/photos/short", "/?offset=-1"):
        page = client.get(path, headers={"accept": "text/html,*/*"})
        assert page.status_code in {404, 422}
        assert "<h1" in page.text, path
    assert client.get("/nowhere").json() == {"detail": "Not Found"}
    assert client.get("/api/photos/short").status_code == 422
    assert client.get(f"/api/photos/{'0' * 64}").status_code == 404


def test_the_wall_goes_on_where_its_first_part_ends(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clustertags.web.routes.clusters.CLUSTERS_A_PART", 2)
    known = clusters(client)
    names = []
    following = "/parts/clusters"
    while following:
        part = client.get(following)
        names += re.findall(r"<h3><a [^>]*><bdi>([^<]*)", part.text)
        following = part.headers["x-next"]
    assert names == [html.escape(row["name"]) for row in known]
    assert len(known) >= 4


def test_pictures_come_by_hash_and_without_metadata(client: TestClient, fitted: Library) -> None:
    photo = load_library(Artifacts(fitted.artifacts).current()).photos[0].content_hash
    for path in (f"/thumbs/{photo[:2]}/{photo}.webp", f"/pictures/{photo}.webp"):
        answer = client.get(path)
        assert answer.headers["content-type"] == "image/webp"
        assert "immutable" in answer.headers["cache-control"]
        assert answer.content[:4] == b"RIFF"
        assert b"EXIF" not in answer.content
    assert client.get(f"/thumbs/{photo[:2]}/{'0' * 64}.webp").status_code == 404


def test_a_photo_that_changed_since_the_fit_is_not_shown(fitted: Library, own_artifacts: Path, tmp_path: Path) -> None:
    photo = load_library(Artifacts(own_artifacts).current()).photos[0]
    file = tmp_path / photo.path
    file.write_bytes((fitted.photos / photo.path).read_bytes())
    pictures = Pictures(Artifacts(own_artifacts))
    assert pictures.large(photo, tmp_path) is not None
    file.write_bytes((fitted.photos / "001-1.jpg").read_bytes())
    assert pictures.large(photo, tmp_path) is None
    pictures.close()


def test_search_finds_by_tag_name_and_likeness(client: TestClient, fitted: Library) -> None:
    by_tag = client.get("/api/search", params={"q": "KIND2", "by": "tag"}).json()
    kinds = [fitted.kinds[item["path"]] for item in by_tag["photos"]]
    assert kinds.count("kind2") >= 0.9 * len(kinds) > 0
    by_name = client.get("/api/search", params={"q": "003-", "by": "name"}).json()["photos"]
    assert [item["path"] for item in by_name] == [f"003-{kind}.jpg" for kind in range(4)]
    alike = client.get("/api/search", params={"q": by_name[1]["photo"], "by": "photo", "limit": 5}).json()["photos"]
    assert {fitted.kinds[item["path"]] for item in alike} == {"kind1"}
    assert client.get("/api/search", params={"q": "x", "by": "photo"}).status_code == 404
    assert client.get("/api/complete", params={"text": "ki"}).json() == [f"kind{n}" for n in range(4)]


def test_looking_at_a_photo_gives_its_evidence(client: TestClient, fitted: Library) -> None:
    known = (fitted.photos / "011-2.jpg").read_bytes()
    seen = client.post("/api/look", files={"file": ("x.jpg", known)}).json()
    assert seen["answer"]["tags"][0]["tag"] == "kind2"
    assert seen["answer"]["tags"][0]["parts"]
    assert seen["photo"] == f"/photos/{seen['hash']}"
    assert all(item["tags"] for item in seen["labelled"])
    assert "kind2" in seen["labelled"][0]["tags"]
    for item in (*seen["labelled"], *seen["alike"], *seen["cluster"]["pictures"]):
        assert client.get(item["thumbnail"]).status_code == 200
    assert client.get(seen["cluster"]["href"]).status_code == 200
    new = client.post("/api/look", files={"file": ("y.jpg", known + b"changed")}).json()
    assert new["photo"] is None


def test_the_map_s_points(client: TestClient, fitted: Library) -> None:
    library = load_library(Artifacts(fitted.artifacts).current())
    header, columns = read_points(client.get("/api/map").content)
    assert header["n"] == library.n_photos
    assert np.array_equal(columns["cluster"][:, 0], library.clusters.labels)
    assert columns["x"].max() <= 65535
    assert bytes(columns["hash"][5]).hex() == library.photos[5].content_hash
    assert columns["labelled"].sum() == library.seeds.n_labelled
    best = [header["tags"][tag] for tag in columns["tag"][:, 0]]
    assert best[7] == library.tags_of(7)[0][0]


def test_rename_merge_split_move_and_back(editable: TestClient, until: Until) -> None:
    before = clusters(editable)
    first, second = before[0], before[1]
    renamed = edit(editable, kind="rename", cluster=first["key"], name="Harbour <b>")
    assert renamed["clusters"][0]["name"] == "Harbour <b>"
    assert "Harbour &lt;b&gt;" in editable.get(first["href"]).text
    merged = edit(editable, kind="merge", clusters=[first["key"], second["name"]])
    assert merged["clusters"][0]["n_photos"] == first["n_photos"] + second["n_photos"]
    assert len(clusters(editable)) == len(before) - 1
    assert editable.get(second["href"]).status_code == 404
    split = edit(editable, kind="split", cluster=merged["clusters"][0]["key"], parts=2)
    assert sum(item["n_photos"] for item in split["clusters"]) == first["n_photos"] + second["n_photos"]
    photos = photos_of(editable, split["clusters"][0]["key"])
    moved = edit(editable, kind="move", photos=photos[:2], cluster=split["clusters"][1]["key"])
    assert moved["clusters"][0]["key"] == split["clusters"][1]["key"]
    out = edit(editable, kind="move", photos=photos[2:3])
    assert out["clusters"] == []
    assert photos[2] in editable.get("/unclustered").text
    gathered = edit(editable, kind="gather", photos=photos[3:5], name="two")
    assert (gathered["clusters"][0]["name"], gathered["clusters"][0]["n_photos"]) == ("two", 2)
    hidden = edit(editable, kind="hide", photos=photos[5:6])
    assert photos[5] in editable.get("/hidden").text
    assert hidden["undo"] is not None
    log = editable.get("/api/edits").json()["entries"]
    assert [item["kind"] for item in log] == ["Hide", "Gather", "Move", "Move", "Split", "Merge", "Rename"]
    for _ in log:
        assert editable.post("/api/undo").status_code == 200
    # What was learnt meanwhile names clusters by their photos until it is learnt again.
    until(lambda: editable.get("/api/learning").json()["phase"] == "idle")
    assert [(row["key"], row["n_photos"], row["name"]) for row in clusters(editable)] == [
        (row["key"], row["n_photos"], row["name"]) for row in before
    ]
    nothing = editable.post("/api/undo")
    assert nothing.status_code == 400
    assert "undo" in nothing.json()["detail"]
    assert editable.post("/api/redo").json()["clusters"][0]["name"] == "Harbour <b>"


def test_edits_that_cannot_be_are_refused_with_a_sentence(editable: TestClient) -> None:
    key = clusters(editable)[0]["key"]
    photo = photos_of(editable, key)[0]
    refused = [
        {"kind": "rename", "cluster": "nothing like it", "name": "x"},
        {"kind": "rename", "cluster": key, "name": "a\nb"},
        {"kind": "rename", "cluster": key, "name": "a" * 300},
        {"kind": "merge", "clusters": [key, key]},
        {"kind": "move", "photos": ["0" * 64]},
        {"kind": "show", "photos": [photo]},
        {"kind": "accept", "photos": [photo], "tags": [" "]},
    ]
    for request in refused:
        answer = editable.post("/api/edits", json=request)
        assert answer.status_code == 400, request
        assert len(answer.json()["detail"]) > 20
    extra = {"kind": "rename", "cluster": key, "x": 1}
    for malformed in ({}, {"kind": "format"}, {"kind": "move", "photos": ["../.."]}, extra, []):
        assert editable.post("/api/edits", json=malformed).status_code == 422
    for text in (b"", b"{", b"\xff", b'{"kind":"rename","cluster":"\\ud800","name":"\\ud800"}'):
        answer = editable.post("/api/edits", content=text, headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}
    assert editable.get("/api/edits").json()["entries"] == []


def test_a_rejected_tag_goes_and_an_accepted_one_stays(editable: TestClient, fitted: Library, until: Until) -> None:
    found = editable.get("/api/search", params={"q": "009-1", "by": "name"}).json()["photos"]
    photo = found[0]["photo"]
    assert editable.get(f"/api/photos/{photo}").json()["tags"][0]["tag"] == "kind1"
    edit(editable, kind="reject", photos=[photo], tags=["kind1"])
    edit(editable, kind="accept", photos=[photo], tags=["Sunset"])
    now = editable.get(f"/api/photos/{photo}").json()
    assert "kind1" not in [item["tag"] for item in now["tags"]]
    assert (now["own_tags"], now["rejected"]) == (["Sunset"], ["kind1"])
    page = editable.get(f"/photos/{photo}").text
    assert "rejected" in page and "Sunset" in page
    until(lambda: editable.get("/api/learning").json()["phase"] == "idle")
    assert "Sunset" in editable.get("/api/complete", params={"text": "sun"}).json()


def test_a_photo_of_none_of_the_tags_has_none_until_it_is_given_one(editable: TestClient, until: Until) -> None:
    photo = editable.get("/api/search", params={"q": "009-1", "by": "name"}).json()["photos"][0]["photo"]
    assert "None of my tags" in editable.get(f"/photos/{photo}").text
    done = edit(editable, kind="answer", answers={photo: []})
    assert done["sentence"] == "1 photo labelled as none of the tags"
    for _ in range(2):  # at once, and when it is learnt
        now = editable.get(f"/api/photos/{photo}").json()
        assert (now["none"], now["tags"], now["own_tags"]) == (True, [], [])
        until(lambda: editable.get("/api/learning").json()["phase"] == "idle")
    assert "None of your tags, as you said" in editable.get(f"/photos/{photo}").text
    assert photo not in {item["hash"] for item in editable.get("/api/suggestions?n=50").json()["photos"]}
    edit(editable, kind="accept", photos=[photo], tags=["kind1"])
    now = editable.get(f"/api/photos/{photo}").json()
    assert (now["none"], now["own_tags"]) == (False, ["kind1"])


def test_a_photo_s_page_says_whether_all_of_its_tags_are_known(editable: TestClient, until: Until) -> None:
    photo = editable.get("/api/search", params={"q": "009-1", "by": "name"}).json()["photos"][0]["photo"]
    assert "Labelled in" not in editable.get(f"/photos/{photo}").text
    refused = editable.post("/api/edits", json={"kind": "complete", "photos": [photo]})
    assert refused.status_code == 400
    edit(editable, kind="accept", photos=[photo], tags=["kind1"])
    page = editable.get(f"/photos/{photo}").text
    assert "Labelled in part" in page and "These are all its tags" in page
    assert editable.get(f"/api/photos/{photo}").json()["complete"] is False
    done = edit(editable, kind="complete", photos=[photo])
    assert done["sentence"] == "1 photo has no other tags"
    page = editable.get(f"/photos/{photo}").text
    assert "Labelled in full" in page and "These are all its tags" not in page
    assert editable.get(f"/api/photos/{photo}").json()["complete"] is True
    editable.post("/api/undo")
    assert "Labelled in part" in editable.get(f"/photos/{photo}").text
    until(lambda: editable.get("/api/learning").json()["phase"] == "idle")


def test_answers_are_learnt_within_seconds_and_outlast_the_server(own_artifacts: Path, until: Until) -> None:
    with TestClient(create_app(WebSettings(own_artifacts)), base_url=ADDRESS) as client:
        asked = client.get("/api/suggestions", params={"n": 4}).json()
        assert len(asked["photos"]) == 4
        assert asked["photos"][0]["choices"][0]["tag"].startswith("kind")
        version = client.app.state.services.library_state.editor.version.name  # type: ignore[attr-defined]
        answers = {item["hash"]: [item["choices"][0]["tag"], "fresh"] for item in asked["photos"]}
        edit(client, kind="answer", answers=answers)
        state = until(lambda: (state := client.get("/api/learning").json())["phase"] == "idle" and state)
        assert state["gain"]["n_labelled"] == state["gain"]["n_labelled_before"] + 4
        assert client.app.state.services.library_state.tagger.version.name != version  # type: ignore[attr-defined]
        again = client.get("/api/suggestions", params={"n": 4}).json()["photos"]
        assert not {item["hash"] for item in again} & set(answers)
    editor = Editor(own_artifacts)
    assert editor.is_published
    assert "fresh" in editor.library.seeds.vocabulary


def test_edits_left_by_an_earlier_run_are_learnt_at_the_start(own_artifacts: Path, until: Until) -> None:
    from clustertags.editing import new_edits

    editor = Editor(own_artifacts)
    editor.do(new_edits.give_tags(editor.library, [20], ["left over"]))
    with TestClient(create_app(WebSettings(own_artifacts)), base_url=ADDRESS) as client:
        until(lambda: client.get("/api/learning").json()["phase"] == "idle")
        assert "left over" in client.app.state.services.library_state.tagger.vocabulary  # type: ignore[attr-defined]


def test_what_another_process_edits_is_shown(editable: TestClient, own_artifacts: Path, until: Until) -> None:
    from clustertags.editing import new_edits

    other = Editor(own_artifacts)
    other.do(new_edits.rename(other.library, 0, "from elsewhere"))
    until(lambda: "from elsewhere" in editable.get("/").text, seconds=5)


def test_a_photo_s_page_says_why_it_has_its_tags_and_holds_while_edits_wait(
    editable: TestClient, own_artifacts: Path
) -> None:
    first = clusters(editable)[0]
    photo = photos_of(editable, first["key"])[-1]
    page = editable.get(f"/photos/{photo}").text
    assert "Why these tags" in page
    assert "of its" in page  # such as: kind1 (cluster 0): 3 of its 3 photos with tags
    with Artifacts(own_artifacts).writing():  # nothing can be learnt meanwhile
        edit(editable, kind="accept", photos=[photo], tags=["aardvark"])  # before all other tags of the vocabulary
        edit(editable, kind="split", cluster=first["key"], parts=3)
        pages = [editable.get(f"/photos/{item}") for item in photos_of(editable, first["key"])]
        assert {answer.status_code for answer in pages} == {200}
        for answer in pages:
            assert "Why these tags" in answer.text
            assert "of its" not in answer.text  # what the model counted is not of these clusters


def test_suggestions_follow_edits_at_once(editable: TestClient, own_artifacts: Path) -> None:
    def suggested() -> list[str]:
        return [item["hash"] for item in editable.get("/api/suggestions?n=50").json()["photos"]]

    before = suggested()
    with Artifacts(own_artifacts).writing():  # nothing can be learnt meanwhile
        edit(editable, kind="accept", photos=[before[0]], tags=["kind1"])
        edit(editable, kind="hide", photos=[before[1]])
        after = suggested()
        assert set(before) - set(after) == set(before[:2])
        assert editable.get("/api/suggestions").json()["n_untagged"] == len(before) - 2
        editable.post("/api/undo")
        editable.post("/api/undo")
        assert suggested() == before


def test_a_search_by_tag_says_that_tag_of_each_photo(editable: TestClient) -> None:
    photo = photos_of(editable, clusters(editable)[0]["key"])[0]
    edit(editable, kind="accept", photos=[photo], tags=["a first tag", "zebra"])
    for tag in ("zebra", "a first tag"):
        page = editable.get("/search", params={"q": tag, "by": "tag"}).text
        assert re.findall(r'tile-words">.*?<bdi>(.*?)</bdi>', page) == [tag]
    assert "/search?by=tag&amp;q=zebra" in editable.get("/search").text


def test_tags_of_a_photo_that_is_not_in_the_library_wait_for_it(editable: TestClient) -> None:
    done = edit(editable, kind="accept", photos=["f" * 64], tags=["later"], elsewhere=True)
    assert done["undo"]
    assert editable.post("/api/edits", json={"kind": "accept", "photos": ["f" * 64], "tags": ["x"]}).status_code == 400


def test_the_report_is_made_in_the_background(client: TestClient, until: Until) -> None:
    assert client.post("/api/report").status_code == 202
    state = until(lambda: (state := client.get("/api/report").json())["phase"] in {"ready", "failed"} and state, 60)
    assert state["phase"] == "ready"
    assert 0 <= state["evaluation"]["overall"]["MiAP"]["value"] <= 1
    page = client.get("/report").text
    assert "Calibration" in page and "Confusion" in page
    assert state["evaluation"]["condition"] in html.unescape(page)
    kinds = state["evaluation"]["unknown_kinds"]
    assert "Known and unknown kinds of photos" in page
    assert kinds["n_unknown"] == 16
    assert f"{kinds['n_known']:,} photos of known and 16 of unknown kinds" in page
    reach = client.get("/api/reach").json()
    assert {row["tag"] for row in reach} == {f"kind{n}" for n in range(4)}
    assert all(row["n_photos"] >= 4 for row in reach)


def test_metrics_and_openapi_name_what_there_is(client: TestClient) -> None:
    client.get("/search?by=name&q=secret-name")
    text = client.get("/metrics").text
    assert 'clustertags_requests_total{method="GET",route="/search",status="200"}' in text
    assert "secret-name" not in text
    described = client.get("/openapi.json").json()["paths"]
    for path in ("/api/tag", "/api/edits", "/api/undo", "/api/clusters", "/api/search", "/api/suggestions", "/health"):
        assert path in described
    form = described["/api/tag"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["required"] == ["file"]


def test_hostile_names_and_tags_are_text_on_every_page(hostile_artifacts: Path) -> None:
    with TestClient(create_app(WebSettings(hostile_artifacts)), base_url=ADDRESS) as client:
        found = clusters(client, limit=100)
        paths = [row["href"] for row in found] + [f"/photos/{photo}" for photo in photos_of(client, found[0]["key"])]
        paths += [f"/search?by=name&q={name}" for name in ("<img", '"><svg', "__proto__")]
        paths += ["/search?by=tag&q=%3Cscript%3Ealert(1)%3C/script%3E", '/?text="><script>alert(1)</script>']
        for path in (*PAGES, *paths):
            answer = client.get(path)
            assert answer.status_code in {200, 404}, path
            text = answer.text
            for word in ("<img src=x", "<svg onload", "<script>", "' onmouseover='alert", "\u202e", "\u2028"):
                assert word not in text, (path, word)
            for tag in re.findall(r"<[a-z][^>]*>", text):
                assert not re.search(r"\son[a-z]+\s*=", re.sub(r'"[^"]*"', '""', tag)), (path, tag)
        assert html.escape(HOSTILE[0]) in client.get("/").text.replace("&#39;", "&#x27;")


def test_near_duplicates_say_how_they_were_compared(editable: TestClient, own_artifacts: Path) -> None:
    assert "their features alone" not in editable.get("/duplicates").text
    artifacts = Artifacts(own_artifacts)
    version = artifacts.current()
    early = replace(load_library(version), duplicate_groups=None)
    photos = (replace(early.photos[0], paths=(early.photos[0].path, "copy.jpg")), *early.photos[1:])
    reduction = earlier_reduction(artifacts, version.manifest["layout"])
    assert reduction is not None
    publish(
        artifacts,
        replace(early, photos=photos, space=np.eye(len(photos), dtype=np.float32), neighbours=None),
        reduction.embedding,
        read_converted(version.folder),
        version.manifest["layout"],
    )
    with TestClient(create_app(WebSettings(own_artifacts)), base_url=ADDRESS) as client:
        page = client.get("/duplicates").text
    assert "No near-duplicates were found." in page
    assert "compared by their features alone" in page
    assert "1 photo has identical files" in page
