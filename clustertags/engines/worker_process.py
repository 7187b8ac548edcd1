"""A decoding process as the one that started it sees it: start, ask, stop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from clustertags.engines.decoding_protocol import FILES_A_REQUEST, READY, Setup, read_outcomes, request_line, setup_line
from clustertags.engines.shared_pixels import SharedPixels
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.photo_reading import DecodedPhoto
from clustertags.photos.discovery import FoundFile

# Modules are looked for where this process has them, and never in the working folder, which may be one of photos.
_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from clustertags.engines.decode_worker import main
main()
"""
# Each process decodes on one core: threads of linear algebra would only be started.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class WorkerDiedError(Exception):
    """The process ended: `place` in the request of the file that it was at, -1 for none; `status`: as of `Popen`."""

    def __init__(self, place: int, status: int) -> None:
        super().__init__(place, status)
        self.place, self.status = place, status


class WorkerProcess:
    """A decoding process. Raises `OSError` where none can be started."""

    def __init__(self, setup: Setup) -> None:
        self.pixels = SharedPixels.create(FILES_A_REQUEST, setup.pixels_shape)
        self.is_overdue = False
        self._is_ready = False
        try:
            self._process = subprocess.Popen(  # noqa: S603 - this program itself
                _command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ONE_THREAD},
                start_new_session=True,  # an interrupt at the keyboard is for the process that asks
            )
            self._write(setup_line(replace(setup, pixels=self.pixels.path)))
        except OSError:
            self.pixels.close()
            raise

    def ask(self, root: Path, files: Sequence[FoundFile]) -> list[ExtractedFile | DecodedPhoto]:
        """The outcomes of a few files, in their order. Raises `WorkerDiedError`."""
        self.await_readiness()
        with self._deaths():
            self._write(request_line(root, files))
            return read_outcomes(self._read(), files, self.pixels.read)

    def await_readiness(self) -> None:
        """Wait until it can be asked. Raises `WorkerDiedError`."""
        if self._is_ready:
            return
        with self._deaths():
            if self._read() != READY:
                raise EOFError
        self._is_ready = True
        self.pixels.unlink()  # both sides have it open: nothing stays behind, however they end

    def seconds_at_work(self, now: float) -> float:
        """How long the file that is being decoded takes already; below 0 where none is."""
        return now - self.pixels.state()[0]

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()

    def close(self) -> None:
        """End it and give back what it held."""
        self.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not read by a process that ended
                stream and stream.close()
        self.pixels.close()

    @contextmanager
    def _deaths(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError):
            self.kill()
            raise WorkerDiedError(self.pixels.state()[1], self._process.wait()) from None

    def _write(self, line: bytes) -> None:
        stream = self._process.stdin
        assert stream is not None  # noqa: S101
        stream.write(line)
        stream.flush()

    def _read(self) -> bytes:
        stream = self._process.stdout
        assert stream is not None  # noqa: S101
        line = stream.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line


def _command() -> list[str]:
    paths = [path or str(Path.cwd()) for path in sys.path]
    return [sys.executable, "-P", "-c", _PROGRAM, json.dumps(paths)]
