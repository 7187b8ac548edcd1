"""An evaluation as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from clustertags.evaluation.metric_descriptions import describe_metric, format_interval, format_value
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
    yield from _tags(evaluation)
    confused = evaluation.confused()
    if confused:
        yield ""
        yield "most confused: true tag, the tag that came first, photos"
        for true, predicted, number in confused[:_PAIRS_SHOWN]:
            yield f"  {_name(true)}  {_name(predicted)}  {number:,}"


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
