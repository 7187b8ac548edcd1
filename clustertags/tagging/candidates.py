"""Candidate tags in the answers of a fitted library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustertags.errors import UsageError
from clustertags.features.conversion import CLASSIFIER_FILE, ConvertedBackbone
from clustertags.labels.rules import Rules
from clustertags.names.candidate_scores import CandidateTags, prepare_candidates
from clustertags.names.encoder import sentence_encoder
from clustertags.tagging.candidate_columns import join, no_scores, temper, without_examples
from clustertags.tagging.evidence import seen_classes
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.predictions import Answerer, TagOptions
from clustertags.types import Classifier, Features, Float32


@dataclass(frozen=True, slots=True)
class CandidateAnswers:
    """The candidates, ready for any photos. `learnt`: the learnt tags by their names, None where these are unknown or
    say nothing of the library's photos.
    """

    candidates: CandidateTags
    learnt: CandidateTags | None
    classifier: Classifier

    def look_at(self, features: Features) -> CandidatesBeside:
        """The same for the photos with these features."""
        # One photo at a time: a matrix product rounds differently with the number of its rows.
        alone = [self.classifier.probabilities(features.take(np.array([row]))) for row in range(len(features))]
        return CandidatesBeside(self.candidates, self.learnt, np.concatenate(alone))


@dataclass(frozen=True, slots=True)
class CandidatesBeside:
    """What turns answers of learnt tags into answers of learnt and candidate tags, for some photos. `seen`: (n, 1000),
    their class probabilities.
    """

    candidates: CandidateTags
    learnt: CandidateTags | None
    seen: Float32

    def temper(self, said: TagScores, model: TagModel, options: TagOptions) -> TagScores:
        """What `model` said of the photos, as it counts among the candidates.

        Where a precision is asked for it counts as it is: the thresholds that promise it are those of learnt scores.
        """
        if self.learnt is None or options.precision is not None:
            return said
        return temper(said, model.matrix.sum(axis=0), self.learnt, self.seen)

    def extend(self, answerer: Answerer) -> Answerer:
        """The same answerer, which answers for the photos, with the candidates behind its own tags."""
        names, options = self.candidates.names, answerer.options
        return replace(
            answerer,
            vocabulary=(*answerer.vocabulary, *names),
            scores=join(answerer.scores, self.candidates, self.seen),
            least=self._least(answerer.least, options),
            n_by_name=len(names),
            named=[self._reason(row) for row in self.seen] if options.explain else (),
        )

    def _least(self, learnt: Float32, options: TagOptions) -> Float32:
        asked = options.min_score if options.precision is None else options.precision
        return np.concatenate([learnt, np.full(len(self.candidates.names), asked, np.float32)])

    def _reason(self, row: Float32) -> str:
        return f"no photo was labelled with it; its name, and what the network sees: {seen_classes(row)}"


def candidate_answers(
    options: TagOptions,
    vocabulary: Sequence[str],
    model: TagModel | None,
    rules: Rules,
    backbone: ConvertedBackbone,
) -> CandidateAnswers | None:
    """None where the library has examples of every candidate. Raises `WordsError`, or `UsageError` where the library's
    backbone has no classifier of ImageNet's classes.
    """
    names = without_examples(options.candidates, vocabulary, rules)
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
    return CandidateAnswers(prepare_candidates(sentence_encoder(), names), learnt, classifier)


def answerer_without_tags(n_photos: int, options: TagOptions) -> Answerer:
    """For a library fitted without tags, to be extended by candidates."""
    return Answerer((), no_scores(n_photos), np.zeros(0, np.float32), options)
