"""The outermost middleware: access rules, security headers, and limits on the size and speed of request bodies."""

from __future__ import annotations

import asyncio
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clustertags.web.access import METHODS, Access, Refusal, RequestInfo
from clustertags.web.schemas.errors import error_json
from clustertags.web.settings import Limits

CONTENT_POLICY = (
    "default-src 'none'; img-src 'self' blob:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With "no-referrer" a browser's own forms would be sent with the origin `null`.
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_MULTIPART_OVERHEAD_BYTES = 64 * 1024


class SecurityMiddleware:
    """Refuses requests by the rules of `Access`, adds the security headers to every response, and limits bodies."""

    def __init__(self, app: ASGIApp, access: Access, limits: Limits, upload_paths: frozenset[str]) -> None:
        self._app = app
        self._access = access
        self._limits = limits
        self._upload_paths = upload_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._respond(scope, receive, _with_security_headers(send))

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._access.refusal(request_info(scope))
        if refusal is not None:
            await _refuse(scope, refusal)(scope, receive, send)
            return
        is_upload = scope["method"] == "POST" and scope["path"] in self._upload_paths
        most = self._limits.decode.max_file_bytes + _MULTIPART_OVERHEAD_BYTES if is_upload else self._limits.body_bytes
        declared = declared_length(Headers(scope=scope)) or 0
        if declared > most:
            response = error_json(413, too_large(declared, most), {"connection": "close"})
            await response(scope, receive, send)
            return
        await self._app(scope, _limited(receive, most, self._limits), send)


def request_info(scope: Scope) -> RequestInfo:
    """The parts of an ASGI scope that the access rules look at."""
    headers = Headers(scope=scope)

    def single(name: str) -> str | None:
        values = headers.getlist(name)
        return None if not values else values[0] if len(values) == 1 else ""

    server = scope.get("server") or ("", None)
    return RequestInfo(
        scope["method"],
        scope["path"],
        scope.get("scheme", "http"),
        (server[0], server[1]),
        single("host"),
        single("origin"),
        single("sec-fetch-site"),
        single("authorization"),
        _cookies(headers.getlist("cookie")),
    )


def too_large(n_bytes: int, most: int) -> str:
    return f"the request has {n_bytes:,} bytes and the limit is {most:,}"


def _cookies(lines: list[str]) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for line in lines:
        try:
            jar.load(line)
        except CookieError:
            continue
    return {name: item.value for name, item in jar.items()}


def declared_length(headers: Headers) -> int | None:
    """The Content-Length in bytes; None where it is missing or not a number."""
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _refuse(scope: Scope, refusal: Refusal) -> Response:
    wants_page = refusal.status == 401 and "text/html" in Headers(scope=scope).get("accept", "")
    if wants_page and scope["method"] == "GET":
        return RedirectResponse("/login", 303)
    headers = {"connection": "close"} if scope["method"] not in {"GET", "HEAD"} else {}
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    if refusal.status == 405:
        headers["allow"] = ", ".join(sorted(METHODS))
    return error_json(refusal.status, refusal.reason, headers)


def _with_security_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sending


def _limited(receive: Receive, most: int, limits: Limits) -> Receive:
    """`receive` with limits: raises `HTTPException` 413 for a body that is too large, 408 for one that is too slow."""
    n_bytes = 0
    waited_seconds = 0.0
    is_complete = False

    async def receiving() -> Message:
        nonlocal n_bytes, waited_seconds, is_complete
        if is_complete:  # no limit on the connection after the whole body has arrived
            return await receive()
        loop = asyncio.get_running_loop()
        started = loop.time()
        timeout_seconds = min(
            limits.pause_seconds, limits.pause_seconds + n_bytes / limits.bytes_a_second - waited_seconds
        )
        try:
            message = await asyncio.wait_for(receive(), max(timeout_seconds, 0.001))
        except TimeoutError as error:
            raise HTTPException(408, "the request came too slowly", {"connection": "close"}) from error
        waited_seconds += loop.time() - started
        n_bytes += len(message.get("body", b""))
        is_complete = not message.get("more_body", False)
        if n_bytes > most:
            raise HTTPException(413, too_large(n_bytes, most), {"connection": "close"})
        return message

    return receiving
