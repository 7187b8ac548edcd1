"""Connections that do not wait for ever: a client that is slow with its headers, or with reading, is dropped.

uvicorn limits how long a connection idles after an answer, but not how long its first line may take nor how long an
answer may lie unread; bodies are limited in `guard.py`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

UNREAD_SECONDS = 30.0


def patient_protocol(header_seconds: float, unread_seconds: float = UNREAD_SECONDS) -> type[H11Protocol]:
    """Uvicorn's protocol with these limits."""

    class PatientProtocol(H11Protocol):
        _watch: asyncio.TimerHandle | None = None
        _unread: asyncio.TimerHandle | None = None
        _seen: object = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._watch = self.loop.call_later(header_seconds, self._drop)

        def data_received(self, data: bytes) -> None:
            if self._watch is None and (self.cycle is None or self.cycle.response_complete):
                self._watch = self.loop.call_later(header_seconds, self._drop)
            super().data_received(data)
            if self.cycle is not self._seen:  # a request's headers are complete
                self._seen = self.cycle
                self._cancel()

        def connection_lost(self, exc: Exception | None) -> None:
            self._cancel()
            self.resume_writing()
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._unread = self.loop.call_later(unread_seconds, self._drop)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._unread is not None:
                self._unread.cancel()
                self._unread = None

        def _cancel(self) -> None:
            if self._watch is not None:
                self._watch.cancel()
                self._watch = None

        def _drop(self) -> None:
            # `close` would wait until what lies in the buffer has been read.
            self.transport.abort()

    return PatientProtocol


def protocol_options(header_seconds: float, connections: int) -> dict[str, Any]:
    """Uvicorn's settings that belong together with it."""
    return {
        "http": patient_protocol(header_seconds),
        "ws": "none",
        "timeout_keep_alive": 5,
        "limit_concurrency": connections,
        "h11_max_incomplete_event_size": 32 * 1024,
        "server_header": False,
        "proxy_headers": False,
    }
