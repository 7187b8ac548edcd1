"""`clustertags serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.cli.relocate import moved_notice
from clustertags.errors import UsageError
from clustertags.support.printable import printable


def serve(
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes any free port.")] = 8017,
    host: Annotated[
        str, typer.Option(help="The address to listen on; one that others reach needs --token.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            envvar="CLUSTERTAGS_TOKEN",
            show_envvar=True,
            metavar="SECRET",
            help="The secret that every client must send, at least 16 characters; safer in the environment than here.",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            envvar="CLUSTERTAGS_TOKEN_FILE",
            show_envvar=True,
            metavar="FILE",
            help="A file that holds this secret and nothing else.",
        ),
    ] = None,
) -> None:
    """Open the library in a browser: try photos, correct clusters, search, label. Runs until Ctrl-C.

    It serves this machine alone, unless a token is set. Uploads are never written to a file.

    \b
    clustertags serve
    clustertags serve --artifacts ./my-library --port 8080
    """
    from clustertags.library.artifacts import Artifacts  # noqa: PLC0415
    from clustertags.web.server import serve as run  # noqa: PLC0415
    from clustertags.web.settings import WebSettings, read_token  # noqa: PLC0415

    if token_file is not None:
        if token is not None:
            raise UsageError("--token and --token-file (or their variables) name two secrets: leave one out")
        token = read_token(token_file)
    settings = WebSettings(artifacts, host, port, token)
    if moved := moved_notice(artifacts):
        console.notice(f"note: {moved}")
    if Artifacts(artifacts).is_read_only:
        console.notice(f"note: {printable(artifacts)} cannot be written: the library is shown, and edits are refused")
    run(settings, _announce)
    console.notice("stopped")


def _announce(address: str) -> None:
    console.result(address)
    console.notice("open it in a browser; Ctrl-C stops")
