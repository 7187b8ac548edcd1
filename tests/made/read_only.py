"""Commands on a folder that nobody may write to, all in one process of their own: a disk mounted read-only.

As a program: `python -m tests.made.read_only` takes a JSON list of command lines and prints a JSON list of
`[status, out, err]`; `serve` is answered in place, see `_serve`.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import Ran

_MOUNT = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


def run_read_only(folder: Path, commands: Sequence[Sequence[object]]) -> list[Ran]:
    """Run the commands where `folder` is read-only; skips the test where that cannot be arranged."""
    program = [sys.executable, "-m", "tests.made.read_only"]
    if os.geteuid():
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
    else:
        mounted = ["unshare", "-m", "sh", "-c", _MOUNT, "sh", str(folder)]
        if (
            not shutil.which("unshare")
            or subprocess.run([*mounted, "true"], capture_output=True, check=False).returncode
        ):
            pytest.skip("nothing can be mounted here, and root may write anywhere")
        program = [*mounted, *program]
    words = json.dumps([[str(word) for word in command] for command in commands])
    try:
        done = subprocess.run(program, input=words, capture_output=True, text=True, check=False, timeout=500)
    finally:
        if os.geteuid():
            for path in [folder, *folder.rglob("*")]:
                path.chmod(path.stat().st_mode | 0o200)
    assert done.returncode == 0, done.stderr
    return [Ran(*item) for item in json.loads(done.stdout)]


def _main() -> None:
    print(json.dumps([_ran(words) for words in json.load(sys.stdin)]))


def _ran(words: list[str]) -> tuple[int, str, str]:
    from clustertags.cli.main import main

    out, err, status = io.TextIOWrapper(io.BytesIO(), write_through=True), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            if words[0] == "serve":
                out.write(json.dumps(_serve(Path(words[1]), words[2])))
            else:
                sys.argv = ["clustertags", *words]
                main()
        except SystemExit as stop:
            status = int(stop.code or 0)
    return status, out.buffer.getvalue().decode(), err.getvalue()  # type: ignore[attr-defined]


def _serve(artifacts: Path, photo: str) -> dict[str, object]:
    """Statuses of pages of the app, and the answer to an edit."""
    from fastapi.testclient import TestClient

    from clustertags.web.app import create_app
    from clustertags.web.settings import WebSettings
    from tests.web.serving import PATHS

    pages = {
        **PATHS,
        "sharpness": "/parts/duplicates",
        "api": "/api/clusters",
        "thumbnail": f"/thumbs/{photo[:2]}/{photo}.webp",
    }
    with TestClient(create_app(WebSettings(artifacts)), base_url="http://127.0.0.1:8017") as client:
        statuses = {name: client.get(path).status_code for name, path in pages.items() if name != "nowhere"}
        edit = client.post("/api/edits", json={"kind": "hide", "photos": [photo]})
        return {"statuses": statuses, "edit": edit.status_code, "said": edit.text}


if __name__ == "__main__":
    _main()
