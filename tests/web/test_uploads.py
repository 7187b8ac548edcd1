"""Uploads: the same answer as the command's, refusals with their status, and nothing left behind."""

from __future__ import annotations

import io
import json
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from clustertags.photos.files import DecodeLimits
from clustertags.web.app import create_app
from clustertags.web.settings import Limits, WebSettings
from tests.conftest import Library, Ran
from tests.web.conftest import ADDRESS

SMALL = Limits(decode=DecodeLimits(200_000, 1_000_000), uploads_at_once=2)


@pytest.fixture
def small(fitted: Library) -> Iterator[TestClient]:
    """A server that takes little."""
    with TestClient(create_app(WebSettings(fitted.artifacts, limits=SMALL)), base_url=ADDRESS) as client:
        yield client


def sent(client: TestClient, data: bytes, name: str = "a.jpg", **options: Any) -> Any:
    return client.post("/api/tag", files={"file": (name, data, "image/jpeg")}, **options)


def photo_of(side: int, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side)).save(buffer, kind)
    return buffer.getvalue()


def test_the_answer_is_that_of_the_command(
    client: TestClient, run: Callable[..., Ran], a_photo: Path, fitted_artifacts: Path
) -> None:
    for explain in (False, True):
        flags = ["--explain"] if explain else []
        ran = run("tag", a_photo, "--artifacts", fitted_artifacts, "--format", "jsonl", "--min-score", 0.1, *flags)
        answer = sent(client, a_photo.read_bytes(), str(a_photo), params={"min_score": 0.1, "explain": explain})
        assert answer.status_code == 200
        assert answer.json() == json.loads(ran.out)


def test_what_is_refused_says_why(small: TestClient, photo_bytes: bytes) -> None:
    assert sent(small, photo_bytes).status_code == 200
    too_large = sent(small, b"\xff\xd8\xff" + bytes(200_000))
    assert too_large.status_code == 413
    for data in (b"", b"hello", b"<svg onload=alert(1)>", b"%PDF-1.7", bytes(50_000)):
        assert sent(small, data).status_code == 415
    for data in (photo_bytes[:200], b"\xff\xd8\xff" + bytes(1000), photo_of(4000)):
        answer = sent(small, data)
        assert answer.status_code == 422
        assert answer.json()["detail"]
    assert "megapixels" in sent(small, photo_of(4000)).json()["detail"]


def test_other_fields_of_the_form_do_not_matter(small: TestClient, photo_bytes: bytes) -> None:
    files = [("other", ("b.txt", b"text")), ("file", ("a.jpg", photo_bytes)), ("file", ("c.jpg", b"a second one"))]
    answer = small.post("/api/tag", files=files, data={"note": "words"})
    assert answer.status_code == 200
    assert answer.json()["path"] == "a.jpg"


def test_malformed_forms_are_refused(small: TestClient, photo_bytes: bytes) -> None:
    assert small.post("/api/tag", files={"photo": photo_bytes}).status_code == 422
    assert small.post("/api/tag", content=photo_bytes).status_code == 415
    assert small.post("/api/tag", data={"file": "text"}).status_code == 415
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x"):
        assert small.post("/api/tag", content=b"--x--", headers={"content-type": kind}).status_code == 415
    whole = small.build_request("POST", "/api/tag", files={"file": ("a.jpg", photo_bytes)})
    kind, body = whole.headers["content-type"], whole.read()
    for broken in (b"", body[:100], body[:-30], body[40:], body.replace(b'name="file"', b"")):
        answer = small.post("/api/tag", content=broken, headers={"content-type": kind})
        assert answer.status_code == 422, broken[:80]
    many = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" * 1000 + b"--x--"
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert small.post("/api/tag", content=many, headers=headers).status_code == 422


def test_a_body_without_an_end_is_cut_off(small: TestClient) -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
        for _ in range(10_000):
            taken += 1
            yield bytes(10_000)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert small.post("/api/tag", content=endless(), headers=headers).status_code == 413
    declared = small.post("/api/tag", content=b"", headers=headers | {"content-length": "999999999"})
    assert declared.status_code == 413


def test_when_all_places_are_taken_the_client_is_told_when_to_come_back(small: TestClient, photo_bytes: bytes) -> None:
    uploads = small.app.state.services.uploads  # type: ignore[attr-defined]
    with uploads.place(), uploads.place():
        answer = sent(small, photo_bytes)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert small.get("/health").status_code == 200
    with uploads.place(SMALL.upload_bytes_at_once):
        assert sent(small, photo_bytes).status_code == 503
    assert sent(small, photo_bytes).status_code == 200


def test_a_crowd_with_broken_photos_meets_only_the_agreed_statuses(small: TestClient, photo_bytes: bytes) -> None:
    rng = random.Random(0)

    def body(number: int) -> bytes:
        if number % 5:
            return photo_bytes
        return rng.choice([photo_bytes[:300], b"no photo", bytes(300_000), photo_of(1500)])

    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(lambda number: sent(small, body(number)), range(80)))
    assert {answer.status_code for answer in answers} <= {200, 413, 415, 422, 503}
    assert sum(answer.status_code == 200 for answer in answers) > 0
    assert small.app.state.services.uploads.n_free == 2  # type: ignore[attr-defined]


def test_an_upload_leaves_no_file(
    fitted: Library, photo_bytes: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path / "work")
    made: list[str] = []
    opened = os.open

    def watched(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & os.O_CREAT:
            made.append(str(path))
        return opened(path, flags, *arguments, **options)

    monkeypatch.setattr(os, "open", watched)
    before = {path: path.stat().st_mtime_ns for path in fitted.artifacts.rglob("*") if path.is_file()}
    with TestClient(create_app(WebSettings(fitted.artifacts)), base_url=ADDRESS) as client:
        large = photo_bytes + bytes(5_000_000)  # more than the usual parsers keep in memory
        for name in ("a.jpg", "../../evil.jpg", "/etc/passwd", "a\x00b", "<b>.jpg"):
            assert sent(client, large, name).status_code == 200
            assert sent(client, b"broken", name).status_code == 415
    after = {path: path.stat().st_mtime_ns for path in fitted.artifacts.rglob("*") if path.is_file()}
    assert {path for path in after if "sqlite" not in path.name} == {p for p in before if "sqlite" not in p.name}
    assert [path for path in made if "sqlite" not in path] == []
    assert list((tmp_path / "tmp").iterdir()) == list((tmp_path / "work").iterdir()) == []


def test_names_come_back_as_text(client: TestClient, photo_bytes: bytes) -> None:
    for name in ("<img src=x onerror=alert(1)>.jpg", "\u202egpj.exe", "a\r\nX-Evil: 1.jpg", "%00.jpg", "é" * 300):
        answer = sent(client, photo_bytes, name)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["path"].isprintable()
        assert "x-evil" not in answer.headers
