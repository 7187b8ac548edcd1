"""Who reaches the server: every combination of Host, Origin, Sec-Fetch-Site, method and token."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from clustertags.errors import UsageError
from clustertags.web.access import COOKIE, Access, RequestInfo
from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings, read_token
from tests.conftest import Library, Ran
from tests.web.conftest import ADDRESS

TOKEN = "a long enough secret"
OWN_HOSTS = ("127.0.0.1:8017", "localhost:8017", "LOCALHOST:8017", "[::1]:8017", "127.0.0.53:8017")
FOREIGN_HOSTS = (
    None, "", "evil.example", "evil.example:8017", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.example:8017",
    "localhost.evil.example:8017", "localhost:8017@evil.example", "127.0.0.1:8017, evil.example", "127.0.0.1:8017/",
    "0.0.0.0:8017", "192.168.1.7:8017", "localhost:", "[::2]:8017", "127.0.0.1:99999", "localhost:8017\tx",
)  # fmt: skip
FOREIGN_ORIGINS = (
    "null", "", "http://evil.example", "http://evil.example:8017", "https://{host}", "http://{host}.evil.example",
    "http://127.0.0.1:9999", "http://localhost", "file://", "http://{host}/",
)  # fmt: skip


def asked(host: str | None, **changes: object) -> RequestInfo:
    fields = {"method": "GET", "path": "/", "scheme": "http", "server": ("127.0.0.1", 8017), "host": host}
    return RequestInfo(**(fields | changes))  # type: ignore[arg-type]


def statuses(access: Access, requests: list[RequestInfo]) -> set[int]:
    refusals = [access.refusal(request) for request in requests]
    return {0 if refusal is None else refusal.status for refusal in refusals}


def test_what_should_pass_passes() -> None:
    own = [
        asked(host, method=method, origin=origin, fetch_site=site)
        for host, method, site in product(OWN_HOSTS, ("GET", "HEAD", "POST"), (None, "none", "same-origin"))
        for origin in (None, f"http://{host}")
    ]
    assert statuses(Access("127.0.0.1"), own) == {0}


def test_foreign_hosts_origins_sites_and_methods_do_not() -> None:
    access = Access("127.0.0.1")
    methods = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT", "get", "PROPFIND")
    assert statuses(access, [asked(host, method=method) for host, method in product(FOREIGN_HOSTS, methods)]) == {421}
    for host, origin, method in product(OWN_HOSTS, FOREIGN_ORIGINS, methods):
        refusal = access.refusal(asked(host, origin=origin.format(host=host), method=method))
        assert refusal is not None and refusal.status in {403, 405}, (host, origin, method)
    for host, site in product(OWN_HOSTS, ("cross-site", "same-site", "", "other")):
        assert statuses(access, [asked(host, fetch_site=site)]) == {403}
    assert statuses(access, [asked(OWN_HOSTS[0], method=method) for method in methods[3:]]) == {405}


def test_with_a_token_everybody_has_to_show_it() -> None:
    access = Access("0.0.0.0", TOKEN)
    near = {"host": "192.168.1.7:8017", "server": ("192.168.1.7", 8017)}
    for where in ({"host": OWN_HOSTS[0]}, near):
        wrong = [
            asked(**where),
            asked(**where, authorization="Bearer nothing"),
            asked(**where, authorization=TOKEN),
            asked(**where, authorization=f"Basic {TOKEN}"),
            asked(**where, cookies={COOKIE: TOKEN}),
            asked(**where, cookies={COOKIE: "é"}),
            asked(**where, path="/static"),
        ]
        assert statuses(access, wrong) == {401}
        right = [
            asked(**where, authorization=f"Bearer {TOKEN}"),
            asked(**where, cookies={COOKIE: access.cookie_value()}),
            asked(**where, path="/login"),
            asked(**where, path="/health"),
        ]
        assert statuses(access, right) == {0}
    assert statuses(access, [asked("evil.example:8017", authorization=f"Bearer {TOKEN}")]) == {421}
    assert statuses(Access("127.0.0.1"), [asked(**near)]) == {421}


def test_others_are_let_in_only_with_a_token_worth_the_name() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.7", "somewhere"):
        with pytest.raises(UsageError, match="--token"):
            WebSettings(host=host)
    with pytest.raises(UsageError, match="guess"):
        WebSettings(token="short")
    assert WebSettings(host="0.0.0.0", token=TOKEN).token == TOKEN


def test_a_file_may_hold_the_token(tmp_path: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert read_token(file) == TOKEN
    monkeypatch.setenv("CLUSTERTAGS_TOKEN_FILE", str(file))
    both = run("serve", "--token", TOKEN)
    assert (both.status, both.err.count("\n")) == (2, 1)
    assert "--token-file" in both.err
    file.write_text("short\n")
    short = run("serve", "--artifacts", tmp_path)
    assert (short.status, "at least 16 characters" in short.err) == (2, True)
    file.unlink()
    missing = run("serve", "--artifacts", tmp_path)
    assert (missing.status, str(file) in missing.err) == (2, True)


def test_the_matrix_over_http(client: TestClient) -> None:
    paths = ("/health", "/metrics", "/openapi.json", "/", "/api/tag", "/static/gallery.css", "/nowhere")
    for path, method in product(paths, ("GET", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE")):
        for headers in ({"origin": "null"}, {"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
            answer = client.request(method, path, headers=headers)
            assert answer.status_code in {403, 405}, (path, method, headers)
            assert "access-control-allow-origin" not in answer.headers
        answer = client.request(method, path, headers={"host": "evil.example:8017"})
        assert answer.status_code == 421
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/health", headers={"origin": ADDRESS}).status_code == 200
    two = client.get("/health", headers=[("host", "127.0.0.1:8017"), ("host", "evil.example")])  # type: ignore[arg-type]
    assert two.status_code == 421


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/health", "/static/gallery.css", "/nowhere", "/api/tag", "/openapi.json", "/"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


def test_no_page_opens_a_websocket(client: TestClient) -> None:
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/", headers={"host": "127.0.0.1:8017"}):
        pass


def test_logging_in(fitted: Library) -> None:
    app = create_app(WebSettings(fitted.artifacts, token=TOKEN))
    with TestClient(app, base_url=ADDRESS, follow_redirects=False) as client:
        assert client.get("/health").status_code == 200
        assert client.get("/").status_code == 401
        asked_in_browser = client.get("/", headers={"accept": "text/html"})
        assert (asked_in_browser.status_code, asked_in_browser.headers["location"]) == (303, "/login")
        assert 'type="password"' in client.get("/login").text
        assert client.get("/login", params={"token": "wrong"}).status_code == 403
        assert client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
        done = client.get("/login", params={"token": TOKEN})
        assert (done.status_code, done.headers["location"]) == (303, "/")
        cookie = done.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and TOKEN not in cookie
        assert client.get("/metrics").status_code == 200


def test_guessing_the_token_is_slowed_down(fitted: Library) -> None:
    with TestClient(create_app(WebSettings(fitted.artifacts, token=TOKEN)), base_url=ADDRESS) as client:
        guesses = [client.post("/login", data={"token": f"guess {i}"}).status_code for i in range(30)]
        assert set(guesses) == {403, 429}
        assert guesses.count(403) <= 10
        locked = client.post("/login", data={"token": TOKEN}, follow_redirects=False)
        assert locked.status_code == 429
        assert int(locked.headers["retry-after"]) > 0
