"""Explanations in words: why a fitted photo has its tags, and why it lacks others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustertags.labels.normalisation import normalise_tag
from clustertags.library.model import FittedLibrary
from clustertags.pages.cards import PHOTO_TAGS, SUGGESTION_SCORE, is_suggestion, percent
from clustertags.support.printable import printable
from clustertags.tagging.cluster_tags import count_seed_tags
from clustertags.tagging.evidence import Evidence, describe_components
from clustertags.tagging.fusion import COMPONENTS
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.tagging.model import TagModel

_WORDS = {
    "cluster": "its cluster",
    "head": "the trained classifier",
    "neighbours": "the nearest tagged photos",
    "graph": "similar photos",
    "name": "the tag's name",
}
_CHUNK_PHOTOS = 512


@dataclass(frozen=True, slots=True)
class TagReason:
    """A tag, its score as text, and sentences: the evidence for it, or why it is demoted, a suggestion or not shown."""

    tag: str
    score: str
    sentences: tuple[str, ...]
    withheld: bool = False


def photo_reasons(library: FittedLibrary, photos: Sequence[int]) -> list[tuple[TagReason, ...]]:
    """The reasons of each of `photos`: of the tags that a page shows, the next best, and those the user rejected.

    Empty for a library without a tag model, or one that was fitted before reasons were kept.
    """
    reasons: list[tuple[TagReason, ...]] = []
    for start in range(0, len(photos), _CHUNK_PHOTOS):
        chunk = list(photos[start : start + _CHUNK_PHOTOS])
        evidence = _evidence_for(library, chunk)
        reasons += [_reasons_of(library, photo, row, evidence) for row, photo in enumerate(chunk)]
    return reasons


def _evidence_for(library: FittedLibrary, photos: Sequence[int]) -> Evidence | None:
    model = library.tag_model
    if model is None or not _is_current(model, library):
        return None
    voters = model.voters(model.representation.codes[photos].astype(np.float64))
    return Evidence(
        model,
        voters,
        tuple(library.clusters.labels[photos].tolist()),
        tuple(description.name for description in library.descriptions),
        lambda photo: library.photos[photo].path,
    )


def _is_current(model: TagModel, library: FittedLibrary) -> bool:
    """Whether the model was fitted on the library's current tags and clusters. After edits that are not learnt yet, the
    model's counts refer to other clusters and tags than the current ones of the same number.
    """
    seeds, counted = library.seeds, count_seed_tags(library.clusters, library.seeds)
    return (
        len(model.representation.codes) == library.n_photos
        and np.array_equal(model.photos, seeds.photos)
        and np.array_equal(model.matrix, seeds.matrix)
        and np.array_equal(model.clusters.counts, counted.counts)
    )


def _reasons_of(library: FittedLibrary, photo: int, row: int, evidence: Evidence | None) -> tuple[TagReason, ...]:
    top = library.top_tags
    if not top.shares.shape[2]:
        return ()
    own = {normalise_tag(tag) for tag in library.seed_tags_of(photo)}
    reasons = []
    for place in np.flatnonzero(top.tags[photo] >= 0)[: PHOTO_TAGS + 1].tolist():
        column, score = int(top.tags[photo, place]), float(top.scores[photo, place])
        tag = library.seeds.vocabulary[column]
        parts = describe_components(top.shares[photo, place] / 100, COMPONENTS, row, column, evidence)
        sentences = [
            f"{percent(part.share)} {_WORDS[part.part]}" + (f": {printable(part.detail)}" if part.detail else "")
            for part in parts
        ]
        suggested = is_suggestion(score) and normalise_tag(tag) not in own
        withheld = suggested and score < SUGGESTION_SCORE and place > 0
        if withheld:
            sentences.insert(0, f"not shown: its score is below {percent(SUGGESTION_SCORE)}")
        elif suggested:
            sentences.insert(0, f"a suggestion: its score is below {percent(MIN_SCORE)}")
        if tag in library.demoted:
            sentences.insert(0, f"demoted: {printable(library.demoted[tag])}")
        reasons.append(TagReason(printable(tag), percent(score), tuple(sentences), withheld))
        if withheld:
            break
    rejected = library.rejected.get(library.photos[photo].content_hash, ())
    reasons += [TagReason(printable(tag), "", ("not given: you rejected it",), withheld=True) for tag in rejected]
    return tuple(reasons)
