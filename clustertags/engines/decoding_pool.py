"""A pool of decoding processes. One that dies or takes too long costs the file that it was at, and is replaced."""

from __future__ import annotations

import queue
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from clustertags.engines.decoding_protocol import Setup
from clustertags.engines.known_contents import KnownContents
from clustertags.engines.worker_process import WorkerDiedError, WorkerProcess
from clustertags.errors import ClusterTagsError
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.photo_reading import DecodedPhoto, PhotoReader
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import has_photo_suffix
from clustertags.types import SkippedFile

_MOST_IDLE_DEATHS = 3
_WATCH_SECONDS = 0.5


class DecodingPool:
    """`n_processes` that decode as `reader` does. Use as a context.

    Raises `OSError` where processes cannot be started.
    """

    def __init__(self, reader: PhotoReader, n_processes: int) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="clustertags-"))
        self._limit_seconds = reader.limits.max_seconds
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._workers: set[WorkerProcess] = set()
        self._free: queue.SimpleQueue[WorkerProcess] = queue.SimpleQueue()
        known_file = self._folder / "known"
        self._setup = Setup(
            reader.preprocess, reader.limits, reader.follow_links, known_file, self._folder / "large", self._folder
        )
        try:
            KnownContents.write(known_file, reader.known)
            for _ in range(n_processes):
                self._free.put(self._start())
        except BaseException:
            self.close()
            raise
        self._watcher = threading.Thread(target=self._watch, name="watch-decoding", daemon=True)
        self._watcher.start()

    def __enter__(self) -> DecodingPool:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def is_working(self) -> bool:
        """Whether a process gets as far as to wait for requests."""
        worker = self._free.get()
        try:
            worker.await_readiness()
        except WorkerDiedError:
            return False
        finally:
            self._free.put(worker)
        return True

    def read(self, root: Path, files: Sequence[FoundFile]) -> list[ExtractedFile | DecodedPhoto]:
        """The outcomes of a few files, in their order; waits for a process that is free.

        A file at which a process dies is tried once more, in a new one: it may have been another's doing.
        """
        skipped: dict[FoundFile, ExtractedFile] = {}
        suspects: set[FoundFile] = set()
        n_idle_deaths = 0
        worker = self._free.get()
        try:
            while True:
                pending = [file for file in files if file not in skipped]
                try:
                    read = iter(worker.ask(root, pending))
                except WorkerDiedError as died:
                    overdue, worker = worker.is_overdue, self._replace(worker)
                    if died.place < 0:
                        n_idle_deaths += 1
                        if n_idle_deaths == _MOST_IDLE_DEATHS:
                            raise ClusterTagsError(
                                f"the processes that decode end by themselves ({_how(died.status)}): use --jobs 1"
                            ) from died
                        continue
                    file = pending[died.place]
                    if overdue:
                        skipped[file] = _skipped(
                            file, f"decoding it takes longer than {self._limit_seconds:,.0f} s, which is the limit"
                        )
                    elif file in suspects:
                        skipped[file] = _skipped(file, f"its decoder crashes ({_how(died.status)})")
                    suspects.add(file)
                else:
                    return [skipped[file] if file in skipped else next(read) for file in files]
        finally:
            self._free.put(worker)

    def stop(self) -> None:
        """End all processes; whoever waits for one has a `ClusterTagsError`."""
        with self._lock:
            self._stopped.set()
            for worker in self._workers:
                worker.kill()

    def close(self) -> None:
        """End all processes and give back what they held, when nobody waits for one any more."""
        self.stop()
        for worker in self._workers:
            worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> WorkerProcess:
        with self._lock:
            if self._stopped.is_set():
                raise ClusterTagsError("the extraction was ended")
            worker = WorkerProcess(self._setup)
            self._workers.add(worker)
        return worker

    def _replace(self, dead: WorkerProcess) -> WorkerProcess:
        worker = self._start()
        with self._lock:
            self._workers.discard(dead)
        dead.close()
        return worker

    def _watch(self) -> None:
        while not self._stopped.wait(_WATCH_SECONDS):
            now = time.monotonic()
            with self._lock:
                if self._stopped.is_set():  # what the processes held may be given back already
                    return
                for worker in self._workers:
                    if worker.seconds_at_work(now) > self._limit_seconds:
                        worker.is_overdue = True
                        worker.kill()


def _skipped(file: FoundFile, reason: str) -> ExtractedFile:
    return ExtractedFile(file, skipped=SkippedFile(file.path, reason, has_photo_suffix(file.path)))


def _how(status: int) -> str:
    """How a process ended, as `Popen.returncode` has it."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
