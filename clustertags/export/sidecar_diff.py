"""What a write would change in a sidecar, as a unified difference."""

from __future__ import annotations

import difflib
from itertools import takewhile

from clustertags.export.xmp_source import shown_text

_MAX_COMPARED_LINES = 2_000  # the comparison is quadratic; a longer middle is shown as a whole
_CONTEXT = 3


def difference(path: str, before: bytes | None, after: bytes | None) -> str:
    """The unified difference of two states of a sidecar, None where there is no file; its lines end in a newline."""
    old, new = _lines(before), _lines(after)
    head = _n_common(old, new)
    tail = _n_common(old[head:][::-1], new[head:][::-1])
    head, tail = max(head - _CONTEXT, 0), max(tail - _CONTEXT, 0)
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    names = ("/dev/null" if before is None else path, "/dev/null" if after is None else path)
    if max(len(old), len(new)) > _MAX_COMPARED_LINES:
        found = [f"@@ -{head + 1},{len(old)} +{head + 1},{len(new)} @@"]
        found += [*(f"-{line}" for line in old), *(f"+{line}" for line in new)]
    else:
        found = [_moved(line, head) for line in difflib.unified_diff(old, new, lineterm="", n=_CONTEXT)][2:]
    return "".join(f"{line}\n" for line in (f"--- {names[0]}", f"+++ {names[1]}", *found))


def _n_common(old: list[str], new: list[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _lines(data: bytes | None) -> list[str]:
    return [] if data is None else shown_text(data).splitlines()


def _moved(line: str, by: int) -> str:
    if not line.startswith("@@ ") or not by:
        return line
    ranges = []
    for part in line.split(" ")[1:3]:
        start, comma, length = part[1:].partition(",")
        ranges.append(f"{part[0]}{int(start) + by}{comma}{length}")
    return f"@@ {' '.join(ranges)} @@"
