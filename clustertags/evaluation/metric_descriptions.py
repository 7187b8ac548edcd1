"""A short description of each metric, and how values are printed."""

from __future__ import annotations

AUROC = "AUROC of known kinds"
ECE_OF_BOTH = "ECE over both kinds"

_AT_K = {
    "P": "share of the top {k} tags that are correct",
    "R": "share of a photo's true tags among its top {k}",
    "A": "share of photos with a correct tag among the top {k}",
}
_DESCRIPTIONS = {
    "P@1": "share of photos whose top tag is correct",
    "R@1": "share of a photo's true tags found by its top tag",
    "A@1": "the same as P@1",
    "MiAP": "average precision of a photo's ranked tags, mean over photos",
    "MAP": "average precision of a tag's ranked photos, mean over tags",
    "NDCG": "true tags found, weighted less the further down the ranking",
    "coverage error": "rank at which all true tags are found (lower is better)",
    "top-1 accuracy": "share of photos whose one tag is ranked first",
    "top-5 accuracy": "share of photos whose one tag is among the top 5",
    "top-10 accuracy": "share of photos whose one tag is among the top 10",
    "catalogue coverage": "share of all tags that are in any photo's list",
    "list diversity": "how rarely the tags of a list occur together on photos",
    "ECE": "gap between scores and the share that are correct, all (photo, tag) pairs (lower is better)",
    "ECE of the best tag": "gap between a photo's top score and the share that are correct (lower is better)",
    "Brier score": "squared distance of scores from 0 or 1 (lower is better)",
    "precision of given tags": "share of the predicted tags that are correct",
    "true tags found": "share of the true tags that are predicted",
    "photos without a tag": "share of photos without any predicted tag",
    AUROC: "chance that the top tag of a photo of a known kind scores higher than that of one of an unknown kind",
    ECE_OF_BOTH: "gap between a photo's top score and the share that are correct, unknown kinds too (lower is better)",
    "photos unlike all others": "share of photos not tagged because nothing in the library is like them",
}


def describe_metric(name: str) -> str:
    """The description of the metric of this name, empty for an unknown one."""
    if name in _DESCRIPTIONS:
        return _DESCRIPTIONS[name]
    kind, _, number = name.partition("@")
    return _AT_K[kind].format(k=number) if kind in _AT_K else ""


def format_value(value: float | None) -> str:
    """Three decimals, or a dash where undefined."""
    return "–" if value is None else f"{value:.3f}"


def format_interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
