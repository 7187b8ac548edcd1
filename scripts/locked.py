"""The pinned packages of a lock: reads what `scripts/lock` wrote, and writes constraints.txt from it.

    python scripts/locked.py
    python scripts/locked.py --without-torch [LOCK]

The first writes constraints.txt: the versions of requirements-dev.lock without their hashes, for who installs other
extras or another build of torch. The second prints a lock, requirements-dev.lock unless another is named, without torch
and what its default build for Linux alone needs: what to install beside another build of it.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
CONSTRAINTS = ROOT / "constraints.txt"

_PIN = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\]+?))? ?\\?$")
_HASH = re.compile(r"--hash=(?P<algorithm>\w+):(?P<digest>[0-9a-f]+)")
_OF_TORCH = ("torch", "nvidia-", "cuda-", "triton")
_HEADER = "# Made by scripts/lock: the versions of requirements-dev.lock, without hashes."


@dataclass
class Pin:
    """One version of a package: the environments it is for, its files' hashes, and the packages that ask for it."""

    name: str
    version: str
    marker: str | None
    hashes: list[tuple[str, str]] = field(default_factory=list)  # algorithm and digest in hexadecimal
    wanted_by: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")


def read_lock(path: Path) -> list[Pin]:
    """The pins of a lock in its order. Raises ValueError where a line is none that `scripts/lock` writes."""
    pins: list[Pin] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if found := _HASH.match(text):
            pins[-1].hashes.append((found["algorithm"], found["digest"]))
        elif line.startswith("    #"):
            asking = text.lstrip("# ").removeprefix("via").strip()
            if asking and not asking.startswith(("-c ", "clustertags")):
                pins[-1].wanted_by.append(asking)
        elif found := _PIN.match(text):
            pins.append(Pin(found["name"], found["version"], found["marker"]))
        elif text and not text.startswith("#"):
            raise ValueError(f"{path.name}, line {number}: {text!r} is neither a pinned version nor a hash")
    return pins


def constraints_of(pins: list[Pin]) -> str:
    """The text of constraints.txt."""
    return "\n".join([_HEADER, *(pin.line for pin in pins), ""])


def without_torch(pins: list[Pin]) -> str:
    """The text of a lock for an environment that has torch, from elsewhere: neither it nor CUDA is in it."""
    lines = (
        [pin.line, *(f"--hash={algorithm}:{digest}" for algorithm, digest in pin.hashes)]
        for pin in pins
        if not pin.name.startswith(_OF_TORCH)
    )
    return "".join(" ".join(words) + "\n" for words in lines)


def main() -> None:
    if sys.argv[1:2] == ["--without-torch"]:
        sys.stdout.write(without_torch(read_lock(Path(sys.argv[2]) if sys.argv[2:] else DEVELOPMENT)))
    else:
        CONSTRAINTS.write_text(constraints_of(read_lock(DEVELOPMENT)), encoding="utf-8")


if __name__ == "__main__":
    main()
