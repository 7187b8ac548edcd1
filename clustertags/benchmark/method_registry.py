"""The registry of methods. Other packages add theirs by the entry point group `clustertags.methods`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import TypeVar

from clustertags.benchmark.method_interface import Family, Method, Need
from clustertags.errors import UsageError
from clustertags.support.printable import printable

_M = TypeVar("_M", bound=Method)

ENTRY_POINTS = "clustertags.methods"
METHODS_PACKAGE = "clustertags.benchmark.methods"
"""Its modules register their methods on import."""

_METHODS: dict[str, type[Method]] = {}


def register(method: type[_M]) -> type[_M]:
    """Add a method to the registry under its own `name`. A duplicate name is an error."""
    name = method.name
    if name in _METHODS:
        raise ValueError(f"the method {name!r} is registered twice")
    _METHODS[name] = method
    return method


def all_methods() -> Mapping[str, type[Method]]:
    """Every method by its name, family by family, with those of other packages. Raises `UsageError` where a
    plug-in cannot be loaded.
    """
    package = import_module(METHODS_PACKAGE)
    for module in sorted(iter_modules(package.__path__), key=lambda found: found.name):
        import_module(f"{METHODS_PACKAGE}.{module.name}")
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name not in _METHODS:
            _add_plug_in(entry)
    order = list(Family)
    return dict(sorted(_METHODS.items(), key=lambda item: order.index(item[1].family)))


def usual_methods() -> list[type[Method]]:
    """All methods except those that would download weights, which run only when named."""
    return [method for method in all_methods().values() if Need.WEIGHTS not in method.needs]


def find_methods(names: Sequence[str]) -> list[type[Method]]:
    """The methods of these names. Raises `UsageError` with the choices for an unknown one."""
    known = all_methods()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"no method is called {printable(unknown[0])}: choose among {', '.join(known)}")
    return [known[name] for name in names]


def _add_plug_in(entry: EntryPoint) -> None:
    try:
        method = entry.load()
    except Exception as error:  # an import may raise anything
        raise UsageError(
            f"the method {printable(entry.name)} of another package cannot be loaded: {printable(str(error))}"
        ) from error
    if getattr(method, "name", None) != entry.name:
        raise UsageError(f"the plug-in {printable(entry.name)} must be a method of that name, see `Method`")
    if entry.name not in _METHODS:
        register(method)
