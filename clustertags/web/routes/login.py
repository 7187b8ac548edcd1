"""Log in with the token of the server, where it has one."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from clustertags.web.access import COOKIE
from clustertags.web.rendering import NO_LIBRARY, page
from clustertags.web.services import Services, ServicesDep

router = APIRouter(include_in_schema=False)


@router.get("/login")
async def login_page(services: ServicesDep, token: str | None = None) -> Response:
    if services.settings.token is None:
        return RedirectResponse("/", 303)
    return page("login.html", NO_LIBRARY, error="") if token is None else _log_in(services, token)


@router.post("/login")
async def log_in(request: Request, services: ServicesDep) -> Response:
    fields = parse_qs((await request.body()).decode("utf-8", errors="replace"))
    return _log_in(services, fields.get("token", [""])[0])


def _log_in(services: Services, token: str) -> Response:
    if wait := services.login_throttle.wait_seconds():
        response: Response = page("login.html", NO_LIBRARY, 429, error=f"Too many wrong tokens: wait {wait} seconds.")
        response.headers["retry-after"] = str(wait)
        return response
    if not services.access.is_token(token):
        services.login_throttle.record_failure()
        return page("login.html", NO_LIBRARY, 403, error="That is not the token.")
    redirect = RedirectResponse("/", 303)
    redirect.set_cookie(COOKIE, services.access.cookie_value(), httponly=True, samesite="strict", max_age=30 * 86400)
    return redirect
