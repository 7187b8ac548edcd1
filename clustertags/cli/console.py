"""What people see: results on standard output; notices, progress and errors on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from clustertags.errors import StorageError
from clustertags.types import Progress, no_progress

EXIT_SOME_UNREADABLE = 3
"""The status of a command that is done, but for photos that could not be read."""


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
    """Print a result. Raises `StorageError` where standard output is closed or full."""
    if sys.stdout is None:
        raise StorageError("the results cannot be written: standard output is closed")
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        discard_results()
        raise StorageError(f"the results cannot be written: {error.strerror}") from error


def discard_results() -> None:
    """Let what is still to be written to standard output go nowhere, so that the exit itself does not fail on it."""
    if sys.stdout is not None:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def notice(text: str) -> None:
    if not _level.quiet:
        _say(text)


def detail(text: str) -> None:
    if _level.verbose and not _level.quiet:
        _say(text)


def error(text: str) -> None:
    _say(f"clustertags: {text}")


def _say(text: str) -> None:
    """Print on standard error; where that is closed, nobody wants to know."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()


@contextmanager
def progress(*, wanted: bool = True) -> Iterator[Progress]:
    """A callback that shows bars with rate and time left on a terminal, and nothing in a pipe or under `--quiet`."""
    if not wanted or _level.quiet or sys.stderr is None or not sys.stderr.isatty():
        yield no_progress
        return
    from clustertags.cli.bars import bars  # noqa: PLC0415  (rich takes 50 ms to import)

    with bars() as show:
        yield show
