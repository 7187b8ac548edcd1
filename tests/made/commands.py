"""The commands and their parameters, taken from the program itself, so that a new one is in every test of all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import typer

from clustertags.cli.empty_paths import is_path
from clustertags.cli.main import app

Command = tuple[str, ...]


@cache
def all_commands() -> dict[Command, Any]:
    """Each command's words, such as ("clusters", "list"), with what click knows of it."""
    return dict(_below(typer.main.get_command(app), ()))


def _below(command: Any, words: Command) -> Iterator[tuple[Command, Any]]:
    if not hasattr(command, "commands"):
        yield words, command
        return
    for name, inner in command.commands.items():
        yield from _below(inner, (*words, name))


def path_parameters(command: Any) -> dict[str, str]:
    """The parameters that take a path: each one's name, with the longest spelling of an option, "" for an argument."""
    return {
        item.name: "" if item.param_type_name == "argument" else max(item.opts, key=len)
        for item in command.params
        if is_path(item)
    }
