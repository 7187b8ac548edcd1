"""The JSON interface against its own OpenAPI description: statuses, content types, headers and bodies."""

from __future__ import annotations

import io
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import hypothesis
import pytest
import requests
import schemathesis
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from PIL import Image
from pydantic import ValidationError
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from clustertags.errors import DamagedError, LockedError
from clustertags.web.app import create_app
from clustertags.web.routes import ROUTERS
from clustertags.web.schemas.base import ResponseModel
from clustertags.web.settings import WebSettings
from clustertags.workflows.edit import Editor
from tests.conftest import Library
from tests.web.conftest import ADDRESS
from tests.web.test_uploads import photo_of

TOKEN = "a long enough secret"
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NOT_JSON = {
    "/metrics",
    "/api/map",
    "/api/export",
    "/thumbs/{start}/{content_hash}.webp",
    "/pictures/{content_hash}.webp",
}
VALUES = {"content_hash": "0" * 64, "start": "00"}


def description(client: TestClient) -> dict[str, Any]:
    described: dict[str, Any] = client.get("/openapi.json").json()
    return described


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Method and path of every operation."""
    for path, methods in described["paths"].items():
        yield from ((method.upper(), path) for method in methods)


class Checked:
    """Sends requests to a server and checks every response against the description."""

    def __init__(self, client: TestClient, described: dict[str, Any]) -> None:
        self._client = client
        self._schema = schemathesis.openapi.from_dict(described)
        self.succeeded: set[tuple[str, str]] = set()

    def __call__(self, method: str, path: str, expected: int = 200, **options: Any) -> Any:
        values = VALUES | options.pop("values", {})
        given = options.pop("headers", {})
        request = requests.Request(method, ADDRESS + path.format(**values), **options).prepare()
        headers = {name.lower(): value for name, value in request.headers.items()} | given
        response = self._client.request(method, str(request.url), headers=headers, content=request.body)
        assert response.status_code == expected, (method, path, response.text)
        self._schema[path][method].Case(path_parameters=values).validate_response(response, checks=CHECKS)
        if expected < 300:
            self.succeeded.add((method, path))
        is_json = response.headers["content-type"].split(";")[0] == "application/json"
        return response.json() if is_json else response.content


@pytest.fixture
def ask(editable: TestClient) -> Checked:
    return Checked(editable, description(editable))


@pytest.mark.slow
def test_nothing_that_the_description_allows_or_forbids_fails_the_server(editable: TestClient) -> None:
    """Drawn requests go to every operation; those to edits really edit, and undo takes some back."""
    schema = schemathesis.openapi.from_dict(description(editable))
    statuses: Counter[int] = Counter()
    unsent = []

    def send(case: schemathesis.Case) -> None:
        sent = case.as_transport_kwargs(base_url=ADDRESS)
        fields = ("method", "url", "params", "headers", "json", "data", "files", "cookies")
        try:
            request = requests.Request(**{name: sent[name] for name in fields if sent.get(name)}).prepare()
            response = editable.request(
                str(request.method), str(request.url), headers=dict(request.headers), content=request.body
            )
        except (UnicodeError, TypeError, AttributeError, requests.RequestException):  # what no client can send
            unsent.append(sent)
            return
        statuses[response.status_code] += 1
        assert response.status_code < 500 or response.status_code == 503, (sent, response.text)
        case.validate_response(response, checks=CHECKS)

    settings = hypothesis.settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for found in schema.exclude(path="/api/sidecars", method="POST").get_all_operations():  # it writes among the photos
        operation = found.ok()
        assert operation is not None
        settings(hypothesis.given(case=operation.as_strategy())(send))()
    assert statuses[200] > 20
    assert sum(statuses.values()) > max(100, 4 * len(unsent))


def gradient() -> bytes:
    stream = io.BytesIO()
    Image.linear_gradient("L").save(stream, "PNG")
    return stream.getvalue()


def test_every_json_operation_succeeds_as_described(
    ask: Checked, fitted: Library, editable: TestClient, until: Callable[..., Any]
) -> None:
    """One meaningful request at least to each, which drawn requests seldom are."""
    ask("GET", "/health")
    ask("POST", "/api/report", 202)
    listed = ask("GET", "/api/clusters")["clusters"]
    found = ask("GET", "/api/search", params={"q": "011-2", "by": "name"})["photos"]
    photo = {"content_hash": found[0]["photo"], "start": found[0]["photo"][:2]}
    ask("GET", "/api/search", params={"q": found[0]["photo"], "by": "photo"})
    ask("GET", "/api/search", params={"q": "kind1"})
    assert ask("GET", "/api/photos/{content_hash}", values=photo)["cluster"]
    ask("GET", "/api/duplicates")
    assert ask("GET", "/api/complete", params={"text": "ki"})
    assert ask("GET", "/api/reach")
    assert ask("POST", "/api/sidecars", 202, json={"dry_run": True})["action"] == "write"
    until(lambda: editable.get("/api/sidecars").json()["phase"] == "ready", 60)
    assert ask("GET", "/api/sidecars")["shown"]
    suggested = ask("GET", "/api/suggestions")["photos"]
    assert suggested[0]["choices"]
    upload = {"files": {"file": ("a.jpg", (fitted.photos / "011-2.jpg").read_bytes())}}
    assert "withheld" not in ask("POST", "/api/tag", **upload)
    explained = ask("POST", "/api/tag", params={"explain": True}, **upload)
    assert explained["tags"][0]["parts"] and "demoted" not in explained["tags"][0]
    assert ask("POST", "/api/look", **upload)["alike"]
    unlike = {"files": {"file": ("unlike.png", gradient())}}
    assert ask("POST", "/api/tag", params={"explain": True}, **unlike)["withheld"]
    ask("POST", "/api/look", **unlike)
    ask("POST", "/api/look", files={"file": ("black.png", photo_of(80))})
    for edit in edits(listed, [item["hash"] for item in suggested]):
        assert ask("POST", "/api/edits", json=edit)["undo"]
    ask("POST", "/api/undo")
    ask("POST", "/api/redo")
    assert len(ask("GET", "/api/edits")["entries"]) > 10
    until(lambda: editable.get("/api/learning").json()["phase"] == "idle", 120)
    assert ask("GET", "/api/learning")["gain"]
    until(lambda: editable.get("/api/report").json()["phase"] != "working", 120)
    editable.post("/api/report")  # the edits made a new version
    until(lambda: editable.get("/api/report").json()["phase"] == "ready", 120)
    assert ask("GET", "/api/report")["evaluation"]["confusion"]
    for path in NOT_JSON:
        ask("GET", path, values=photo)
    assert ask.succeeded == set(operations(description(editable)))


def edits(listed: list[dict[str, Any]], photos: list[str]) -> list[dict[str, Any]]:
    """One edit of each kind."""
    first, second, third = (item["key"] for item in listed[:3])
    return [
        {"kind": "rename", "cluster": first, "name": "Harbour"},
        {"kind": "merge", "clusters": [first, second]},
        {"kind": "split", "cluster": first, "parts": 2},
        {"kind": "move", "photos": photos[:1], "cluster": third},
        {"kind": "move", "photos": photos[1:2]},
        {"kind": "gather", "photos": photos[2:4], "name": "Two"},
        {"kind": "hide", "photos": photos[4:5]},
        {"kind": "show", "photos": photos[4:5]},
        {"kind": "accept", "photos": photos[5:6], "tags": ["new"]},
        {"kind": "reject", "photos": photos[5:6], "tags": ["kind1"]},
        {"kind": "withdraw", "photos": photos[5:6], "tags": ["kind1"]},
        {"kind": "accept", "photos": ["f" * 64], "tags": ["later"], "elsewhere": True},
        {"kind": "complete", "photos": photos[5:6]},
        {"kind": "answer", "answers": {photos[6]: ["new"]}},
        {"kind": "hide_cluster", "cluster": third},
    ]


def test_errors_are_as_described(ask: Checked, photo_bytes: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("GET", "/api/clusters", 400, params={"level": 9, "group": 1})
    ask("POST", "/api/edits", 400, json={"kind": "rename", "cluster": "nothing like it"})
    ask("GET", "/api/export", 400, params={"under": "a|b"})
    ask("POST", "/api/sidecars", 400, json={"under": "a|b"})
    ask("POST", "/api/sidecars", 422, json={"action": "forget"})
    ask("POST", "/api/undo", 400)
    ask("POST", "/api/redo", 400)
    ask("GET", "/api/search", 404, params={"q": "x", "by": "photo"})
    for path in ("/api/photos/{content_hash}", *sorted(path for path in NOT_JSON if "{" in path)):
        ask("GET", path, 404)
        ask("GET", path, 422, values={"content_hash": "short"})
    for path, name in (
        ("/api/clusters", "limit"), ("/api/search", "limit"), ("/api/duplicates", "limit"), ("/api/edits", "limit"),
        ("/api/suggestions", "n"), ("/api/complete", "what"), ("/api/export", "precision"),
    ):  # fmt: skip
        assert isinstance(ask("GET", path, 422, params={name: "x", "q": "", "text": ""})["detail"], list)
    ask("POST", "/api/edits", 422, json={"kind": "format"})
    ask("POST", "/api/tag", 422, params={"top_k": 0}, files={"file": photo_bytes})
    for path in ("/api/tag", "/api/look"):
        assert isinstance(ask("POST", path, 422, files={"file": photo_bytes[:300]})["detail"], str)
        ask("POST", path, 415, files={"file": b"no photo"})
    for path in ("/api/edits", "/api/undo", "/api/redo", "/api/report", "/api/sidecars", "/api/tag", "/api/look"):
        ask("POST", path, 413, headers={"content-length": str(10**9)})
    for error, status in ((LockedError("another process is writing"), 409), (DamagedError("a file is damaged"), 500)):

        def fail(editor: Editor, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(Editor, "undo", fail)
        assert ask("POST", "/api/undo", status) == {"detail": str(error)}


def test_too_many_uploads_are_refused_as_described(editable: TestClient, ask: Checked, photo_bytes: bytes) -> None:
    limits = editable.app.state.services.settings.limits  # type: ignore[attr-defined]
    with editable.app.state.services.uploads.place(limits.upload_bytes_at_once):  # type: ignore[attr-defined]
        for path in ("/api/tag", "/api/look"):
            ask("POST", path, 503, files={"file": photo_bytes})


def test_refusals_of_every_operation_are_as_described(fitted: Library) -> None:
    with TestClient(create_app(WebSettings(fitted.artifacts, token=TOKEN)), base_url=ADDRESS) as client:
        described = client.get("/openapi.json", headers={"authorization": f"Bearer {TOKEN}"}).json()
        ask = Checked(client, described)
        for method, path in operations(described):
            ask(method, path, 421, headers={"host": "evil.example:8017"})
            ask(method, path, 403, headers={"origin": "http://evil.example"})
            if path != "/health":
                ask(method, path, 401)


def test_a_fault_of_the_program_is_as_described(own_artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(editor: Editor) -> None:
        raise RuntimeError("a secret of the program")

    monkeypatch.setattr(Editor, "undo", fail)
    app = create_app(WebSettings(own_artifacts))
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        body = Checked(client, description(client))("POST", "/api/undo", 500)
    assert "secret" not in str(body)


def test_a_key_that_a_model_lacks_is_an_error_and_not_dropped(
    editable: TestClient, photo_bytes: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clustertags.web.routes import tagging

    complete = tagging.as_json
    monkeypatch.setattr(tagging, "as_json", lambda *given, **options: complete(*given, **options) | {"extra": 1})
    with pytest.raises(ValidationError, match="extra"):
        editable.post("/api/tag", files={"file": photo_bytes})


def api_routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def test_every_json_route_has_a_model_and_declares_its_errors() -> None:
    described = [route for route in api_routes() if route.include_in_schema]
    assert len(described) > 20
    for route in described:
        assert {403, 421} <= set(route.responses), route.path
        if route.path in NOT_JSON:
            assert route.response_model is None
            continue
        model = route.response_model
        assert model is not None, f"{route.path} has no response model"
        items = get_args(model) if get_origin(model) is list else (model,)
        assert all(item is str or issubclass(item, ResponseModel) for item in items), route.path
    hidden = [route.path for route in api_routes() if not route.include_in_schema]
    assert not [path for path in hidden if path.startswith("/api/")]


def test_every_model_is_closed_and_every_field_described(client: TestClient) -> None:
    schemas = description(client)["components"]["schemas"]
    for name, schema in schemas.items():
        assert schema["additionalProperties"] is False, name
        assert schema["description"], name
        for field, described in schema["properties"].items():
            assert described.get("description"), f"{name}.{field} has no description"
    assert {"ErrorBody", "TagPrediction", "EditResult", "Evaluation"} <= set(schemas)


def test_no_command_but_serve_imports_pydantic(fitted_artifacts: Path) -> None:
    """It would make each start 0.15 s later."""
    command = ["clustertags", "info", "--artifacts", str(fitted_artifacts)]
    script = (
        "import importlib, pkgutil, sys\n"
        "import clustertags.cli\n"
        "for module in pkgutil.iter_modules(clustertags.cli.__path__, 'clustertags.cli.'):\n"
        "    importlib.import_module(module.name)\n"
        f"sys.argv = {command!r}\n"
        "try: clustertags.cli.main.main()\n"
        "except SystemExit as stop: assert not stop.code, stop.code\n"
        "print(sorted({'pydantic', 'fastapi', 'clustertags.web'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"
