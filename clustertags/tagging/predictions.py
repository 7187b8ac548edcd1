"""From the scores of a photo to the prediction that a person gets: which tags, which not, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from clustertags.labels.demotion import demoted_columns
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.top_tags import ranked
from clustertags.types import ClusterDescription, ClusterPrediction, Float32, PhotoTags, TagPart, TagScore

if TYPE_CHECKING:
    from clustertags.tagging.evidence import Surroundings

WITHHELD_SHOWN = 3


@dataclass(frozen=True, slots=True)
class TagOptions:
    """Which tags a photo is to be given.

    With neither a least score nor a precision (0 and None) every tag is given, also to a photo that abstains.

    Parameters
    ----------
    top_k : int
        The most tags a photo is given.
    min_score : float
        The score that a tag must reach, in 0..1.
    precision : float, optional
        Instead of `min_score`, each tag's own threshold, so that the tags given are right about this often, in 0..1.
    explain : bool
        Whether each tag comes with its reasons.
    candidates : tuple of str
        Further tags to consider, by their names alone where no photo was labelled with them; tags of few examples are
        then shrunk to what their names predict too.

    Examples
    --------
    >>> clustertags.TagOptions(top_k=3, precision=0.9).top_k
    3
    """

    top_k: int = 10
    min_score: float = 0.3
    precision: float | None = None
    explain: bool = False
    candidates: tuple[str, ...] = ()

    def least_scores(self, model: TagModel | None, n_candidates: int = 0) -> Float32:
        """The score that each tag must reach.

        Parameters
        ----------
        model : TagModel or None
            The library's, None where it was fitted without tags.
        n_candidates : int
            How many candidate tags follow the learnt ones. No threshold promises a precision for them, so they must
            reach the score that is asked for.

        Returns
        -------
        (n_tags + n_candidates,) float32
            In 0..1.
        """
        n_tags = model.n_tags if model else 0
        asked = self.min_score if self.precision is None else self.precision
        least = np.full(n_tags + n_candidates, asked, np.float32)
        if model is not None and self.precision is not None:
            least[:n_tags] = model.thresholds(self.precision)
        return least

    @property
    def everything(self) -> bool:
        return self.precision is None and self.min_score <= 0


DEFAULT_OPTIONS = TagOptions()


@dataclass(frozen=True, slots=True)
class JoinedScores:
    """`scores`: of the learnt tags, then of `names`, the candidates; `reasons`: why a photo has a candidate's score,
    one a photo, () where no reasons were asked for.
    """

    scores: TagScores
    names: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictionBuilder:
    """Makes predictions of the scores of some photos; `least` is (n_tags,), what each tag must reach.

    `demoted`: tags that say nothing of a picture, with the reason. They stand after all others and are shown with it;
    a photo that has nothing else abstains. `named`: the reason for a tag without examples, one a photo; the last
    `n_by_name` tags are such. A photo unlike the library may have them all the same, for they do not come from it.
    """

    vocabulary: tuple[str, ...]
    scores: TagScores
    least: Float32
    options: TagOptions
    surroundings: Surroundings | None = None
    demoted: Mapping[str, str] = field(default_factory=dict)
    n_by_name: int = 0
    named: Sequence[str] = ()

    def build(self, row: int, path: str, cluster: ClusterPrediction | None) -> PhotoTags:
        """The prediction for the photo of this row."""
        values = self.scores.scores[row]
        order = ranked(values[None], demoted_columns(self.vocabulary, self.demoted))[0]
        given = (values >= self.least)[order]
        by_name = order >= len(self.vocabulary) - self.n_by_name
        unlike = bool(self.scores.abstained[row])
        if unlike and not self.options.everything:
            given &= by_name
        passing, failing = order[given], order[~given]
        telling = [tag for tag in passing.tolist() if self.vocabulary[tag] not in self.demoted]
        abstained = not telling or (unlike and not (given & by_name).any())
        return PhotoTags(
            path,
            self._tags(row, passing[: self.options.top_k].tolist()),
            cluster,
            abstained,
            self._reason(row, int(order[0])) if abstained else "",
            withheld=self._tags(row, failing[:WITHHELD_SHOWN].tolist()) if self.options.explain else (),
        )

    def _reason(self, row: int, best: int) -> str:
        if not self.scores.reasons[row] and self.vocabulary[best] in self.demoted:
            return "every tag of the vocabulary is demoted"
        score = self.scores.scores[row, best]
        low = f"its best tag, {self.vocabulary[best]}, has {score:.2f} and {self.least[best]:.2f} is asked for"
        return self.scores.reasons[row] or low

    def _tags(self, row: int, tags: Sequence[int]) -> tuple[TagScore, ...]:
        if self.surroundings:
            from clustertags.tagging.evidence import explain  # noqa: PLC0415

            parts = explain(self.scores, row, tags, self.surroundings)
        else:
            parts = [()] * len(tags)
        return tuple(self._tag(row, tag, why) for tag, why in zip(tags, parts, strict=True))

    def _tag(self, row: int, tag: int, why: tuple[TagPart, ...]) -> TagScore:
        name, score = self.vocabulary[tag], round(float(self.scores.scores[row, tag]), 6)
        if tag < len(self.vocabulary) - self.n_by_name:
            return TagScore(name, score, why, self.demoted.get(name, ""))
        by_name = (TagPart("name", 1.0, self.named[row]),) if self.named else ()
        return TagScore(name, score, by_name, by_name=True)


def predict_by_cluster(
    path: str, cluster: ClusterPrediction | None, descriptions: Sequence[ClusterDescription], options: TagOptions
) -> PhotoTags:
    """The prediction where no tags were given at the fit: what the photo's cluster is named from stands in for them."""
    if cluster is None:
        return PhotoTags(path, (), None, True, "it is like no cluster, and no tags were given at the fit")
    tags = tuple(
        TagScore(tag, score)
        for tag, share in descriptions[cluster.id].tags[: options.top_k]
        if (score := round(share * cluster.score, 6)) >= options.min_score
    )
    low = f"what its cluster shows is below {options.min_score:g}, and no tags were given at the fit"
    return PhotoTags(path, tags, cluster, not tags, "" if tags else low)
