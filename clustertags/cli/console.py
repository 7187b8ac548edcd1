"""What people see: results on standard output; notices, progress and errors on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from clustertags.types import Progress, no_progress


@dataclass(slots=True)
class _Level:
    verbose: bool = False
    quiet: bool = False


_level = _Level()


def set_level(*, verbose: bool, quiet: bool) -> None:
    _level.verbose, _level.quiet = verbose, quiet


def prepare_streams() -> None:
    """Let no name stop the output: what the terminal's encoding lacks is printed as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def result(text: str) -> None:
    _write(sys.stdout, text)


def notice(text: str) -> None:
    if not _level.quiet:
        _write(sys.stderr, text)


def detail(text: str) -> None:
    if _level.verbose and not _level.quiet:
        _write(sys.stderr, text)


def error(text: str) -> None:
    _write(sys.stderr, f"clustertags: {text}")


def _write(stream: TextIO, text: str) -> None:
    stream.write(f"{text}\n")
    stream.flush()


@contextmanager
def progress(*, wanted: bool = True) -> Iterator[Progress]:
    """A callback that shows bars with rate and time left on a terminal, and nothing in a pipe or under `--quiet`."""
    if not wanted or _level.quiet or not sys.stderr.isatty():
        yield no_progress
        return
    from clustertags.cli.bars import bars  # noqa: PLC0415  (rich takes 50 ms to import)

    with bars() as show:
        yield show


def plural(number: int, thing: str, things: str | None = None) -> str:
    """`1 photo`, `2,000 photos`."""
    return f"1 {thing}" if number == 1 else f"{number:,} {things or thing + 's'}"
