"""What each overall figure says, in words for a reader who has not met its name."""

from __future__ import annotations

_RANKED = {
    "P": "share of the first {k} tags that is right",
    "R": "share of a photo's right tags that is among its first {k}",
    "A": "share of photos with a right tag among the first {k}",
}
_MEANINGS = {
    "P@1": "share of photos whose first tag is right",
    "R@1": "share of a photo's right tags that its first tag is",
    "A@1": "the same as P@1",
    "MiAP": "average precision of a photo's ranked tags, mean over photos",
    "MAP": "average precision of a tag's ranked photos, mean over tags",
    "NDCG": "right tags found, those further down the ranking counting less",
    "coverage error": "tags to go down the ranking until all right ones are found (less is better)",
    "top-1 accuracy": "share of photos whose one tag comes first",
    "top-5 accuracy": "share of photos whose one tag is among the first 5",
    "top-10 accuracy": "share of photos whose one tag is among the first 10",
    "catalogue coverage": "share of all tags that comes up in any photo's list",
    "list diversity": "how seldom the tags of a list go together on photos",
    "ECE": "distance of scores from the share that is right, each photo with each tag (less is better)",
    "ECE of the best tag": "distance of a photo's best score from the share that is right (less is better)",
    "Brier score": "squared distance of scores from 0 or 1 (less is better)",
    "precision of given tags": "share of the tags given that is right",
    "true tags found": "share of the right tags that is given",
    "photos without a tag": "share of photos that are given no tag",
    "photos unlike all others": "share of photos withheld as nothing in the library is like them",
}


def meaning(name: str) -> str:
    """A phrase for the figure of this name, empty for an unknown one."""
    if name in _MEANINGS:
        return _MEANINGS[name]
    kind, _, number = name.partition("@")
    return _RANKED[kind].format(k=number) if kind in _RANKED else ""


def shown(value: float | None) -> str:
    """Three decimals, or a dash for what is not defined."""
    return "–" if value is None else f"{value:.3f}"


def shown_interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
