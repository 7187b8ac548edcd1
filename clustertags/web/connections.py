"""Timeouts of connections: a client that is slow in sending its headers, or in reading a response, is disconnected.

uvicorn limits how long a connection may idle after a response, but neither the time until the headers are complete nor
the time that a response may stay unread. Request bodies are limited in `middleware.py`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

UNREAD_SECONDS = 30.0


def timeout_protocol(header_seconds: float, unread_seconds: float = UNREAD_SECONDS) -> type[H11Protocol]:
    """A subclass of uvicorn's protocol with these timeouts."""

    class TimeoutProtocol(H11Protocol):
        _header_timer: asyncio.TimerHandle | None = None
        _read_timer: asyncio.TimerHandle | None = None
        _last_cycle: object = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._header_timer = self.loop.call_later(header_seconds, self._drop)

        def data_received(self, data: bytes) -> None:
            if self._header_timer is None and (self.cycle is None or self.cycle.response_complete):
                self._header_timer = self.loop.call_later(header_seconds, self._drop)
            super().data_received(data)
            if self.cycle is not self._last_cycle:  # a request's headers are complete
                self._last_cycle = self.cycle
                self._cancel_header_timer()

        def connection_lost(self, exc: Exception | None) -> None:
            self._cancel_header_timer()
            self.resume_writing()
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._read_timer = self.loop.call_later(unread_seconds, self._drop)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._read_timer is not None:
                self._read_timer.cancel()
                self._read_timer = None

        def _cancel_header_timer(self) -> None:
            if self._header_timer is not None:
                self._header_timer.cancel()
                self._header_timer = None

        def _drop(self) -> None:
            # `close` would wait until the client has read the buffer.
            self.transport.abort()

    return TimeoutProtocol


def protocol_options(header_seconds: float, connections: int) -> dict[str, Any]:
    """Uvicorn's settings that go with the protocol."""
    return {
        "http": timeout_protocol(header_seconds),
        "ws": "none",
        "timeout_keep_alive": 5,
        "limit_concurrency": connections,
        "h11_max_incomplete_event_size": 32 * 1024,
        "server_header": False,
        "proxy_headers": False,
    }
