"""The Python interface and the errors as directives of Sphinx's autodoc: docs/reference/python.md.

    python scripts/python_reference.py

What the package exports, in the order in which it names it. The documents' build puts it into that page, so it can't go
stale; descriptions, types and examples come from the docstrings.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import clustertags
from clustertags import errors


def main() -> None:
    print(python_reference(), end="")


def python_reference() -> str:
    """Markdown with a directive for each name, functions first, then classes, then the tree of errors."""
    found = {name: getattr(clustertags, name) for name in clustertags.__all__}
    functions = [name for name, item in found.items() if inspect.isroutine(item)]
    classes = [name for name, item in found.items() if inspect.isclass(item) and not issubclass(item, Exception)]
    lines = ["## Functions", "", "```{eval-rst}"]
    lines += [f".. autofunction:: clustertags.{name}" for name in functions]
    lines += ["```", "", "## Classes", "", "```{eval-rst}"]
    lines += [line for name in classes for line in _class(name)]
    lines += ["```", "", "## Errors", "", "Catch `ClusterTagsError`, or one of those below it:", ""]
    lines += ["```text", *_tree(), "```"]
    return "\n".join(lines) + "\n"


def _class(name: str) -> Iterator[str]:
    yield from (f".. autoclass:: clustertags.{name}", "   :members:", "   :undoc-members:", "")


def _tree() -> Iterator[str]:
    """The tree that the module of errors is described by."""
    yield from (line[4:] for line in (errors.__doc__ or "").splitlines() if line.startswith("    "))


if __name__ == "__main__":
    main()
