"""Load image-text networks of open_clip: an image tower, and the text tower of the same space."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import open_clip
import torch
from torch import nn

from clustertags.errors import UnknownBackboneError, WeightsError
from clustertags.features.backbones import Network, Preprocess, TextTower
from clustertags.features.image_text_names import HUB, split_name
from clustertags.features.image_text_tokens import portable_tokenizer
from clustertags.features.published import downloaded, read_weights, triple
from clustertags.support.printable import printable

_N_NAMED = 8


class _ImageTower(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return nn.functional.normalize(self.model.encode_image(pixels), dim=-1)


class _TextTower(nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return nn.functional.normalize(self.model.encode_text(tokens), dim=-1)


def load(name: str, weights: Path | None) -> Network:
    """Load `clip:NAME/TAG` with the published weights of the tag, or with those of a file.

    Raises `UnknownBackboneError`, or `WeightsError` if the weights can be neither downloaded nor read.
    """
    network, tag = split_name(name)
    model = _load(name, network, tag, weights).eval()
    tokenizer = downloaded(name, lambda: open_clip.get_tokenizer(network), "tokenizer")
    read: dict[str, Any] = open_clip.get_model_preprocess_cfg(model)
    preprocess = _preprocess(name, read)
    text = TextTower(
        _TextTower(model).eval(), *portable_tokenizer(name, tokenizer), float(model.logit_scale.detach().exp())
    )
    module, crop = _ImageTower(model).eval(), preprocess.crop_pixels
    with torch.inference_mode():
        n_features = int(module(torch.zeros(1, 3, crop, crop)).shape[1])
    return Network(module, None, preprocess, n_features, text)


def _load(name: str, network: str, tag: str, weights: Path | None) -> Any:
    settings: dict[str, Any] = {} if network.startswith(HUB) else _settings(network, tag)
    # The weights of some tags were trained with another activation than the network of that name has.
    activation = {"force_quick_gelu": bool(settings.get("quick_gelu"))}
    if weights is None:
        published = {"pretrained": tag} if tag else {}
        return downloaded(
            name, lambda: open_clip.create_model(network, require_pretrained=True, **published, **activation)
        )
    read_weights(weights)
    model = downloaded(
        name,
        lambda: open_clip.create_model(
            network, load_weights=False, pretrained_text=False, force_preprocess_cfg=settings, **activation
        ),
        "description",
    )
    try:
        open_clip.load_checkpoint(model, str(weights), strict=True, weights_only=True)
    except Exception as error:  # what does not fit raises runtime, key, type and attribute errors
        raise WeightsError(
            f"the weights in {printable(weights)} are of another network than {printable(name)}"
        ) from error
    return model


def _settings(network: str, tag: str) -> dict[str, Any]:
    """What open_clip knows of the weights `tag`."""
    names = open_clip.list_models()
    if network not in names:
        near = difflib.get_close_matches(network, names, _N_NAMED, 0.4) or names[:_N_NAMED]
        raise UnknownBackboneError(
            f"open_clip has no network {printable(network)!r}: choose one of its own, such as {', '.join(near)}"
        )
    if not tag:
        return {}
    settings: dict[str, Any] = open_clip.get_pretrained_cfg(network, tag)
    if not settings:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(network)) or "none: pass a file with --weights"
        raise UnknownBackboneError(f"open_clip has no weights {printable(tag)!r} of {printable(network)}, but {tags}")
    return settings


def _preprocess(name: str, read: dict[str, Any]) -> Preprocess:
    """The centre of the photo, also for networks that squeeze the whole photo into a square."""
    size = read["size"]
    height, width = (size, size) if isinstance(size, int) else (int(side) for side in size)
    if height != width:
        raise WeightsError(f"{printable(name)} reads pictures of {width} x {height} pixels, not squares")
    return Preprocess(height, height, str(read["interpolation"]), triple(read["mean"]), triple(read["std"]))
