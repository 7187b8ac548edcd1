"""Extract the features of many files on this machine, several at a time, in no particular order.

In threads each runs all steps of a photo: one decodes while another infers, and no queue of pixels grows. Processes
decode, and twice as many threads of this one as there are processes take turns to ask them and to infer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from clustertags.engines.decoding_protocol import FILES_A_REQUEST
from clustertags.engines.workers import Workers
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.extraction import Extractor
from clustertags.photos.decoding import quiet_decoding
from clustertags.photos.discovery import FoundFile

if TYPE_CHECKING:
    from clustertags.engines.decoding_pool import DecodingPool

_Extract: TypeAlias = Callable[[Sequence[FoundFile]], list[ExtractedFile]]

_CHUNKS_A_WORKER = 4  # at least, so that all are busy to the end


class LocalEngine:
    """Extracts on this machine; `workers` decode. Use as a context, in which processes are kept."""

    def __init__(self, extractor: Extractor, workers: Workers) -> None:
        self._extractor, self._workers = extractor, workers
        self._pool: DecodingPool | None = None

    def __enter__(self) -> LocalEngine:
        self._pool = _decoding_pool(self._extractor, self._workers)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._pool:
            self._pool.close()

    def run(self, root: Path, files: Sequence[FoundFile]) -> Iterator[ExtractedFile]:
        """Yield the outcome of each file below `root`, in order of completion."""
        extractor, pool, count = self._extractor, self._pool, self._workers.count
        if pool is None:
            chunks = _chunks(files, extractor.runtime.batch_size)
            return _run(lambda some: extractor.extract(root, some), chunks, count)
        size = max(1, min(FILES_A_REQUEST, len(files) // (_CHUNKS_A_WORKER * count)))
        return _run(
            lambda some: extractor.infer(pool.read(root, some)), _chunks(files, size), 2 * count, on_error=pool.stop
        )


def _run(
    extract: _Extract, chunks: Iterator[list[FoundFile]], n_threads: int, on_error: Callable[[], None] = lambda: None
) -> Iterator[ExtractedFile]:
    with quiet_decoding(), ThreadPoolExecutor(n_threads, thread_name_prefix="extract") as executor:
        pending: set[Future[list[ExtractedFile]]] = set()
        try:
            while True:
                # A bounded number in flight limits memory and lets an interrupt end the run at once.
                for chunk in islice(chunks, 4 * n_threads - len(pending)):
                    pending.add(executor.submit(extract, chunk))
                if not pending:
                    return
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield from future.result()
        except BaseException:  # an interrupt, or whoever takes the outcomes takes no more
            on_error()
            raise
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def _decoding_pool(extractor: Extractor, workers: Workers) -> DecodingPool | None:
    """The processes, or None where they are not wanted or cannot be had: threads do the same."""
    if workers.kind == "threads":
        return None
    from clustertags.engines.decoding_pool import DecodingPool  # noqa: PLC0415 - one photo is tagged without it

    try:
        pool = DecodingPool(extractor.reader, workers.count)
    except OSError:
        return None
    if pool.is_working():
        return pool
    pool.close()
    return None


def _chunks(files: Iterable[FoundFile], size: int) -> Iterator[list[FoundFile]]:
    iterator = iter(files)
    while chunk := list(islice(iterator, size)):
        yield chunk
