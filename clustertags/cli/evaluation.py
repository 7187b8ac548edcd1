"""An evaluation as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from clustertags.evaluation.metric_descriptions import (
    AUROC,
    ECE_OF_BOTH,
    describe_metric,
    format_interval,
    format_value,
)
from clustertags.evaluation.results import Estimate, Evaluation, TagMetrics
from clustertags.support.counts import plural
from clustertags.support.printable import printable

_TAGS_SHOWN = 5
_PAIRS_SHOWN = 5
_TAG_WIDTH = 22
_WIDE = 130


def evaluation_table(evaluation: Evaluation, width: int) -> str:
    """Overall figures, what a precision costs, the best and the worst tags, and the most confused ones.

    If `width`, in characters, allows it, each figure is followed by its description.
    """
    return "\n".join(line.rstrip() for line in _lines(evaluation, explain=width >= _WIDE))


def _lines(evaluation: Evaluation, *, explain: bool) -> Iterator[str]:
    yield (
        f"{plural(evaluation.n_photos, 'photo')} scored, {plural(len(evaluation.vocabulary), 'tag')}, "
        f"{evaluation.tags_a_photo:.1f} a photo"
    )
    yield from (printable(note, 1000) for note in evaluation.notes)
    if evaluation.condition:
        yield evaluation.condition
    yield ""
    yield f"{'':24s}  value  95 % interval"
    for name, figure in evaluation.overall.items():
        words = describe_metric(name) if explain else ""
        yield f"{name:24s}  {format_value(figure.value):5s}  {format_interval(figure.low, figure.high):15s}  {words}"
    yield f"A tag with a score of at least {evaluation.min_score:g} counts as predicted."
    yield ""
    yield "target precision  precision                photos with a tag        true tags found"
    for item in evaluation.at_precision:
        cells = (item.precision, item.photos_covered, item.tags_found)
        yield f"{item.target:<16g}  " + "  ".join(f"{_with_interval(figure):23s}" for figure in cells)
    yield from _kinds(evaluation, explain=explain)
    yield from _tags(evaluation)
    confused = evaluation.confused()
    if confused:
        yield ""
        yield "most confused: true tag, the tag that came first, photos"
        for true, predicted, number in confused[:_PAIRS_SHOWN]:
            yield f"  {_name(true)}  {_name(predicted)}  {number:,}"


def _kinds(evaluation: Evaluation, *, explain: bool) -> Iterator[str]:
    """Photos of known kinds next to those of unknown kinds, or why there are none."""
    kinds = evaluation.unknown_kinds
    if kinds is None:
        if evaluation.unknown_kinds_missing:
            yield ""
            yield f"known and unknown kinds of photos: not measured, {evaluation.unknown_kinds_missing}"
        return
    yield ""
    yield f"known and unknown kinds of photos, scores as `clustertags tag` gives them. {kinds.how}"
    yield (
        f"{kinds.n_known:,} photos of known and {kinds.n_unknown:,} of unknown kinds; precision and ECE count "
        f"known kinds as {kinds.known_share:.0%} of all photos."
    )
    for name, figure in ((AUROC, kinds.auroc), (ECE_OF_BOTH, kinds.calibration.error)):
        words = describe_metric(name) if explain else ""
        yield f"{name:24s}  {format_value(figure.value):5s}  {format_interval(figure.low, figure.high):15s}  {words}"
    yield "top tag from      unknown with a tag       known with a correct tag  precision over both"
    for level in kinds.at_score:
        cells = (level.unknown_tagged, level.known_correct, level.precision)
        yield f"{level.min_score:<16g}  " + "  ".join(f"{_with_interval(figure):23s}" for figure in cells)
    yield "score of the top tag   known  unknown"
    for row in kinds.best_scores:
        yield f"{row.low:.1f} to {row.high:.1f}           {row.n_known:8,d} {row.n_unknown:8,d}"


def _tags(evaluation: Evaluation) -> Iterator[str]:
    tags = evaluation.ranked_tags()
    best, rest = tags[:_TAGS_SHOWN], tags[_TAGS_SHOWN:]
    yield ""
    columns = f"{'photos':>6s}  {'AP':5s}  {'precision':22s}  {'recall':22s}    TP    FP    FN     TN"
    heading = "best tags" if rest else "tags"
    yield f"{heading:{_TAG_WIDTH + 2}s}  {columns}"
    yield from map(_tag_line, best)
    if rest:
        yield "worst tags"
        yield from map(_tag_line, reversed(rest[-_TAGS_SHOWN:]))
    never = sum(item.tp + item.fp == 0 for item in tags)
    if never:
        yield f"{plural(never, 'tag')} never predicted"


def _tag_line(item: TagMetrics) -> str:
    rates = "  ".join(f"{_with_interval(figure):22s}" for figure in (item.precision, item.recall))
    counts = f"{item.tp:5,d} {item.fp:5,d} {item.fn:5,d} {item.tn:6,d}"
    return f"  {_name(item.tag)}  {item.n_photos:6,d}  {format_value(item.average_precision)}  {rates} {counts}"


def _name(tag: str) -> str:
    return f"{printable(tag, _TAG_WIDTH):{_TAG_WIDTH}s}"


def _with_interval(figure: Estimate) -> str:
    interval = format_interval(figure.low, figure.high)
    return format_value(figure.value) + (f" ({interval})" if interval else "")
