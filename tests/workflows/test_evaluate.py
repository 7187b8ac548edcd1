"""How right the tags of a library in use are: which photos of a truth are scored, and what is said of the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import NotFittedError, PhotosError, SeedsError
from clustertags.evaluation import cross_validation
from clustertags.evaluation.predictions import GIVEN_TRUTH
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.tagging.predictions import TagOptions
from clustertags.workflows.evaluate import TruthRequest, cross_validate_library, evaluate_library, score_truth
from clustertags.workflows.tag import Tagger
from tests.conftest import Library
from tests.made.labels import write_labels, write_seeds
from tests.made.photos import made_photo, write_photos
from tests.made.published import publish_photos, use_histogram

PRECISIONS = (0.5, 0.9)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Three kinds of six photos, three of each tagged, a cluster a kind."""
    folder = tmp_path_factory.mktemp("known")
    kinds = write_photos(folder / "photos", n_kinds=3, n_each=6)
    seeds = write_seeds(folder / "seeds.csv", kinds, per_kind=3)
    with pytest.MonkeyPatch.context() as patched:
        use_histogram(patched)
        publish_photos(folder / "photos", seeds, kinds, folder / "artifacts")
    return Library(folder / "photos", seeds, folder / "artifacts", kinds)


@pytest.fixture(autouse=True)
def histogram(monkeypatch: pytest.MonkeyPatch) -> None:
    use_histogram(monkeypatch)


def request_for(known: Library, tags: Path, **more: object) -> TruthRequest:
    return TruthRequest(known.artifacts, tags, **more)  # type: ignore[arg-type]


def test_photos_that_were_not_taught_are_scored(known: Library, tmp_path: Path) -> None:
    truth = write_labels(tmp_path / "truth.csv", known.kinds)
    steps: list[tuple[str, int, int]] = []
    scored = score_truth(request_for(known, truth), PRECISIONS, lambda *step: steps.append(step))
    assert scored.protocol == GIVEN_TRUTH
    assert scored.vocabulary == ("kind0", "kind1", "kind2")
    assert scored.truth.shape == scored.scores.shape == (9, 3)
    assert (scored.scores.argmax(axis=1) == scored.truth.argmax(axis=1)).all()
    assert scored.truth.sum(axis=0).tolist() == [3, 3, 3]
    assert (scored.n_unreadable, scored.abstained.tolist()) == (0, [False] * 9)
    assert scored.thresholds.shape == (2, 1, 3)
    assert (scored.thresholds[0] <= scored.thresholds[1]).all(), "a higher precision asks for more"
    assert "9 photos are excluded, labelled in the fit." in scored.notes
    assert any(note.startswith("9 photos are of the fitted folder") for note in scored.notes)
    assert steps[-1][1] == steps[-1][2]


def test_with_seeds_they_are_scored_and_it_is_said(known: Library, tmp_path: Path) -> None:
    truth = write_labels(tmp_path / "truth.csv", known.kinds)
    scored = score_truth(request_for(known, truth, include_labelled=True), PRECISIONS)
    assert len(scored.truth) == 18
    assert "9 photos are scored though labelled in the fit: metrics are too high." in scored.notes


def test_scores_are_those_that_the_tagger_gives(known: Library, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for kind in range(3):
        made_photo(30, kind).save(new / f"{kind}.jpg", quality=90)
    truth = write_labels(tmp_path / "truth.csv", {f"{kind}.jpg": f"kind{kind}" for kind in range(3)})
    scored = score_truth(request_for(known, truth, photos=new), PRECISIONS)
    given = Tagger(known.artifacts).tag_all(
        [new / f"{kind}.jpg" for kind in range(3)], TagOptions(top_k=3, min_score=0)
    )
    for row, answer in zip(scored.scores, given, strict=True):
        assert {tag.tag: tag.score for tag in answer.tags} == pytest.approx(
            dict(zip(scored.vocabulary, row.tolist(), strict=True))
        )
    assert scored.notes == ()


def test_what_is_not_scored_is_counted(known: Library, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for number, name in enumerate("abc"):
        made_photo(40 + number, number).save(new / f"{name}.jpg")
    shutil.copy(new / "a.jpg", new / "copy.jpg")
    (new / "@eaDir").mkdir()
    shutil.copy(new / "a.jpg", new / "@eaDir" / "a.jpg")
    (new / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    tags = {"a.jpg": "#KIND0|zebra", "b.jpg": "kind1", "c.jpg": "zebra", "copy.jpg": "kind2", "broken.jpg": "kind1"}
    scored = score_truth(request_for(known, write_labels(tmp_path / "truth.csv", tags), photos=new), PRECISIONS)
    assert scored.truth.tolist() == [[True, False, True], [False, True, False]], "copies share their tags"
    assert scored.n_unreadable == 1
    notes = " ".join(scored.notes)
    for told in (
        "1 true tag is not in the library and not scored (zebra; 2 uses).",
        "1 photo is of kinds that no tag of the library names: scored apart.",
        "1 photo is excluded, copies of another.",
        "1 photo is excluded, unreadable (",
        "1 hidden folder or file left out.",
    ):
        assert told in notes


def test_photos_of_unknown_kinds_are_scored_apart(known: Library, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for number, name in enumerate("abcd"):
        made_photo(40 + number, number % 3).save(new / f"{name}.jpg")
    truth = write_labels(tmp_path / "truth.csv", {"a.jpg": "kind0", "b.jpg": "", "c.jpg": "-", "d.jpg": "zebra"})
    scored = score_truth(request_for(known, truth, photos=new), PRECISIONS)
    assert scored.n_photos == 1, "other figures are of photos with a tag alone"
    assert scored.best_tags is not None
    assert scored.best_tags.is_known.tolist() == [True, False, False, False]
    assert not scored.best_tags.correct[1:].any()
    assert scored.best_tags.scores[0] == scored.scores.max()
    all_known = write_labels(tmp_path / "known.csv", {"a.jpg": "kind0", "b.jpg": "kind1"})
    assert score_truth(request_for(known, all_known, photos=new), PRECISIONS).best_tags is None


def test_a_truth_that_leaves_nothing_says_why(known: Library, tmp_path: Path) -> None:
    unknown = write_labels(tmp_path / "unknown.csv", dict.fromkeys(known.kinds, "zebra"))
    with pytest.raises(PhotosError, match=r"unknown\.csv leaves no photo to score: .*zebra"):
        score_truth(request_for(known, unknown), PRECISIONS)
    with pytest.raises(PhotosError, match=r"seeds\.csv leaves no photo to score: .*labelled in the fit"):
        score_truth(request_for(known, known.seeds), PRECISIONS)
    broken = tmp_path / "broken.csv"
    broken.write_text("image,tags\n")
    with pytest.raises(SeedsError, match=r"broken\.csv"):
        score_truth(request_for(known, broken), PRECISIONS)


def test_a_library_without_tags_cannot_be_scored(known: Library, tmp_path: Path) -> None:
    publish_photos(known.photos, None, known.kinds, tmp_path / "artifacts")
    truth = write_labels(tmp_path / "truth.csv", known.kinds)
    with pytest.raises(NotFittedError, match="was fitted without tags, there is nothing to score: fit with --tags"):
        score_truth(TruthRequest(tmp_path / "artifacts", truth), PRECISIONS)
    with pytest.raises(NotFittedError, match="no photo of the library is labelled"):
        cross_validate_library(tmp_path / "artifacts")


def test_cross_validation_is_of_the_library_in_use(known: Library) -> None:
    predictions = cross_validate_library(known.artifacts, PRECISIONS, n_folds=3, random_state=1)
    library = load_library(Artifacts(known.artifacts).current())
    assert predictions.vocabulary == library.seeds.vocabulary
    np.testing.assert_array_equal(predictions.truth, library.seeds.matrix)
    assert sorted(set(predictions.folds.tolist())) == [0, 1, 2]
    again = cross_validate_library(known.artifacts, PRECISIONS, n_folds=3, random_state=1)
    np.testing.assert_array_equal(predictions.scores, again.scores)


def test_the_report_is_that_of_evaluate(known: Library) -> None:
    evaluation = evaluate_library(known.artifacts)
    assert evaluation.protocol == "cross-validation"
    assert evaluation.n_photos == 9
    made = evaluation.to_json()
    assert {"overall", "calibration", "confusion", "curve"} <= made.keys()
    assert "given that a photo shows one of the tags" in made["condition"]
    assert made["unknown_kinds"]["n_unknown"] == 9
    assert made["unknown_kinds_missing"] == ""


def test_tags_are_left_out_in_turn_of_the_library_in_use(known: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    # Photos of one kind are near-duplicates here, and would be in one fold.
    monkeypatch.setattr(cross_validation, "near_duplicate_groups", lambda values: np.arange(len(values)))
    steps: list[tuple[str, int, int]] = []
    evaluation = evaluate_library(known.artifacts, progress=lambda *step: steps.append(step))
    kinds = evaluation.unknown_kinds
    assert kinds is not None
    assert kinds.n_unknown == 9
    assert kinds.how.startswith("3 tags left out in turn, in 3 groups: ")
    assert list(dict.fromkeys(stage for stage, _, _ in steps)) == ["Cross-validating tags", "Leaving out tags"]
    assert steps[-1] == ("Leaving out tags", 5, 5)
    two = cross_validate_library(known.artifacts, PRECISIONS, n_folds=2).best_tags
    assert two is not None
    assert set(two.models.tolist()) <= {0, 1}
