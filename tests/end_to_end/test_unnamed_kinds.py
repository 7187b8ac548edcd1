"""A library of which half of the kinds have no tag: what the commands and the app say of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from clustertags.cli.fit_summary import label_advice
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings
from clustertags.workflows.tag import Tagger
from tests.conftest import Library, Ran
from tests.made.fitted import half_known_library
from tests.made.labels import write_labels, write_seeds
from tests.made.photos import write_photos
from tests.made.published import publish_made, publish_photos, use_histogram

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def half_known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("half") / "artifacts"
    publish_made(half_known_library(), folder)
    return folder


def test_info_names_the_clusters_without_a_tag(run: Run, half_known: Path) -> None:
    shown = json.loads(run("info", "--artifacts", half_known, "--json").out)
    unnamed = shown["unnamed"]
    assert [set(item) for item in unnamed] == [{"id", "name", "photos", "share"}] * 3
    assert {item["id"] for item in unnamed} == {0, 1, 2}
    for item in unnamed:
        cluster = shown["clusters"][item["id"]]
        assert (item["name"], item["photos"]) == (cluster["name"], cluster["photos"])
        assert 0.5 <= item["share"] <= 1
    out = run("info", "--artifacts", half_known).out
    first = unnamed[0]
    assert f"largest clusters without a tag: {first['name']} ({first['photos']} photos), " in out
    assert re.search(r"about \d+% of the photos show none of these tags", out)


def test_the_app_links_them(half_known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_histogram(monkeypatch)
    with TestClient(create_app(WebSettings(half_known)), base_url="http://127.0.0.1:8017") as client:
        page = client.get("/").text
        (line,) = re.findall(r'<p class="summary" id="unnamed">.*', page)
        links = re.findall(r'href="/(clusters/[^"]+)"', line)
        assert len(links) == 3
        for link in links:
            assert client.get(f"/{link}").status_code == 200
        assert 'id="unnamed"' not in client.get("/?level=1&group=0").text
        reasons = [item["reason"] for item in client.get("/api/suggestions?n=2").json()["photos"]]
    assert all("that no tag names" in reason for reason in reasons)


def test_a_photo_without_tags_says_which_photos_it_is_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = write_photos(tmp_path / "photos", n_kinds=8, n_each=14)
    known = {name: kind for name, kind in kinds.items() if kind in sorted(set(kinds.values()))[:2]}
    seeds = write_seeds(tmp_path / "seeds.csv", known, per_kind=7)
    use_histogram(monkeypatch)
    publish_photos(tmp_path / "photos", seeds, kinds, tmp_path / "artifacts")
    tagger = Tagger(tmp_path / "artifacts")
    for name in (sorted(set(kinds) - set(known))[0], sorted(set(kinds) - set(known))[-1]):
        found = tagger.tag(tmp_path / "photos" / name)
        assert found.abstained
        assert found.cluster is not None
        assert found.reason.startswith(f"like 13 photos of which none is tagged: {found.cluster.name}; it is ")


def test_labels_that_are_much_alike_are_told(half_known: Path) -> None:
    library = load_library(Artifacts(half_known).current())
    model = library.tag_model
    assert model is not None
    assert model.known is not None
    burst = replace(library, tag_model=replace(model, known=replace(model.known, trust=0.2)))
    drawn = replace(library, tag_model=replace(model, known=replace(model.known, trust=0.9)))
    assert "label some that look different" in label_advice(burst)
    assert not label_advice(drawn)


def test_who_says_that_every_photo_shows_a_tag_is_believed_until_one_shows_none(
    run: Run, own_library: Library, tmp_path: Path
) -> None:
    photos, options = own_library.photos, ("--artifacts", own_library.artifacts)
    told = "scores suppose that every photo shows one of the tags"
    fit = run("fit", photos, "--tags", own_library.seeds, "--all-known", *options)
    assert told in fit.out
    for label, believed in (("kind0", True), ("-", False)):
        unlabelled = json.loads(run("suggest", "-n", 1, "--format", "json", *options).out)[0]["path"]
        file = write_labels(tmp_path / "labels.csv", {unlabelled: label})
        assert run("suggest", "--take", file, *options).status == 0
        assert (told in run("info", *options).out) == believed
