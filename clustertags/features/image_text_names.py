"""Names of image-text networks: `clip:NAME/TAG`, both as open_clip lists them, or `clip:hf-hub:OWNER/MODEL`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from clustertags.errors import UnknownBackboneError, WeightsError
from clustertags.support.printable import printable

PREFIX = "clip:"
HUB = "hf-hub:"
INSTALL = 'pip install "clustertags[clip]"'
EXAMPLE = f"{PREFIX}ViT-B-32/laion2b_s34b_b79k"


def is_image_text(name: str) -> bool:
    return name.startswith(PREFIX)


def split_name(name: str) -> tuple[str, str]:
    """The network and the tag of its weights, "" for none: a network of the hub has its own."""
    bare = name.removeprefix(PREFIX)
    if bare.startswith(HUB):
        return bare, ""
    network, _, tag = bare.partition("/")
    return network, tag


def check_image_text(name: str, weights: Path | None) -> None:
    """Raises `UnknownBackboneError` for a malformed name, `WeightsError` without open_clip or without weights.

    open_clip is not imported.
    """
    network, tag = split_name(name)
    owner, _, model = network.removeprefix(HUB).partition("/")
    if not owner or (network.startswith(HUB) and not model) or "/" in tag:
        raise UnknownBackboneError(f"{printable(name)!r} cannot be a network's name: write it as {EXAMPLE}")
    if find_spec("open_clip") is None:
        raise WeightsError(f"{printable(name)} needs the package open_clip_torch: {INSTALL}")
    if not tag and weights is None and not network.startswith(HUB):
        raise WeightsError(
            f"{printable(name)} does not say which weights: add their tag, as in {EXAMPLE}, "
            "or pass a file with --weights"
        )
