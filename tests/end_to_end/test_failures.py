"""Errors of the system and of libraries that meet a limit, which are no `ClusterTagsError`: one line each."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable

import pytest

from clustertags.cli.failures import NO_MEMORY, describe
from tests.conftest import Library, Ran

NO_ROOM = "no room left for what is written: make room, or name another place"


class PanicException(BaseException):
    """As pyo3's."""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), NO_MEMORY),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), NO_MEMORY),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), NO_MEMORY),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 8 bytes"), NO_MEMORY),
        (RuntimeError("Exception from src/inference/src/cpp/core.cpp:126: std::bad_alloc"), NO_MEMORY),
        (RuntimeError("can't start new thread"), NO_MEMORY),
        (PanicException("memory allocation failed: out of memory"), NO_MEMORY),
        (RuntimeError("Can not write the model: No space left on device"), NO_ROOM),
        (sqlite3.OperationalError("database or disk is full"), NO_ROOM),
        (OSError(errno.EFBIG, "File too large", "a.bin"), "no room left for a.bin: make room, or name another place"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/a\x1b[31m/b"),
            "/a\\x1b[31m/b cannot be used (permission denied): see to its name and its permissions",
        ),
        (RuntimeError("an unforeseen fault"), None),
        (KeyError("x"), None),
    ],
)
def test_each_is_one_sentence_or_a_fault_of_the_program(error: BaseException, sentence: str | None) -> None:
    assert describe(error) == sentence


def test_the_cause_counts() -> None:
    error = RuntimeError("compilation failed")
    error.__cause__ = MemoryError()
    assert describe(error) == NO_MEMORY


def test_a_panic_of_a_library_ends_in_one_line(
    run: Callable[..., Ran], fitted: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panic(*_: object) -> None:
        raise PanicException("out of memory")

    monkeypatch.setattr("clustertags.library.saving.load_library", panic)
    ran = run("info", "--artifacts", fitted.artifacts)
    assert (ran.status, ran.err) == (1, f"clustertags: {NO_MEMORY}\n")
