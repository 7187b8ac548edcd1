"""Uploaded photos: received in memory only, and processed by a few threads behind a bounded queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from fastapi import HTTPException, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from clustertags.support.cores import usable_cores
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

Result = TypeVar("Result")
FIELD = "file"
NAME_CHARACTERS = 255
RETRY_AFTER_SECONDS = 1
_MOST_PARTS = 16


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded photo. `name`: the file name that the client sent; it is shown, and never used as a path."""

    name: str
    data: bytes


@dataclass(slots=True)
class _Form:
    """Callbacks and state of the multipart parser; only the first part named `file` is kept."""

    names: list[bytes] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    filename: bytes = b""
    found: bool = False
    ended: bool = False
    _taking: bool = False
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _disposition: bytes = b""

    def on_part_begin(self) -> None:
        self._disposition = b""
        self._taking = False
        self.names.append(b"")
        if len(self.names) > _MOST_PARTS:
            raise FormParserError("too many parts")

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        if bytes(self._header).strip().lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self.names[-1] = options.get(b"name", b"")
        if self.names[-1] == FIELD.encode() and not self.found:
            self.found = self._taking = True
            self.filename = options.get(b"filename", b"")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._taking:
            self.data += data[start:end]

    def on_end(self) -> None:
        self.ended = True

    def parser(self, boundary: bytes) -> MultipartParser:
        names = ("part_begin", "header_field", "header_value", "header_end", "headers_finished", "part_data", "end")
        return MultipartParser(
            boundary, cast("MultipartCallbacks", {f"on_{name}": getattr(self, f"on_{name}") for name in names})
        )


async def receive_upload(request: Request, most_bytes: int) -> Upload:
    """The photo in the form field `file`. Raises `HTTPException` 413, 415 or 422."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise HTTPException(415, f"send the photo as multipart/form-data in the field `{FIELD}`")
    form = _Form()
    try:
        parser = form.parser(boundary)
        async for chunk in request.stream():
            parser.write(chunk)
            if len(form.data) > most_bytes:
                raise HTTPException(413, f"the photo is larger than {most_bytes:,} bytes", {"connection": "close"})
        parser.finalize()
    except FormParserError as error:
        raise HTTPException(422, "the form is malformed", {"connection": "close"}) from error
    if not form.found or not form.ended:
        raise HTTPException(422, f"there is no field `{FIELD}` in the form")
    name = form.filename.decode("utf-8", errors="surrogateescape")
    return Upload(printable(name, NAME_CHARACTERS) or "photo", bytes(form.data))


class UploadQueue:
    """Limits the uploads in progress, from first byte to response: at most `places`, of `n_bytes` together."""

    def __init__(self, places: int, n_bytes: int) -> None:
        self._free = places
        self._free_bytes = n_bytes
        self._threads = ThreadPoolExecutor(usable_cores(), thread_name_prefix="upload")

    @property
    def n_free(self) -> int:
        """How many uploads may still be accepted."""
        return self._free

    @contextmanager
    def place(self, n_bytes: int = 0) -> Iterator[None]:
        """Reserve a place for an upload of `n_bytes`. Raises `HTTPException` 503 where the queue is full."""
        if self._free <= 0 or self._free_bytes < n_bytes:
            raise HTTPException(
                503,
                "the server is busy with other photos: try again in a moment",
                {"retry-after": str(RETRY_AFTER_SECONDS)},
            )
        self._free -= 1
        self._free_bytes -= n_bytes
        try:
            yield
        finally:
            self._free += 1
            self._free_bytes += n_bytes

    async def run(self, work: Callable[[], Result]) -> Result:
        """Run `work` in one of the threads, of which there are as many as cores."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
