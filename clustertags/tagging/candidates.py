"""Candidate tags, which no labelled photo carries: scored by their names, next to the tags that the model learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import UsageError
from clustertags.features.conversion import CLASSIFIER_FILE, ConvertedBackbone
from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.rules import Rules
from clustertags.names.backbone_encoder import encoder_for
from clustertags.names.candidate_scores import DIGITS, CandidateTags, prepare_candidates
from clustertags.support.numbers import sigmoid
from clustertags.tagging.evidence import likeliest_classes
from clustertags.tagging.fusion import COMPONENTS
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.predictions import JoinedScores
from clustertags.types import Classifier, Features, Float32, Float64, Int32

_NAME = COMPONENTS.index("name")
NAME_EXAMPLES = 1.0
"""The weight of a tag's name, in labelled photos that carry the tag."""
LEAST_SCORE = 10.0**-DIGITS


@dataclass(frozen=True, slots=True)
class Candidates:
    """Scores `candidates` of any photos.

    `learnt`: the model's tags by their names, None where the names are unknown or do not predict the labels;
    `n_examples`: (n_tags,) labelled photos of each learnt tag.
    """

    candidates: CandidateTags
    learnt: CandidateTags | None
    n_examples: Int32
    classifier: Classifier

    def join(self, learnt: TagScores, features: Features, *, keep_learnt: bool, explain: bool) -> JoinedScores:
        """Append the candidates' scores to those of the learnt tags; `features` has a row for each photo.

        Scores of learnt tags with few examples are shrunk towards those of their names, unless `keep_learnt`: the
        thresholds for a precision are fitted to unshrunk scores.
        """
        # One photo at a time: a matrix product rounds differently with the number of its rows.
        alone = [self.classifier.probabilities(features.take(np.array([row]))) for row in range(len(features))]
        probabilities = np.concatenate(alone)
        if self.learnt is not None and not keep_learnt:
            learnt = shrink_to_names(learnt, self.n_examples, self.learnt, probabilities, features.values)
        reasons = tuple(_reason(likeliest_classes(row)) for row in probabilities) if explain else ()
        joined = append_candidates(learnt, self.candidates, probabilities, features.values)
        return JoinedScores(joined, self.candidates.names, reasons)


def prepare(
    tags: Sequence[str],
    vocabulary: Sequence[str],
    model: TagModel | None,
    rules: Rules,
    backbone: ConvertedBackbone,
) -> Candidates | None:
    """None where the library has examples of every candidate in `tags`.

    Raises `WordsError`, or `UsageError` where the library's backbone has no classifier of ImageNet's classes.
    """
    names = without_examples(tags, vocabulary, rules)
    if not names:
        return None
    classifier = backbone.classifier()
    if classifier is None:
        raise UsageError(
            f"candidate tags need a backbone with a classifier of ImageNet's classes ({CLASSIFIER_FILE}), which "
            f"{backbone.name} has not: fit with another --backbone, or tag a photo with each"
        )
    prior = model.name_prior if model else None
    learnt = CandidateTags(tuple(vocabulary), prior.tag_names) if prior and prior.weight > 0 else None
    n_examples = model.matrix.sum(axis=0, dtype=np.int32) if model else np.zeros(0, np.int32)
    if model and model.uninformative is not None:  # their names say as little as the picture does
        n_examples[model.uninformative] = np.iinfo(np.int32).max
    return Candidates(prepare_candidates(encoder_for(backbone), names), learnt, n_examples, classifier)


def without_examples(candidates: Sequence[str], vocabulary: Sequence[str], rules: Rules) -> tuple[str, ...]:
    """The candidates that no labelled photo carries, aliases replaced by their targets and blocked tags removed."""
    known = {normalise_tag(tag) for tag in vocabulary}
    new: dict[str, str] = {}
    for candidate in candidates:
        tag = normalise_tag(candidate)
        target = rules.aliases.get(tag, tag)
        if target and target not in known and target not in rules.blocked:
            new.setdefault(target, rules.spelling(target) if target != tag else candidate)
    return tuple(new.values())


def shrink_to_names(
    learnt: TagScores,
    n_examples: NDArray[np.integer],
    by_name: CandidateTags,
    probabilities: Float32,
    images: Float32 | None = None,
) -> TagScores:
    """Shrink learnt scores towards those of the tags' names, more where `n_examples` (n_tags,) is small.

    Learnt scores are calibrated on photos of learnt tags alone. With few such tags every photo would get one of them,
    whatever candidates there are. The log-odds are averaged, the name weighted as `NAME_EXAMPLES` examples; the change
    is added to the contribution of the name, although contributions are log-odds before calibration.
    `probabilities`: (n, 1000) of the classes; `images` as in `TagNames.scores`.
    """
    share = NAME_EXAMPLES / (n_examples + NAME_EXAMPLES)
    own = _log_odds(learnt.scores)
    shift = share * (_log_odds(by_name.probabilities(probabilities, images)) - own)
    scores = np.round(sigmoid(own + shift), DIGITS)
    contributions = learnt.contributions.copy()
    contributions[_NAME] += np.round(shift, DIGITS)
    return replace(learnt, scores=scores.astype(np.float32), contributions=contributions)


def _log_odds(scores: NDArray[np.floating]) -> Float64:
    clipped = np.clip(scores.astype(np.float64), LEAST_SCORE, 1.0 - LEAST_SCORE)
    result: Float64 = np.log(clipped / (1.0 - clipped))
    return result


def append_candidates(
    learnt: TagScores, candidates: CandidateTags, probabilities: Float32, images: Float32 | None = None
) -> TagScores:
    """The learnt tags, then the candidates, whose only component is the name; `probabilities`: (n, 1000); `images` as
    in `TagNames.scores`.

    Both are probabilities that the tag is right, so they can be ranked together.
    """
    by_name = candidates.probabilities(probabilities, images).astype(np.float32)
    n_components, n, n_learnt = learnt.contributions.shape
    contributions = np.zeros((n_components, n, n_learnt + by_name.shape[1]), np.float32)
    contributions[:, :, :n_learnt] = learnt.contributions
    contributions[_NAME, :, n_learnt:] = by_name
    scores = np.concatenate([learnt.scores, by_name], axis=1)
    return replace(learnt, scores=scores, contributions=contributions)


def _reason(classes: str) -> str:
    return f"no photo was labelled with it; its name, compared with the likeliest classes: {classes}"
