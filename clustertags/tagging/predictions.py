"""From the scores of photos to predictions: the tags given, those withheld, and the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from clustertags.support.counts import plural
from clustertags.tagging.minimum_score import MIN_SCORE
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.photo_tags import ClusterPrediction, PhotoTags, TagPart, TagScore
from clustertags.tagging.top_tags import ranked
from clustertags.types import ClusterDescription, Float32

if TYPE_CHECKING:
    from clustertags.tagging.evidence import Evidence

WITHHELD_SHOWN = 3


@dataclass(frozen=True, slots=True)
class TagOptions:
    """Which tags a photo is to be given.

    With neither a least score nor a precision (0 and None) every tag is given, also to a photo that abstains, but
    not to one in which there is nothing to see.

    Parameters
    ----------
    top_k : int
        The most tags a photo is given.
    min_score : float
        The score that a tag must reach, in 0..1; by default the rule for whether a photo has a tag.
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
    min_score: float = MIN_SCORE
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
        requested = self.min_score if self.precision is None else self.precision
        least = np.full(n_tags + n_candidates, requested, np.float32)
        if model is not None and self.precision is not None:
            least[:n_tags] = model.thresholds(self.precision)
        return least

    @property
    def everything(self) -> bool:
        return self.precision is None and self.min_score <= 0


DEFAULT_OPTIONS = TagOptions()


@dataclass(frozen=True, slots=True)
class JoinedScores:
    """`scores`: of the learnt tags, then of the candidates `names`; `reasons`: one a photo, of the candidates' scores,
    () where none are requested.
    """

    scores: TagScores
    names: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PredictionBuilder:
    """Builds predictions from the scores of some photos; `least`: (n_tags,), the lowest score at which each is given.

    `demoted`: uninformative tags with their reasons; a photo without any other tag abstains.
    The last `n_by_name` tags have no labelled photos; `name_reasons`: the reason for these, one a photo. Novel photos
    can have them too, as they are not learnt from the library.
    """

    vocabulary: tuple[str, ...]
    scores: TagScores
    least: Float32
    options: TagOptions
    evidence: Evidence | None = None
    demoted: Mapping[str, str] = field(default_factory=dict)
    n_by_name: int = 0
    name_reasons: Sequence[str] = ()

    def build(self, row: int, path: str, cluster: ClusterPrediction | None) -> PhotoTags:
        """The prediction for the photo of this row."""
        values = self.scores.scores[row]
        order = ranked(values[None])[0]
        given = (values >= self.least)[order]
        by_name = order >= len(self.vocabulary) - self.n_by_name
        novel = bool(self.scores.abstained[row])
        if novel and not self.options.everything:
            given &= by_name
        passing, failing = order[given], order[~given]
        informative = [tag for tag in passing.tolist() if self.vocabulary[tag] not in self.demoted]
        abstained = not informative or (novel and not (given & by_name).any())
        return PhotoTags(
            path,
            self._tags(row, passing[: self.options.top_k].tolist()),
            cluster,
            abstained,
            self._reason(row, order.tolist(), cluster) if abstained else "",
            withheld=self._tags(row, failing[:WITHHELD_SHOWN].tolist()) if self.options.explain else (),
        )

    def _reason(self, row: int, order: Sequence[int], cluster: ClusterPrediction | None) -> str:
        if self.scores.reasons[row]:
            return self.scores.reasons[row]
        best = next((tag for tag in order if self.vocabulary[tag] not in self.demoted), None)
        if best is None:
            return "every tag of the vocabulary is demoted"
        score = self.scores.scores[row, best]
        which = "its best tag that is not demoted" if best != order[0] else "its best tag"
        low = f"{which}, {self.vocabulary[best]}, has {score:.2f}, less than the {self.least[best]:.2f} required"
        known = self.scores.known
        if known is not None and known[row] < 0.5 and best < len(self.vocabulary) - self.n_by_name:
            low = f"{_unlike_labelled(cluster)}; it is {1.0 - known[row]:.0%} sure to show none of the tags; {low}"
        return low

    def _tags(self, row: int, tags: Sequence[int]) -> tuple[TagScore, ...]:
        if self.evidence:
            from clustertags.tagging.evidence import explain_tags  # noqa: PLC0415

            parts = explain_tags(self.scores, row, tags, self.evidence)
        else:
            parts = [()] * len(tags)
        return tuple(self._tag(row, tag, why) for tag, why in zip(tags, parts, strict=True))

    def _tag(self, row: int, tag: int, why: tuple[TagPart, ...]) -> TagScore:
        name, score = self.vocabulary[tag], round(float(self.scores.scores[row, tag]), 6)
        if tag < len(self.vocabulary) - self.n_by_name:
            return TagScore(name, score, why, self.demoted.get(name, ""))
        by_name = (TagPart("name", 1.0, self.name_reasons[row]),) if self.name_reasons else ()
        return TagScore(name, score, by_name, by_name=True)


def _unlike_labelled(cluster: ClusterPrediction | None) -> str:
    """Such as `like 40 photos of which none is tagged: cluster geyser`."""
    if cluster is None or not cluster.n_others:
        return "few tagged photos are like it, and it is in no cluster"
    are = {0: "none is", 1: "1 is"}.get(cluster.n_labelled, f"{cluster.n_labelled:,} are")
    name = cluster.name if cluster.name.startswith("cluster ") else f"cluster {cluster.name}"
    return f"like {plural(cluster.n_others, 'photo')} of which {are} tagged: {name}"


def predict_blank(path: str, cluster: ClusterPrediction | None, reason: str) -> PhotoTags:
    """The prediction for a photo in which there is nothing to see: no tag, whatever the options."""
    return PhotoTags(path, (), cluster, True, reason)


def predict_by_cluster(
    path: str, cluster: ClusterPrediction | None, descriptions: Sequence[ClusterDescription], options: TagOptions
) -> PhotoTags:
    """The prediction where no tags were given at the fit: the tags of the description of the photo's cluster, best
    first.
    """
    if cluster is None:
        return PhotoTags(path, (), None, True, "it is like no cluster, and no tags were given at the fit")
    described = sorted(descriptions[cluster.id].tags, key=lambda item: -item[1])[: options.top_k]
    tags = tuple(
        TagScore(tag, score)
        for tag, share in described
        if (score := round(share * cluster.score, 6)) >= options.min_score
    )
    low = f"what its cluster shows is below {options.min_score:g}, and no tags were given at the fit"
    return PhotoTags(path, tags, cluster, not tags, "" if tags else low)
