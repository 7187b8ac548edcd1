"""One rule for whether a photo has a tag, on pages, in searches, in counts and in predictions alike."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from clustertags.features.conversion import read_converted
from clustertags.library.artifacts import Artifacts
from clustertags.library.publishing import publish
from clustertags.library.reuse import earlier_reduction
from clustertags.library.saving import load_library
from clustertags.tagging.model import TagModel
from clustertags.tagging.predictions import TagOptions
from clustertags.tagging.top_tags import TopTags
from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings
from clustertags.workflows.tag import Tagger
from tests.conftest import Library
from tests.web.conftest import ADDRESS, read_points


def scored(own_artifacts: Path, score: float) -> tuple[str, Path]:
    """Publish the library with one photo alone scored, with its first tag; its content hash and file."""
    artifacts = Artifacts(own_artifacts)
    version = artifacts.current()
    library = load_library(version)
    photo = int(np.setdiff1d(np.arange(library.n_photos), library.seeds.photos)[0])
    tags, scores = np.full((library.n_photos, 1), -1, np.int32), np.zeros((library.n_photos, 1), np.float32)
    tags[photo], scores[photo] = 0, score
    library = replace(library, top_tags=TopTags.without_shares(tags, scores))
    reduction = earlier_reduction(artifacts, version.manifest["layout"])
    assert reduction is not None
    publish(artifacts, library, reduction.embedding, read_converted(version.folder), version.manifest["layout"])
    return library.photos[photo].content_hash, library.root / library.photos[photo].path


@pytest.mark.parametrize(("score", "has"), [(0.45, False), (0.55, True)])
def test_a_photo_has_a_tag_from_one_score_on_everywhere(
    fitted: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, score: float, has: bool
) -> None:
    artifacts = Path(shutil.copytree(fitted.artifacts, tmp_path / "artifacts"))
    content_hash, file = scored(artifacts, score)

    def probabilities(self: TagModel, fused: np.ndarray, _: object) -> np.ndarray:
        return np.where(np.arange(fused.shape[1]) == 0, score, 0.01) + 0 * fused

    monkeypatch.setattr(TagModel, "probabilities", probabilities)
    tag = Tagger(artifacts).vocabulary[0]
    with TestClient(create_app(WebSettings(artifacts)), base_url=ADDRESS) as client:
        page = client.get(f"/photos/{content_hash}").text
        (row,) = re.findall(r'<li data-tag="kind0".*?</li>', page, re.DOTALL)
        assert ('<span class="notes">suggestion</span>' in row, 'class="tag suggested"' in row) == (not has, not has)
        assert (f", suggestion: {tag}" in page) != has, "in words too, for those who do not see the edge"
        (details,) = client.get(f"/api/photos/{content_hash}").json()["tags"]
        assert details["suggested"] != has

        def found(**query: str) -> set[str]:
            return {item["photo"] for item in client.get("/api/search", params=query).json()["photos"]}

        assert (content_hash in found(q=tag, by="tag")) == has
        assert "with a score of 50% or more" in client.get("/search?by=tag&q=zebra").text
        (reach,) = (item for item in client.get("/api/reach").json() if item["tag"] == tag)
        assert reach["n_photos"] - reach["n_own"] == reach["n_best"] == has
        _, columns = read_points(client.get("/api/map").content)
        assert (columns["tag"] == 0).sum() == has
        uploaded = {"file": (file.name, file.read_bytes())}
        prediction = client.post("/api/tag", files=uploaded).json()
        assert [item["tag"] for item in prediction["tags"]] == [tag] * has
        answer = client.post("/api/look", files=uploaded).json()["answer"]
        assert [item["tag"] for item in answer["tags"]] == [tag] * has
        assert (tag in [item["tag"] for item in answer["withheld"]]) != has
        lower = client.post("/api/tag", params={"min_score": 0.4}, files=uploaded).json()
        assert [item["tag"] for item in lower["tags"]] == [tag], "the person's own least score"
    assert [item.tag for item in Tagger(artifacts).tag(file).tags] == [tag] * has
    assert Tagger(artifacts).tag(file, TagOptions(min_score=0.6)).abstained
