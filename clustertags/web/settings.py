"""What a server is started with."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from clustertags.errors import UsageError
from clustertags.library.artifacts import DEFAULT_FOLDER
from clustertags.photos.files import MEBIBYTE, DecodeLimits
from clustertags.support.printable import printable

LEAST_TOKEN_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask of the server.

    `decode` bounds an uploaded photo. Uploads that are being received, wait or are worked on are at most
    `uploads_at_once`, and `upload_bytes_at_once` together; who finds no room is told to come back. Headers must be
    complete after `header_seconds`, no pause in a body may last longer than `pause_seconds`, and on the whole it must
    come faster than `bytes_a_second`.
    """

    decode: DecodeLimits = field(default_factory=lambda: DecodeLimits(64 * MEBIBYTE, 64_000_000))
    uploads_at_once: int = 96
    upload_bytes_at_once: int = 128 * MEBIBYTE
    body_bytes: int = MEBIBYTE
    header_seconds: float = 10.0
    pause_seconds: float = 10.0
    bytes_a_second: int = 16 * 1024
    connections: int = 512


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Raises `UsageError` where the server would be open to others without a token."""

    artifacts: Path = DEFAULT_FOLDER
    host: str = "127.0.0.1"
    port: int = 8017
    token: str | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token) < LEAST_TOKEN_CHARACTERS:
            raise UsageError(f"the token is too easy to guess: give at least {LEAST_TOKEN_CHARACTERS} characters")
        if self.token is None and not is_loopback(self.host):
            raise UsageError(
                f"--host {printable(self.host)} would open the library to other machines: set a --token as well"
            )


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine's own, as seen from itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
