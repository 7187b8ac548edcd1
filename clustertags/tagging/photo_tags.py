"""The prediction for one photo: its tags with scores and reasons, and its cluster."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TagPart:
    """One reason for a tag.

    Attributes
    ----------
    part : str
        The component of the tag model that the reason is of, one of `tagging.fusion.COMPONENTS`.
    share : float
        How much of the tag's score came from it, in 0..1; the shares of a tag sum to at most 1.
    detail : str
        What it found, in words.
    """

    part: str
    share: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TagScore:
    """A tag of a photo.

    Attributes
    ----------
    tag : str
        The tag as the person spells it.
    score : float
        The calibrated probability that the tag is right, in 0..1.
    parts : tuple of TagPart
        Why, where `TagOptions.explain` asked for it.
    demoted : str
        Why the tag is demoted, so that its score is its share of the tagged photos; "" where it is not.
    by_name : bool
        Whether no photo was labelled with it, so that its score is predicted from its name alone.
    """

    tag: str
    score: float
    parts: tuple[TagPart, ...] = ()
    demoted: str = ""
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class ClusterPrediction:
    """The cluster that a photo belongs to.

    Attributes
    ----------
    id : int
        Its number, by falling size from 0.
    name : str
        Its name in the library.
    score : float
        The share of the nearest fitted photos' vote that it won, in 0..1.
    n_others : int
        How many other photos of the library are in it.
    n_labelled : int
        How many photos that are labelled.
    """

    id: int
    name: str
    score: float
    n_others: int = 0
    n_labelled: int = 0


@dataclass(frozen=True, slots=True)
class PhotoTags:
    """The prediction for one photo.

    Attributes
    ----------
    path : str
        The photo, as it was named.
    tags : tuple of TagScore
        The tags given, best first.
    cluster : ClusterPrediction or None
        None where no cluster wins the vote clearly.
    abstained : bool
        Whether the photo is given no tag that says something of a picture.
    reason : str
        Why it abstained or could not be read, else "".
    unreadable : bool
        Whether the file could not be read as a photo.
    withheld : tuple of TagScore
        The next best tags, which missed the threshold, where `TagOptions.explain` asked for reasons.
    """

    path: str
    tags: tuple[TagScore, ...]
    cluster: ClusterPrediction | None
    abstained: bool
    reason: str
    unreadable: bool = False
    withheld: tuple[TagScore, ...] = field(default=())
