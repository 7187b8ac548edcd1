"""Settings of a server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from clustertags.errors import UsageError
from clustertags.library.artifacts import DEFAULT_FOLDER
from clustertags.photos.files import MEBIBYTE, DecodeLimits
from clustertags.support.printable import printable
from clustertags.support.text_files import read_text_file

LEAST_TOKEN_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on requests.

    `decode`: limits of one uploaded photo. `uploads_at_once`, `upload_bytes_at_once`: limits of all uploads in progress
    together; further ones get status 503. `body_bytes`: limit of any other request body. Headers must be complete after
    `header_seconds`; no pause in a body may be longer than `pause_seconds`, and its mean rate must be at least
    `bytes_a_second`. `connections`: open connections.
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
    """Settings of one server. Raises `UsageError` where other machines could reach it without a token."""

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


def read_token(path: Path) -> str:
    """The secret that a file holds, without the space around it. Raises `UsageError`."""
    return read_text_file(
        path,
        called="the file of the secret",
        form="a text file that holds it",
        max_bytes=MEBIBYTE,
        error=UsageError,
    ).strip()


def is_loopback(host: str) -> bool:
    """Whether the host name or address is a loopback one."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
