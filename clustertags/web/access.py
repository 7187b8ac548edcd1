"""Access rules: which requests are refused because of their Host, Origin, Sec-Fetch-Site, method or token.

A page on another site can make a browser send requests to this server. Browsers state where a request comes
from (Origin, Sec-Fetch-Site), and DNS rebinding shows in Host. A program that is not a browser sends neither header; it
is accepted, since it could read the files itself. With a token, every client has to send it.
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
PUBLIC_PATHS = frozenset({"/health", "/login"})
_PUBLIC_PREFIX = "/static/"
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """The parts of a request that decide. Headers as sent; None where missing, "" where there are several."""

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
    """The HTTP status and the reason with which a request is refused."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Access:
    """The access rules of one server; `host` is the address it listens on."""

    host: str
    token: str | None = None

    def refusal(self, request: RequestInfo) -> Refusal | None:
        """Why the request is refused; None where it is accepted."""
        if not self._knows_host(request):
            return Refusal(421, "this server is not known by that name: use the address that it printed")
        if request.method not in METHODS:
            return Refusal(405, f"only {', '.join(sorted(METHODS))} are answered")
        if request.origin is not None and request.origin != f"{request.scheme}://{request.host}":
            return Refusal(403, "requests from other sites are not answered")
        if request.fetch_site not in {None, "none", "same-origin"}:
            return Refusal(403, "requests from other sites are not answered: type the address into the browser")
        if self.token is not None and not self._is_public(request.path) and not self._has_token(request):
            return Refusal(401, "log in with the token that the server was started with")
        return None

    def cookie_value(self) -> str:
        """The value of the login cookie: a hash of the token, not the token itself."""
        return hashlib.sha256(f"cookie:{self.token}".encode()).hexdigest()

    def is_token(self, given: str) -> bool:
        return self.token is not None and hmac.compare_digest(given.encode(), self.token.encode())

    def _knows_host(self, request: RequestInfo) -> bool:
        found = _HOST.fullmatch((request.host or "").lower())
        if found is None:
            return False
        default = 443 if request.scheme == "https" else 80
        name, port = found["name"], int(found["port"] or default)
        if port != (request.server[1] or default):
            return False
        if is_loopback(name):
            return True
        return self.token is not None and name.strip("[]") in self._names(request)

    def _names(self, request: RequestInfo) -> set[str]:
        """Names of this machine: the configured host, the address that the client connected to, its host name."""
        own = socket.gethostname().lower()
        return {self.host.lower().strip("[]"), request.server[0].lower(), own, f"{own}.local"} - {"", "0.0.0.0", "::"}  # noqa: S104

    def _is_public(self, path: str) -> bool:
        return path in PUBLIC_PATHS or path.startswith(_PUBLIC_PREFIX)

    def _has_token(self, request: RequestInfo) -> bool:
        scheme, _, given = (request.authorization or "").partition(" ")
        if scheme.lower() == "bearer" and self.is_token(given.strip()):
            return True
        return hmac.compare_digest((request.cookies or {}).get(COOKIE, "").encode(), self.cookie_value().encode())


class LoginThrottle:
    """Limits login attempts: at most 10 wrong tokens in 60 s, from all clients together."""

    _SECONDS = 60.0
    _MAX_FAILURES = 10

    def __init__(self) -> None:
        self._failures: deque[float] = deque()

    def wait_seconds(self) -> int:
        """Seconds until the next attempt is allowed; 0 where it is allowed now."""
        now = time.monotonic()
        while self._failures and now - self._failures[0] > self._SECONDS:
            self._failures.popleft()
        return 0 if len(self._failures) < self._MAX_FAILURES else int(self._failures[0] + self._SECONDS - now) + 1

    def record_failure(self) -> None:
        """Count a wrong token."""
        self._failures.append(time.monotonic())
