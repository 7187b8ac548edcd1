"""Candidate tags, of which no photo was labelled, joined to the scores of learnt tags in one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustertags.errors import UsageError
from clustertags.features.conversion import CLASSIFIER_FILE, ConvertedBackbone
from clustertags.labels.rules import Rules
from clustertags.names.candidate_scores import CandidateTags, prepare_candidates
from clustertags.names.encoder import sentence_encoder
from clustertags.tagging.candidate_columns import join, shrink_to_names, without_examples
from clustertags.tagging.evidence import seen_classes
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.predictions import JoinedScores
from clustertags.types import Classifier, Features, Int32


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates, ready for any photos. `learnt`: the learnt tags by their names, None where these are unknown or
    say nothing of the library's photos; `n_examples`: (n_tags,) labelled photos of each learnt tag.
    """

    candidates: CandidateTags
    learnt: CandidateTags | None
    n_examples: Int32
    classifier: Classifier

    def join(self, learnt: TagScores, features: Features, *, keep_learnt: bool, explain: bool) -> JoinedScores:
        """The scores of learnt tags of some photos, `features` row by row, with those of the candidates behind them.

        Learnt tags of few examples are shrunk to what their names predict, unless `keep_learnt`: the thresholds that
        promise a precision are those of learnt scores.
        """
        # One photo at a time: a matrix product rounds differently with the number of its rows.
        alone = [self.classifier.probabilities(features.take(np.array([row]))) for row in range(len(features))]
        probabilities = np.concatenate(alone)
        if self.learnt is not None and not keep_learnt:
            learnt = shrink_to_names(learnt, self.n_examples, self.learnt, probabilities)
        reasons = tuple(_reason(seen_classes(row)) for row in probabilities) if explain else ()
        return JoinedScores(join(learnt, self.candidates, probabilities), self.candidates.names, reasons)


def prepare(
    tags: Sequence[str],
    vocabulary: Sequence[str],
    model: TagModel | None,
    rules: Rules,
    backbone: ConvertedBackbone,
) -> Candidates | None:
    """None where the library has examples of each of the candidate `tags`. Raises `WordsError`, or `UsageError` where
    the library's backbone has no classifier of ImageNet's classes.
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
    known = model.names if model else None
    learnt = CandidateTags(tuple(vocabulary), known.named) if known and known.weight > 0 else None
    n_examples = model.matrix.sum(axis=0, dtype=np.int32) if model else np.zeros(0, np.int32)
    return Candidates(prepare_candidates(sentence_encoder(), names), learnt, n_examples, classifier)


def _reason(classes: str) -> str:
    return f"no photo was labelled with it; its name, and what the network sees: {classes}"
