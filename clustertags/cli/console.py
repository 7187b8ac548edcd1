"""Output: results on standard output; notices, progress and errors on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from clustertags.errors import StorageError
from clustertags.support.printable import printable
from clustertags.types import Progress, no_progress

EXIT_SOME_UNREADABLE = 3
"""The exit status of a command that is done, but some photos could not be read."""


@dataclass(slots=True)
class _Level:
    verbose: bool = False
    quiet: bool = False


_level = _Level()


def set_level(*, verbose: bool, quiet: bool) -> None:
    _level.verbose, _level.quiet = verbose, quiet


def prepare_streams() -> None:
    """Print characters that the terminal's encoding lacks as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def is_terminal() -> bool:
    """Whether results are printed on a terminal; not where standard output is closed."""
    return sys.stdout is not None and sys.stdout.isatty()


def result(text: str) -> None:
    """Print a result. Raises `StorageError` where standard output is closed or full."""
    with _writing():
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def result_path(path: Path) -> None:
    """Print the path of what was written. Raises `StorageError`."""
    result(printable(path, 10_000))


def result_file(data: bytes) -> None:
    """Print the content of a file, unchanged but for unsafe characters on a terminal. Raises `StorageError`."""
    if is_terminal():
        for line in data.decode("utf-8", "surrogateescape").splitlines():
            result(printable(line, len(line) * 10 + 10))
        return
    with _writing():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def _writing() -> Iterator[None]:
    if sys.stdout is None:
        raise StorageError("the results cannot be written: standard output is closed")
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        discard_results()
        raise StorageError(f"the results cannot be written: {error.strerror}") from error


def discard_results() -> None:
    """Discard pending output to standard output, so that the exit does not fail on it."""
    if sys.stdout is not None:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def discard_unwritable() -> None:
    """Discard pending results where they cannot be written, so that the exit does not fail on them."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        discard_results()


def can_ask() -> bool:
    """Whether a person sits at a terminal to answer a question, and wants to read more than results."""
    return not _level.quiet and all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def notice(text: str) -> None:
    if not _level.quiet:
        _print_to_stderr(text)


def detail(text: str) -> None:
    if _level.verbose and not _level.quiet:
        _print_to_stderr(text)


def error(text: str) -> None:
    _print_to_stderr(f"clustertags: {text}")


def _print_to_stderr(text: str) -> None:
    """Print on standard error; nothing if it is closed."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()


@contextmanager
def progress(*, enabled: bool = True) -> Iterator[Progress]:
    """A callback that draws bars with rate and time left on a terminal; nothing in a pipe or under `--quiet`."""
    if not enabled or _level.quiet or sys.stderr is None or not sys.stderr.isatty():
        yield no_progress
        return
    from clustertags.cli.bars import bars  # noqa: PLC0415  (rich takes 50 ms to import)

    with bars() as show:
        yield show
