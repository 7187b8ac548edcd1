"""Evaluate the tags of a fitted library: by cross-validation, or against given true tags.

fitted library -> cross-validation on its labelled photos
fitted library + true tags -> photos tagged as by `clustertags tag`, without the labelled photos of the fit
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from clustertags.errors import NotFittedError, PhotosError, UnreadablePhotoError
from clustertags.evaluation.cross_validation import N_FOLDS, cross_validate, labelled_folds
from clustertags.evaluation.left_out_tags import leave_tags_out
from clustertags.evaluation.metrics import MetricSettings, evaluate
from clustertags.evaluation.predictions import DEFAULT_PRECISIONS, GIVEN_TRUTH, BestTags, Predictions, demoted_note
from clustertags.evaluation.results import Evaluation
from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.rules import apply_rules
from clustertags.labels.seed_tags import read_seed_tags
from clustertags.library.artifacts import Artifacts
from clustertags.library.library_features import load_library_features
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.photos.discovery import discover
from clustertags.photos.files import DecodeLimits, may_be_photo, read_file
from clustertags.photos.left_out_folders import LEFT_OUT, left_out_line
from clustertags.photos.pairs import listed_photos
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.tagging.photo_tags import PhotoTags
from clustertags.tagging.predictions import TagOptions
from clustertags.types import Bool, Float32, PhotoSet, Progress, SeedTags, no_progress
from clustertags.workflows.tag import Tagger

_EXAMPLES = 3
_HOW_UNKNOWN = "Photos without a tag of the library, by the true tags given, stand for photos of unknown kinds."


@dataclass(frozen=True, slots=True)
class TruthRequest:
    """`tags`: see `labels.seed_tags.read_seed_tags`; `photos`: the folder of the photos, None for the fitted one;
    `include_labelled`: score the labelled photos of the fit too.
    """

    artifacts: Path
    tags: str | Path
    photos: Path | None = None
    include_labelled: bool = False
    limits: DecodeLimits = field(default_factory=DecodeLimits)


@dataclass(frozen=True, slots=True)
class _Truth:
    """Photos to be scored: one path for each content, and their true tags, `matrix` (n, n_tags) bool, in the vocabulary
    of the library; none of them for photos of unknown kinds.
    """

    paths: tuple[str, ...]
    matrix: Bool
    notes: tuple[str, ...]
    n_unreadable: int = 0

    def take(self, kept: Sequence[int], note: str) -> _Truth:
        """These rows, with the note where others are dropped."""
        notes = (*self.notes, note) if len(kept) < len(self.paths) else self.notes
        return replace(self, paths=tuple(self.paths[at] for at in kept), matrix=self.matrix[list(kept)], notes=notes)


def cross_validate_library(
    folder: Path,
    precisions: Sequence[float] = DEFAULT_PRECISIONS,
    *,
    n_folds: int = N_FOLDS,
    random_state: int = 0,
    progress: Progress = no_progress,
) -> Predictions:
    """Cross-validate on the labelled photos of the current version, then with tags left out in turn; takes seconds to
    minutes.

    Raises `NotFittedError` without tags, `PhotosError` where too few photos are labelled.
    """
    labelled = load_library_features(folder)
    predictions = cross_validate(labelled, precisions, n_folds=n_folds, random_state=random_state, progress=progress)
    _, folds = labelled_folds(labelled, n_folds, random_state)
    best_tags = leave_tags_out(labelled, folds, random_state=random_state, progress=progress)
    return replace(predictions, best_tags=best_tags)


def evaluate_library(folder: Path, *, random_state: int = 0, progress: Progress = no_progress) -> Evaluation:
    """Cross-validate the current version, as `clustertags evaluate` does; raises what `cross_validate_library` does."""
    return evaluate(
        cross_validate_library(folder, random_state=random_state, progress=progress),
        MetricSettings(random_state=random_state),
    )


def score_truth(request: TruthRequest, precisions: Sequence[float], progress: Progress = no_progress) -> Predictions:
    """Predict tags of photos whose true tags are given, without those that the library was fitted with.

    A photo is scored where it was not labelled in the fit; files of one content count once. Photos without a tag of the
    library's vocabulary stand for kinds that no tag names, and are scored apart, in `Predictions.best_tags`. Raises
    `SeedsError` for malformed true tags, `PhotosError` where no photo is left to score, `NotFittedError` where the
    library was fitted without tags.
    """
    library = load_library(Artifacts(request.artifacts).current())
    if library.tag_model is None:
        raise NotFittedError(
            f"{printable(request.artifacts)} was fitted without tags, there is nothing to score: fit with --tags"
        )
    truth = _read_truth(request, library, progress)
    tagger = Tagger(request.artifacts, request.limits)
    all_tags = TagOptions(top_k=len(tagger.vocabulary), min_score=0)
    predictions = list(tagger.tag_all(truth.paths, all_tags, progress))
    read = [at for at, prediction in enumerate(predictions) if not prediction.unreadable]
    n_unreadable = truth.n_unreadable + len(predictions) - len(read)
    first = next((prediction.reason for prediction in predictions if prediction.unreadable), "")
    truth = truth.take(read, f"{_photos(len(predictions) - len(read))} excluded, unreadable ({printable(first)}).")
    _at_least_one(request, truth)
    thresholds = np.stack([library.tag_model.thresholds(precision) for precision in precisions])[:, None]
    scores = _scores([predictions[at] for at in read], library.seeds.vocabulary)
    known = truth.matrix.any(axis=1)
    return Predictions(
        GIVEN_TRUTH,
        library.seeds.vocabulary,
        truth.matrix[known],
        scores[known],
        np.array([predictions[at].abstained for at in read])[known],
        np.zeros(int(known.sum()), np.int32),
        tuple(precisions),
        thresholds,
        (*truth.notes, *demoted_note(library.demoted)),
        n_unreadable,
        best_tags=None if known.all() else _best_tags(truth.matrix, scores),
    )


def _best_tags(truth: Bool, scores: Float32) -> BestTags:
    """`truth` and `scores`: (n, n_tags), of photos of known kinds and of others."""
    n, best = len(truth), scores.argmax(axis=1)
    known, nothing = np.asarray(truth.any(axis=1)), np.zeros(n, np.int32)
    correct = np.asarray(truth[np.arange(n), best])
    units = np.arange(n, dtype=np.int32)
    return BestTags(scores.max(axis=1), correct, known, units, nothing, how=_HOW_UNKNOWN)


def _read_truth(request: TruthRequest, library: FittedLibrary, progress: Progress) -> _Truth:
    root = request.photos or library.root
    found = discover(root, request.limits, excluded_folder=request.artifacts, progress=progress)
    photos = listed_photos(file.path for file in found.files if may_be_photo(found.root / file.path))
    given = read_seed_tags(PhotoSet(found.root, photos, found.skipped), request.tags)
    named = apply_rules(given, library.rules)
    n_partial = int((~named.in_full).sum())
    named = named.take(named.in_full, np.arange(len(named.vocabulary)))
    known, notes = _in_vocabulary(named, library.seeds.vocabulary)
    if left_out := left_out_line(sum(file.reason == LEFT_OUT for file in found.skipped)):
        notes.append(f"{left_out}.")
    if n_partial:
        notes.append(f"{_photos(n_partial)} excluded, with `complete` as no: their other tags are not known.")
    shown = [*named.photos.tolist(), *named.none.tolist()]
    paths = tuple(str(found.root / photos[photo].path) for photo in shown)
    matrix = np.concatenate([known, np.zeros((len(named.none), known.shape[1]), np.bool_)])
    return _exclude_labelled(request, _Truth(paths, matrix, (*named.notices, *notes)), library)


def _in_vocabulary(named: SeedTags, vocabulary: tuple[str, ...]) -> tuple[Bool, list[str]]:
    """The true tags in the columns of the library's vocabulary, and notes on those that are not in it."""
    column = {normalise_tag(tag): at for at, tag in enumerate(vocabulary)}
    matrix = np.zeros((named.n_labelled, len(vocabulary)), bool)
    unknown = []
    for at, tag in enumerate(named.vocabulary):
        place = column.get(normalise_tag(tag))
        if place is None:
            unknown.append(at)
        else:
            matrix[:, place] |= named.matrix[:, at]
    if not unknown:
        return matrix, []
    shown = ", ".join(printable(named.vocabulary[at], 40) for at in unknown[:_EXAMPLES])
    more = ", ..." if len(unknown) > _EXAMPLES else ""
    what = plural(len(unknown), "true tag is", "true tags are")
    n_uses = int(named.matrix[:, unknown].sum())
    return matrix, [f"{what} not in the library and not scored ({shown}{more}; {n_uses:,} uses)."]


def _exclude_labelled(request: TruthRequest, truth: _Truth, library: FittedLibrary) -> _Truth:
    """One row for each content, without the labelled photos of the fit; notes what was dropped."""
    labelled = {library.photos[photo].content_hash for photo in library.seeds.reviewed.tolist()}
    matrix = truth.matrix.copy()
    rows: dict[str, int] = {}
    n_labelled = 0
    errors: list[str] = []
    for at, path in enumerate(truth.paths):
        try:
            content = hashlib.sha256(read_file(Path(path), request.limits)).hexdigest()
        except UnreadablePhotoError as error:
            errors.append(str(error))
            continue
        if content in labelled and not request.include_labelled:
            n_labelled += 1
        else:
            matrix[rows.setdefault(content, at)] |= matrix[at]
    n_copies = len(truth.paths) - len(rows) - n_labelled - len(errors)
    n_scored_labelled = len(rows.keys() & labelled)
    n_fitted = len(rows.keys() & {photo.content_hash for photo in library.photos}) - n_scored_labelled
    notes = [
        (n_labelled, f"{_photos(n_labelled)} excluded, labelled in the fit."),
        (n_copies, f"{_photos(n_copies)} excluded, copies of another."),
        (
            n_scored_labelled,
            f"{_photos(n_scored_labelled)} scored though labelled in the fit: metrics are too high.",
        ),
        (len(errors), f"{_photos(len(errors))} excluded, unreadable ({errors[0] if errors else ''})."),
        (
            n_fitted,
            f"{_photos(n_fitted)} of the fitted folder: the clusters and the layout include them, without tags.",
        ),
    ]
    used_notes = tuple(note for number, note in notes if number)
    kept = list(rows.values())
    if n_unknown := int((~matrix[kept].any(axis=1)).sum()):
        used_notes = (*used_notes, f"{_photos(n_unknown)} of kinds that no tag of the library names: scored apart.")
    remaining = _Truth(tuple(truth.paths[at] for at in kept), matrix[kept], (*truth.notes, *used_notes), len(errors))
    _at_least_one(request, remaining)
    return remaining


def _scores(predictions: Sequence[PhotoTags], vocabulary: tuple[str, ...]) -> Float32:
    column = {tag: at for at, tag in enumerate(vocabulary)}
    scores = np.zeros((len(predictions), len(vocabulary)), np.float32)
    for row, prediction in enumerate(predictions):
        for tag in prediction.tags:
            if tag.tag in column:
                scores[row, column[tag.tag]] = tag.score
    return scores


def _at_least_one(request: TruthRequest, truth: _Truth) -> None:
    if not truth.matrix.any():
        why = " ".join(truth.notes)
        raise PhotosError(f"{printable(request.tags)} leaves no photo to score: {why}")


def _photos(number: int) -> str:
    return plural(number, "photo is", "photos are")
