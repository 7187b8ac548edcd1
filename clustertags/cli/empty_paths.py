"""Refuses an empty path, which would be the current folder: most often a variable of the shell that is not set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clustertags.errors import UsageError

_TEXTS = frozenset({"photos", "tags"})  # paths that are no `Path`, as a word may stand for one


def refuse_empty_paths(program: Any, arguments: Sequence[str]) -> None:
    """Raise `UsageError` for an empty file or folder among the `arguments` of a typer program."""
    if not any(argument == "" or argument.endswith("=") for argument in arguments):
        return
    command = _command(program, arguments)
    path_options = {name for item in command.params if is_path(item) for name in item.opts}
    other_options = {name for item in command.params if not is_path(item) for name in item.opts}
    takes_paths = any(item.param_type_name == "argument" and is_path(item) for item in command.params)
    for before, argument in zip(("", *arguments), arguments, strict=False):
        option = before if argument == "" else argument.removesuffix("=")
        named = option in path_options and (argument == "" or argument.endswith("="))
        bare = argument == "" and takes_paths and before not in other_options
        if named or bare:
            where = option if named else "a path"
            raise UsageError(f"{where} is empty: name a file or folder (is a variable of the shell not set?)")


def _command(program: Any, arguments: Sequence[str]) -> Any:
    """The innermost command that the arguments name."""
    import typer  # noqa: PLC0415

    command = typer.main.get_command(program)
    for argument in arguments:
        command = getattr(command, "commands", {}).get(argument, command)
    return command


def is_path(item: Any) -> bool:
    """Whether a parameter of a command takes a path."""
    return item.type.name == "path" or (item.name in _TEXTS and item.type.name != "boolean")
