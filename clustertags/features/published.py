"""Load networks of timm and torchvision by name, with published weights or those of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from clustertags.errors import UnknownBackboneError, WeightsError
from clustertags.features.backbones import Network, Preprocess, packaged_names
from clustertags.support.printable import printable
from clustertags.types import Classifier

_IMAGENET_CLASSES = 1000
_REMEDY = "run this once where the network allows, with the packages that open_clip asks for (transformers)"
Loaded = TypeVar("Loaded")


def load(name: str, weights: Path | None) -> Network:
    """Load a classification network of torchvision or timm; the prefix `torchvision:` or `timm:` selects the source.

    Raises `UnknownBackboneError`, or `WeightsError` if the weights can be neither downloaded nor read.
    """
    source, _, bare = name.rpartition(":")
    loaders: dict[str, Callable[[str, Path | None], Network | None]] = {"torchvision": _torchvision, "timm": _timm}
    if source and source not in loaders:
        raise UnknownBackboneError(f"{printable(name)!r}: write torchvision:NAME or timm:NAME")
    for candidate in [source] if source else loaders:
        if network := loaders[candidate](bare, weights):
            return network
    raise UnknownBackboneError(
        f"no network is called {printable(name)!r}: choose one of {', '.join(packaged_names())}, "
        "or a classifier of torchvision or timm by its name"
    )


def load_in_order(architecture: str, weights: Path, preprocess: Preprocess) -> Network:
    """Load a network of timm from a file with the same parameters in the same order under other names."""
    import timm  # noqa: PLC0415

    model = timm.create_model(architecture, pretrained=False)
    given, own = read_weights(weights), model.state_dict()
    if len(given) == len(own):
        given = dict(zip(own, given.values(), strict=True))
    _fill(model, given, weights)
    return _split(model, _head(model), preprocess)


def _torchvision(name: str, weights: Path | None) -> Network | None:
    from torchvision import models  # noqa: PLC0415

    if name not in models.list_models(module=models):
        return None
    published = models.get_model_weights(name).DEFAULT
    if weights is None:
        model = downloaded(name, lambda: models.get_model(name, weights=published))
    else:
        model = models.get_model(name, weights=None)
        _fill(model, read_weights(weights), weights)
    transform = published.transforms()
    preprocess = Preprocess(
        resize_pixels=int(transform.resize_size[0]),
        crop_pixels=int(transform.crop_size[0]),
        interpolation=transform.interpolation.value,
        mean=triple(transform.mean),
        std=triple(transform.std),
    )
    linear = [module for module in model.modules() if isinstance(module, nn.Linear)]
    return _split(model, linear[-1] if linear else None, preprocess)


def _timm(name: str, weights: Path | None) -> Network | None:
    import timm  # noqa: PLC0415
    from timm.data.config import resolve_model_data_config  # noqa: PLC0415

    if not timm.is_model(name.partition(".")[0]):
        return None
    if weights is None:
        model = downloaded(name, lambda: timm.create_model(name, pretrained=True))
    else:
        model = timm.create_model(name, pretrained=False)
        _fill(model, read_weights(weights), weights)
    resolve: Any = resolve_model_data_config  # untyped in timm
    data: dict[str, Any] = resolve(model)
    crop = int(data["input_size"][1])
    preprocess = Preprocess(
        resize_pixels=max(crop, round(crop / float(data["crop_pct"]))),
        crop_pixels=crop,
        interpolation=str(data["interpolation"]),
        mean=triple(data["mean"]),
        std=triple(data["std"]),
    )
    return _split(model, _head(model), preprocess)


def downloaded(name: str, create: Callable[[], Loaded], what: str = "weights") -> Loaded:
    """What `create` loads from a hub or its cache; `what` it is. Raises `WeightsError` where that fails."""
    # The hubs' clients raise their own errors besides OSError (no network, 404) and RuntimeError (no such weights,
    # a damaged download); their common base is Exception alone.
    try:
        return create()
    except Exception as error:
        raise WeightsError(
            f"the {what} of {printable(name)} could not be downloaded ({type(error).__name__}): "
            + ("fetch them where the network allows and pass the file with --weights" if what == "weights" else _REMEDY)
        ) from error


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """A file of parameters, read without running code from it. Raises `WeightsError`."""
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file  # noqa: PLC0415

            return load_file(path)
        loaded: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises pickle, zip, EOF, key and runtime errors
        raise WeightsError(f"{printable(path)} is not a file of weights that can be read safely") from error
    for wrapper in ("state_dict", "model"):
        if isinstance(loaded, Mapping) and isinstance(loaded.get(wrapper), Mapping):
            loaded = loaded[wrapper]
    if not isinstance(loaded, Mapping) or not all(isinstance(value, torch.Tensor) for value in loaded.values()):
        raise WeightsError(f"{printable(path)} does not hold a network's parameters")
    return dict(loaded)


def _fill(model: nn.Module, weights: dict[str, torch.Tensor], path: Path) -> None:
    try:
        model.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        raise WeightsError(f"the weights in {printable(path)} are of another network") from error


def _head(model: nn.Module) -> Any:
    """The final layer of a network of timm, by its accessor."""
    get_classifier: Any = model.get_classifier
    return get_classifier()


def _split(model: nn.Module, head: Any, preprocess: Preprocess) -> Network:
    """Remove the final linear layer, so that the module returns its input."""
    classifier = None
    if head is not None and not isinstance(head, nn.Module):
        # Several heads, as of distilled transformers: timm pools before them.
        reset: Any = model.reset_classifier
        reset(0)
    if isinstance(head, nn.Linear):
        name = next(name for name, module in model.named_modules() if module is head)
        model.set_submodule(name, nn.Identity())
        if head.out_features == _IMAGENET_CLASSES:
            bias = head.bias if head.bias is not None else torch.zeros(head.out_features)
            classifier = Classifier(_array(head.weight), _array(bias))
    model.eval()
    crop = preprocess.crop_pixels
    with torch.inference_mode():
        output = model(torch.zeros(1, 3, crop, crop))
    if output.ndim != 2:
        raise WeightsError(f"a network that gives {tuple(output.shape)} for a photo is not a classifier")
    return Network(model, classifier, preprocess, n_features=int(output.shape[1]))


def _array(parameter: torch.Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    return parameter.detach().cpu().float().numpy().copy()


def triple(values: Any) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third
