"""Who may ask: a request's Host, Origin, Sec-Fetch-Site and token, judged before anything else looks at it.

A page on another site can make a browser send requests here. Browsers tell where a request comes from (Origin,
Sec-Fetch-Site), and a name that was made to point here (DNS rebinding) shows in Host; a program that is no browser
sends neither and is let in, as it could read the files itself. With a token everybody has to show it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from clustertags.web.settings import is_loopback

METHODS = frozenset({"GET", "HEAD", "POST"})
COOKIE = "clustertags"
OPEN_PATHS = frozenset({"/health", "/login"})
_OPEN_PREFIX = "/static/"
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request decides. Header values as sent, None where there is none, "" where there are several."""

    method: str
    path: str
    scheme: str
    server: tuple[str, int | None]
    host: str | None
    origin: str | None = None
    fetch_site: str | None = None
    authorization: str | None = None
    cookies: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one server; `host` is what it was told to listen on."""

    host: str
    token: str | None = None

    def refusal(self, asked: Asked) -> Refusal | None:
        """Why the request is turned away; None where it may pass."""
        if not self._knows_host(asked):
            return Refusal(421, "this server is not known by that name: use the address that it printed")
        if asked.method not in METHODS:
            return Refusal(405, f"only {', '.join(sorted(METHODS))} are answered")
        if asked.origin is not None and asked.origin != f"{asked.scheme}://{asked.host}":
            return Refusal(403, "requests from other sites are not answered")
        if asked.fetch_site not in {None, "none", "same-origin"}:
            return Refusal(403, "requests from other sites are not answered: type the address into the browser")
        if self.token is not None and not self._is_open(asked.path) and not self._shows_token(asked):
            return Refusal(401, "log in with the token that the server was started with")
        return None

    def cookie_value(self) -> str:
        """What the cookie holds after a login: made from the token, but not the token."""
        return hashlib.sha256(f"cookie:{self.token}".encode()).hexdigest()

    def is_token(self, given: str) -> bool:
        return self.token is not None and hmac.compare_digest(given.encode(), self.token.encode())

    def _knows_host(self, asked: Asked) -> bool:
        found = _HOST.fullmatch((asked.host or "").lower())
        if found is None:
            return False
        default = 443 if asked.scheme == "https" else 80
        name, port = found["name"], int(found["port"] or default)
        if port != (asked.server[1] or default):
            return False
        if is_loopback(name):
            return True
        return self.token is not None and name.strip("[]") in self._names(asked)

    def _names(self, asked: Asked) -> set[str]:
        """What this machine may be called: the given host, the address that the client has reached, its own name."""
        own = socket.gethostname().lower()
        return {self.host.lower().strip("[]"), asked.server[0].lower(), own, f"{own}.local"} - {"", "0.0.0.0", "::"}  # noqa: S104

    def _is_open(self, path: str) -> bool:
        return path in OPEN_PATHS or path.startswith(_OPEN_PREFIX)

    def _shows_token(self, asked: Asked) -> bool:
        scheme, _, given = (asked.authorization or "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(given.strip()):
            return True
        return hmac.compare_digest((asked.cookies or {}).get(COOKIE, "").encode(), self.cookie_value().encode())


class Guesses:
    """Wrong tokens of the last minute, whoever gave them."""

    _SECONDS = 60.0
    _MOST = 10

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def wait_seconds(self) -> int:
        """How long to wait before the next try; 0 where none is due."""
        now = time.monotonic()
        while self._times and now - self._times[0] > self._SECONDS:
            self._times.popleft()
        return 0 if len(self._times) < self._MOST else int(self._times[0] + self._SECONDS - now) + 1

    def add(self) -> None:
        self._times.append(time.monotonic())
