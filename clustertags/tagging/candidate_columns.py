"""Candidate tags beside those that a library learnt: which are new, and both in one table of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.rules import Rules
from clustertags.labels.vocabulary import normalise_tag
from clustertags.names.candidate_scores import DIGITS, CandidateTags
from clustertags.support.numbers import sigmoid
from clustertags.tagging.fusion import PARTS
from clustertags.tagging.model import TagScores
from clustertags.types import Float32, Float64

_NAME = PARTS.index("name")
NAME_EXAMPLES = 1.0
"""For how many labelled photos a tag's name counts, beside those that carry the tag."""
LEAST_SCORE = 10.0**-DIGITS


def without_examples(candidates: Sequence[str], vocabulary: Sequence[str], rules: Rules) -> tuple[str, ...]:
    """The candidates that the library has no photo of; aliases count as what they stand for, blocked tags go."""
    known = {normalise_tag(tag) for tag in vocabulary}
    fresh: dict[str, str] = {}
    for candidate in candidates:
        tag = normalise_tag(candidate)
        meant = rules.aliases.get(tag, tag)
        if meant and meant not in known and meant not in rules.blocked:
            fresh.setdefault(meant, rules.spelling(meant) if meant != tag else candidate)
    return tuple(fresh.values())


def shrink_to_names(
    learnt: TagScores, n_examples: NDArray[np.integer], by_name: CandidateTags, probabilities: Float32
) -> TagScores:
    """Learnt scores shrunk to what the tags' names predict, the fewer examples (n_tags,) the more.

    Among tags without examples they need it: scores are calibrated on photos of learnt tags, so that with few of these
    every photo is said to show one of them. The log-odds are averaged, the name counting for `NAME_EXAMPLES`; what that
    changes is added to the name's part, though parts are log-odds before calibration. `probabilities` (n, 1000).
    """
    share = NAME_EXAMPLES / (n_examples + NAME_EXAMPLES)
    own = _log_odds(learnt.scores)
    shift = share * (_log_odds(by_name.probabilities(probabilities)) - own)
    scores = np.round(sigmoid(own + shift), DIGITS)
    parts = learnt.parts.copy()
    parts[_NAME] += np.round(shift, DIGITS)
    return replace(learnt, scores=scores.astype(np.float32), parts=parts)


def _log_odds(scores: NDArray[np.floating]) -> Float64:
    kept = np.clip(scores.astype(np.float64), LEAST_SCORE, 1.0 - LEAST_SCORE)
    result: Float64 = np.log(kept / (1.0 - kept))
    return result


def join(learnt: TagScores, candidates: CandidateTags, probabilities: Float32) -> TagScores:
    """The learnt tags, then the candidates, whose only part is their name; `probabilities` (n, 1000).

    Both are probabilities of being right, so they stand in one order.
    """
    said = candidates.probabilities(probabilities).astype(np.float32)
    n_parts, n, n_learnt = learnt.parts.shape
    parts = np.zeros((n_parts, n, n_learnt + said.shape[1]), np.float32)
    parts[:, :, :n_learnt] = learnt.parts
    parts[_NAME, :, n_learnt:] = said
    scores = np.concatenate([learnt.scores, said], axis=1)
    return TagScores(scores, learnt.part_names, parts, learnt.novelty, learnt.abstained, learnt.reasons)
