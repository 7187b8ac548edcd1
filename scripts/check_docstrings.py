"""Check the docstrings of everything that `clustertags` exports: numpydoc's own validation, and every field told.

Prints a line for each fault, and ends with 1 where there is one.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator

from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import clustertags

CHECKS = {
    "GL08": "there is a docstring",
    "SS03": "the summary ends with a full stop",
    "PR01": "every parameter is told",
    "PR02": "no other parameter is",
    "PR03": "parameters stand in their order",
    "PR04": "each has a type",
    "PR07": "each has a description",
    "RT01": "what is returned is told",
    "RT03": "with a description",
    "YD01": "what is yielded is told",
    "EX01": "there is an example",
}
RESULTS = {"GL08", "SS03"}
"""What holds for results and errors, which nobody makes by hand; their fields are looked at besides."""


def main() -> int:
    faults = [fault for name in clustertags.__all__ if name != "__version__" for fault in faults_of(name)]
    print("\n".join(faults) or f"{len(clustertags.__all__) - 1} public names are documented")
    return int(bool(faults))


def faults_of(name: str) -> Iterator[str]:
    item = getattr(clustertags, name)
    if not inspect.isclass(item):
        yield from _validated(f"clustertags.{name}", set(CHECKS))
        return
    home = f"{item.__module__}.{item.__qualname__}"
    doc = NumpyDocString(inspect.getdoc(item) or "")
    told = {row.name for row in (*doc["Attributes"], *doc["Parameters"])}
    is_result = issubclass(item, Exception) or bool(doc["Attributes"] and not doc["Parameters"])
    yield from _validated(home, RESULTS if is_result else set(CHECKS) - {"RT01", "RT03", "YD01"})
    if dataclasses.is_dataclass(item):
        missing = [field.name for field in dataclasses.fields(item) if field.name not in told]
        yield from (f"{home}: its docstring lacks {field}" for field in missing)
    for method, function in vars(item).items():
        if not method.startswith("_") and inspect.isfunction(function):
            yield from _validated(f"{home}.{method}", set(CHECKS) - {"EX01"})


def _validated(path: str, checks: set[str]) -> Iterator[str]:
    yield from (f"{path}: {code} {text}" for code, text in validate(path)["errors"] if code in checks)


if __name__ == "__main__":
    sys.exit(main())
