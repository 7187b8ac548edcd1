"""Around every request: the rules of access before it, the security headers after it, and a limit on its body."""

from __future__ import annotations

import asyncio
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clustertags.web.access import METHODS, Access, Asked, Refusal
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
_MULTIPART_ROOM = 64 * 1024


class Guard:
    """The outermost layer of the app."""

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
            await self._answer(scope, receive, _with_security_headers(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._access.refusal(asked_of(scope))
        if refusal is not None:
            await _refuse(scope, refusal)(scope, receive, send)
            return
        is_upload = scope["method"] == "POST" and scope["path"] in self._upload_paths
        most = self._limits.decode.max_file_bytes + _MULTIPART_ROOM if is_upload else self._limits.body_bytes
        declared = declared_length(Headers(scope=scope)) or 0
        if declared > most:
            await JSONResponse({"detail": too_large(declared, most)}, 413, {"connection": "close"})(
                scope, receive, send
            )
            return
        await self._app(scope, _counted(receive, most, self._limits), send)


def asked_of(scope: Scope) -> Asked:
    """What decides about the request, out of its ASGI scope."""
    headers = Headers(scope=scope)

    def only(name: str) -> str | None:
        values = headers.getlist(name)
        return None if not values else values[0] if len(values) == 1 else ""

    server = scope.get("server") or ("", None)
    return Asked(
        scope["method"],
        scope["path"],
        scope.get("scheme", "http"),
        (server[0], server[1]),
        only("host"),
        only("origin"),
        only("sec-fetch-site"),
        only("authorization"),
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
    """How many bytes the client says that the body has; None where it does not, or not with a number."""
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
    return JSONResponse({"detail": refusal.reason}, refusal.status, headers)


def _with_security_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sending


def _counted(receive: Receive, most: int, limits: Limits) -> Receive:
    """`receive` that stops a body which is too large, pauses too long or comes too slowly, wherever it is read."""
    n_bytes = 0
    waited = 0.0
    is_whole = False

    async def receiving() -> Message:
        nonlocal n_bytes, waited, is_whole
        if is_whole:  # a client may stay as long as it likes after it has sent everything
            return await receive()
        loop = asyncio.get_running_loop()
        started = loop.time()
        patience = min(limits.pause_seconds, limits.pause_seconds + n_bytes / limits.bytes_a_second - waited)
        try:
            message = await asyncio.wait_for(receive(), max(patience, 0.001))
        except TimeoutError as error:
            raise HTTPException(408, "the request came too slowly", {"connection": "close"}) from error
        waited += loop.time() - started
        n_bytes += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        if n_bytes > most:
            raise HTTPException(413, too_large(n_bytes, most), {"connection": "close"})
        return message

    return receiving
