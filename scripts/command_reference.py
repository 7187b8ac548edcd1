"""Every command with its arguments and options as Markdown, from the command line itself: docs/reference/commands.md.

    python scripts/command_reference.py

The documents' build puts it into that page, so it can't go stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from clustertags.cli.main import app

_EXAMPLE = "\b\n"  # what the command line's help marks lines with that it must not wrap


def main() -> None:
    print(command_reference(), end="")


def command_reference() -> str:
    """Markdown: a section a command, those of a group below it."""
    return "\n".join(_section(typer.main.get_command(app), "clustertags", None, 2)) + "\n"


def _section(command: Any, name: str, parent: Any, depth: int) -> Iterator[str]:
    context = typer.Context(command, info_name=name, parent=parent)
    yield from ("", f"{'#' * depth} {name}", "")
    for paragraph in (command.help or "").split("\n\n"):
        if paragraph.startswith(_EXAMPLE):
            yield from ("```text", *paragraph[len(_EXAMPLE) :].splitlines(), "```", "")
        else:
            yield from (in_cell(" ".join(paragraph.splitlines())), "")
    yield from ("```text", " ".join([f"{name} [OPTIONS]", *_usage(command, context)]), "```", "")
    if command.params:
        yield from ("| | default | |", "|---|---|---|")
        for parameter in command.params:
            yield f"| {_spelling(parameter, context)} | {_default(parameter)} | {in_cell(parameter.help or '')} |"
    for own, inner in getattr(command, "commands", {}).items():
        yield from _section(inner, f"{name} {own}", context, 3 if parent else 2)


def _usage(command: Any, context: typer.Context) -> Iterator[str]:
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            yield _metavar(parameter, context)
    if hasattr(command, "commands"):
        yield "COMMAND [ARGS]..."


def _spelling(parameter: Any, context: typer.Context) -> str:
    if parameter.param_type_name == "argument":
        return _code(_metavar(parameter, context))
    spellings = ", ".join(_code(text) for text in [*parameter.opts, *parameter.secondary_opts])
    return spellings if parameter.is_flag else f"{spellings} {_code(_metavar(parameter, context))}"


def _metavar(parameter: Any, context: typer.Context) -> str:
    """What stands for the value: the choices, or a name within its limits."""
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return "|".join(choices)
    name = parameter.metavar
    if name is None:
        is_number = parameter.type.name.split()[0] in {"int", "integer", "float"}
        name = "N" if is_number else parameter.make_metavar(context).strip("<>").upper()
    low, high = getattr(parameter.type, "min", None), getattr(parameter.type, "max", None)
    return f"{'' if low is None else f'{low}<='}{name}{'' if high is None else f'<={high}'}"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    shown = getattr(parameter, "show_default", None)
    if isinstance(shown, str):
        return _code(shown)
    unsaid = parameter.default is None or parameter.default is False or parameter.default == ""
    return "" if unsaid else _code(str(parameter.default))


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|")


def in_cell(text: str) -> str:
    """Plain text as Markdown: what is between backticks stays, a bar or a bracket is no markup."""
    parts = text.replace("\n", " ").split("`")
    parts[::2] = [part.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_") for part in parts[::2]]
    return "`".join(parts).replace("|", "\\|")


if __name__ == "__main__":
    main()
