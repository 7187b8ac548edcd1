"""Whether torch is installed, without importing it: that takes seconds and 200 MB, and only a conversion needs it."""

from __future__ import annotations

from importlib.util import find_spec

from clustertags.errors import WeightsError
from clustertags.support.printable import printable

INSTALL = "pip install torch torchvision timm"


def has_torch() -> bool:
    return find_spec("torch") is not None


def check_torch(name: str) -> None:
    """Raises `WeightsError` if the network `name` cannot be converted for want of torch."""
    if not has_torch():
        raise WeightsError(
            f"{printable(name)} is not converted yet, and torch, which converts it once, is not installed: {INSTALL} "
            "(docs/start/install.md has the builds without CUDA)"
        )
