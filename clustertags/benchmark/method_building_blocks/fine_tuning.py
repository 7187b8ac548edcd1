"""Fine-tuning of an ImageNet network on labelled photos, on the CPU, by the comparison paper's recipe.

The last stage of convolutions and a new classifier are trained; the layers before are frozen and run once for each
picture: training the whole network takes minutes for a hundred photos and gains little from so few. Batch normalisation
keeps ImageNet's statistics. Loss: the cross-entropy with a photo's tags in equal shares, the usual one where a photo
has one tag. Dropout 0.7 before the classifier, 13 epochs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clustertags.benchmark.method_building_blocks.picture_cache import PictureCache
from clustertags.benchmark.method_interface import Pictures
from clustertags.features.backbones import Preprocess
from clustertags.types import Bool, Float64

if TYPE_CHECKING:
    import torch
    from torch import nn

_N_KEPT = 6_000
_BATCH_PHOTOS = 16


@dataclass(frozen=True, slots=True)
class Recipe:
    """`rate`: learning rate of the new classifier; that of the pretrained last stage is `stage_rate` times as large."""

    n_epochs: int = 13
    dropout: float = 0.7
    rate: float = 1e-3
    stage_rate: float = 0.1


@dataclass(frozen=True, slots=True)
class SplitNetwork:
    """`trunk`: pictures to maps, frozen; `stage`: maps to (n, n_features), trained; both under `eval()`."""

    trunk: nn.Module
    stage: nn.Module
    preprocess: Preprocess
    n_features: int


class FrozenMaps:
    """The feature maps of a network's trunk, computed once for each picture and cached in half precision."""

    def __init__(self, network: SplitNetwork) -> None:
        self._network = network
        self._maps = PictureCache(self._run, _N_KEPT)

    def of(self, pictures: Pictures) -> torch.Tensor:
        """(n, channels, height, width) float32."""
        import torch  # noqa: PLC0415

        return torch.stack(self._maps.get_all(pictures)).float()

    def _run(self, picture: Image.Image) -> torch.Tensor:
        import torch  # noqa: PLC0415

        pixels = torch.from_numpy(preprocessed(picture, self._network.preprocess))
        with torch.inference_mode():
            found: torch.Tensor = self._network.trunk(pixels[None])[0].half()
        return found.clone()


def preprocessed(picture: Image.Image, preprocess: Preprocess) -> NDArray[np.float32]:
    """(3, crop, crop) float32: short side resized, centre-cropped, normalised with the network's mean and deviation."""
    short = min(picture.size)
    scale, crop = preprocess.resize_pixels / short, preprocess.crop_pixels
    size = tuple(max(crop, round(side * scale)) for side in picture.size)
    filters = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
    resized = picture.convert("RGB").resize((size[0], size[1]), filters[preprocess.interpolation])
    left, top = (resized.width - crop) // 2, (resized.height - crop) // 2
    pixels = np.asarray(resized.crop((left, top, left + crop, top + crop)), np.float32) / 255
    normalised = (pixels - np.array(preprocess.mean, np.float32)) / np.array(preprocess.std, np.float32)
    return np.ascontiguousarray(normalised.transpose(2, 0, 1), np.float32)


@dataclass(frozen=True, slots=True)
class Tuned:
    """`losses`: the mean loss of each epoch, with dropout."""

    module: nn.Module
    losses: tuple[float, ...]

    def scores(self, maps: torch.Tensor) -> Float64:
        """(n, n_tags) float64: logits."""
        import torch  # noqa: PLC0415

        with torch.inference_mode():
            found = [self.module(one[None]) for one in maps]
        return np.asarray(torch.cat(found).numpy(), np.float64)


def tune(network: SplitNetwork, maps: torch.Tensor, tags: Bool, recipe: Recipe, random_state: int) -> Tuned:
    """Train a copy of the last stage and a new classifier on n photos' maps and (n, n_tags) tags.

    Photos without a tag are excluded. The same `random_state` gives the same weights on the same number of threads.
    """
    from copy import deepcopy  # noqa: PLC0415

    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    labelled = tags.any(axis=1)
    shares = tags[labelled] / tags[labelled].sum(axis=1, keepdims=True)
    targets, maps = torch.from_numpy(shares.astype(np.float32)), maps[torch.from_numpy(labelled)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        stage, classifier = deepcopy(network.stage), nn.Linear(network.n_features, tags.shape[1])
        module = nn.Sequential(stage, nn.Dropout(recipe.dropout), classifier)
        for parameter in stage.parameters():
            parameter.requires_grad_(True)
        optimiser = torch.optim.Adam(
            [
                {"params": list(stage.parameters()), "lr": recipe.rate * recipe.stage_rate},
                {"params": list(classifier.parameters()), "lr": recipe.rate},
            ]
        )
        losses = [_epoch(module, optimiser, maps, targets) for _ in range(recipe.n_epochs if len(maps) else 0)]
    return Tuned(module.eval(), tuple(losses))


def _epoch(module: nn.Sequential, optimiser: Any, maps: torch.Tensor, targets: torch.Tensor) -> float:
    import torch  # noqa: PLC0415

    module.eval()  # batch normalisation keeps its statistics
    module[1].train()
    total = 0.0
    order = torch.randperm(len(maps))
    for start in range(0, len(maps), _BATCH_PHOTOS):
        rows = order[start : start + _BATCH_PHOTOS]
        loss: Any = torch.nn.functional.cross_entropy(module(maps[rows]), targets[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += float(loss.detach()) * len(rows)
    return total / len(maps)


def in_sequence(modules: Sequence[nn.Module]) -> nn.Module:
    """The modules in sequence, frozen, under `eval()`."""
    from torch import nn  # noqa: PLC0415

    return nn.Sequential(*modules).eval().requires_grad_(False)
