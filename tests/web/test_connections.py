"""Clients that are slow on purpose, over real sockets, and what cannot be reached by any path."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from fastapi.testclient import TestClient

from clustertags.errors import UsageError
from clustertags.web.server import address_of, listening_socket
from clustertags.web.settings import Limits, WebSettings
from tests.conftest import Library
from tests.web.serving import serving

HASTY = Limits(header_seconds=0.5, pause_seconds=0.5, bytes_a_second=100_000)


@pytest.fixture(scope="module")
def port(fitted: Library) -> Iterator[int]:
    """A server with little patience."""
    with serving(fitted.artifacts, HASTY) as address:
        yield int(address.rpartition(":")[2])


def dropped_after(client: socket.socket, patience: float = 10.0) -> float:
    """Seconds until the server hangs up."""
    client.settimeout(patience)
    started = time.monotonic()
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - started


BEGINNINGS = {
    "silent": b"",
    "half a line": b"GET / HT",
    "headers without end": b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
    "body that does not come": b"POST /api/tag HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 1000\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x",
}


def test_a_hundred_slow_clients_are_dropped_while_others_are_answered(port: int) -> None:
    clients = []
    for number in range(100):
        client = socket.create_connection(("127.0.0.1", port))
        beginning = list(BEGINNINGS.values())[number % len(BEGINNINGS)]
        client.sendall(beginning % port if b"%d" in beginning else beginning)
        clients.append(client)
    with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        assert answer.status == 200
    started = time.monotonic()
    for client in clients:
        dropped_after(client)
        client.close()
    assert time.monotonic() - started < 8  # those whom a full queue refused idle for five seconds


def test_a_client_that_trickles_is_dropped(port: int) -> None:
    for beginning in (BEGINNINGS["headers without end"], BEGINNINGS["body that does not come"] % port):
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(beginning)
            started = time.monotonic()
            try:
                while time.monotonic() - started < 6:
                    client.sendall(b"a")
                    time.sleep(0.1)
            except OSError:
                pass
            assert time.monotonic() - started < 5


def test_paths_lead_nowhere_but_to_routes(client: TestClient) -> None:
    rng = random.Random(0)
    ups = ("..", "%2e%2e", "..%2f", "%2e%2e%2f", "..\\", "%5c..", "....//", "%252e%252e", "..%00", "%c0%ae%c0%ae", ".")
    ends = ("etc/passwd", "library.sqlite", "CURRENT", "models/0001/manifest.json", "proc/self/environ", "app.py")
    starts = ("/static/", "/thumbs/", "/thumbs/ab/", "/pictures/", "/", "/clusters/", "/api/photos/", "//", "/photos/")
    for _ in range(500):
        path = rng.choice(starts) + "".join(f"{rng.choice(ups)}/" for _ in range(rng.randint(1, 8))) + rng.choice(ends)
        answer = client.get(path)
        assert answer.status_code in {400, 404, 405, 422, 307}, path
        for secret in (b"root:", b"SQLite", b"schema_version", b"import ", b"PATH="):
            assert secret not in answer.content


@pytest.mark.usefixtures("heeded_interrupts")
def test_the_command_prints_its_address_and_stops_cleanly(fitted: Library) -> None:
    command = [sys.executable, "-m", "clustertags", "serve", "--artifacts", str(fitted.artifacts), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        with urlopen(f"{address}health", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert err.splitlines()[-1] == "stopped"


def test_a_port_in_use_is_said_plainly(port: int) -> None:
    with pytest.raises(UsageError, match=f"127.0.0.1:{port} is in use"):
        listening_socket("127.0.0.1", port)


def test_the_address_to_open() -> None:
    assert address_of(WebSettings(), 81) == "http://127.0.0.1:81/"
    token = "x" * 16
    assert address_of(WebSettings(host="::1", token=token), 81) == f"http://[::1]:81/login?token={token}"
    assert "0.0.0.0" not in address_of(WebSettings(host="0.0.0.0", token=token), 81)
