"""Whether each dependency has a licence that licences.toml allows, and the one that licences.toml says it has.

    python scripts/check_licences.py

Reads requirements-dev.lock, and the metadata of what is installed here of this project's dependencies with all its
extras. Prints what is wrong, one line each, and then exits with status 1.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

sys.path.insert(0, str(Path(__file__).parent))
from locked import DEVELOPMENT, ROOT, read_lock

LICENCES = ROOT / "licences.toml"

# What the fields `License` and `Classifier` of older metadata say, where that names one licence.
_WORDS = {
    "apache 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
}


@dataclass(frozen=True)
class Licences:
    """licences.toml: what is allowed, what is allowed to some packages alone, and the licence of each."""

    allowed: frozenset[str]
    exceptions: dict[str, frozenset[str]]  # licence -> packages
    stated: dict[str, str]
    read: dict[str, str]

    @property
    def of(self) -> dict[str, str]:
        return {**self.stated, **self.read}

    def allows(self, name: str, expression: str) -> bool:
        """Whether a package may have this licence: one side of an OR is enough, every part of an AND is needed."""
        return any(
            all(part in self.allowed or name in self.exceptions.get(part, ()) for part in side.split(" AND "))
            for side in expression.split(" OR ")
        )


def read_licences(path: Path = LICENCES) -> Licences:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    exceptions = {entry["licence"]: frozenset(entry["packages"]) for entry in content["exception"]}
    return Licences(frozenset(content["allowed"]), exceptions, content["stated"], content["read"])


def stated_licence(package: Distribution) -> str | None:
    """The SPDX expression that a package's metadata states, or None where they name none or leave it open."""
    stated = package.metadata.get("License-Expression")
    for word in [stated] if stated else [package.metadata.get("License"), *_classified(package)]:
        text = (word or "").strip()
        try:
            return canonicalize_license_expression(_WORDS.get(text.lower(), text))
        except InvalidLicenseExpression:
            continue
    return None


def _classified(package: Distribution) -> list[str]:
    every = [
        line.split(" :: ")[-1] for line in package.metadata.get_all("Classifier", []) if line.startswith("License")
    ]
    return every if len(every) == 1 else []


def all_requirements() -> list[str]:
    """What pyproject.toml asks for: to run, with each extra, and to build."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = content["project"]["optional-dependencies"].values()
    lists = [content["project"]["dependencies"], content["build-system"]["requires"], *extras]
    return [requirement for each in lists for requirement in each]


def installed_closure(requirements: list[str]) -> dict[str, Distribution | None]:
    """What the requirements need here, themselves included, by name; None where that is not installed."""
    found: dict[str, Distribution | None] = {}
    todo = _wanted(requirements, "")
    done: set[tuple[str, str]] = set()
    while todo:
        name, extra = todo.pop()
        done.add((name, extra))
        try:
            package = found.setdefault(name, distribution(name))
        except PackageNotFoundError:
            package = found.setdefault(name, None)
        todo |= _wanted((package.requires if package else None) or [], extra) - done
    return found


def _wanted(requirements: list[str], extra: str) -> set[tuple[str, str]]:
    """The packages, each with no extra and with every extra, that requirements ask for in this environment."""
    every = [Requirement(line) for line in requirements]
    return {
        (canonicalize_name(each.name), part)
        for each in every
        if each.marker is None or each.marker.evaluate({"extra": extra})
        for part in ("", *each.extras)
    }


def faults_of(licences: Licences, locked: set[str], installed: dict[str, Distribution | None]) -> Iterator[str]:
    """What is wrong, one sentence each."""
    for name in sorted(locked - set(licences.of)):
        yield f"{name} is locked and has no licence in licences.toml"
    for name in sorted(set(licences.of) - locked):
        yield f"licences.toml names {name}, which is not locked"
    for name, expression in sorted(licences.of.items()):
        if not licences.allows(name, expression):
            yield f"{name}: {expression} is not allowed by licences.toml"
    for name, package in sorted(installed.items()):
        if name not in locked:
            yield f"{name} is needed and is not locked"
        elif package is not None and name in licences.of:
            yield from _disagreement(name, licences, stated_licence(package))


def _disagreement(name: str, licences: Licences, stated: str | None) -> Iterator[str]:
    if name in licences.stated:
        if stated != licences.stated[name]:
            yield f"{name} states {stated}, and licences.toml says {licences.stated[name]}"
    elif stated and not _parts(stated) <= _parts(licences.read[name]):
        yield f"{name} states {stated}, of which licences.toml has only {licences.read[name]}"


def _parts(expression: str) -> set[str]:
    return set(re.split(r" AND | OR ", expression))


def main() -> None:
    installed = installed_closure(all_requirements())
    missing = sorted(name for name, package in installed.items() if package is None)
    faults = list(faults_of(read_licences(), {pin.name for pin in read_lock(DEVELOPMENT)}, installed))
    note = f"; not installed here and not looked at: {', '.join(missing)}" if missing else ""
    print("\n".join(faults) or f"{len(installed) - len(missing)} dependencies have allowed licences{note}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
