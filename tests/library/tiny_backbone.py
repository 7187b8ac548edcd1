"""A network that is converted in a moment: four numbers a photo."""

from __future__ import annotations

import time
from pathlib import Path

from clustertags.features.backbones import Backbone, Network, Preprocess


class TinyBackbone:
    """`backbone` loads in `seconds` and more; `loaded` counts how often it was."""

    def __init__(self, weights: str = "some", n_augmentations: int = 1, seconds: float = 0) -> None:
        self.loaded = 0
        self._n_augmentations = n_augmentations
        self._seconds = seconds
        self.backbone = Backbone("tiny", Path(weights), self._load, f"tiny-{weights}-{n_augmentations}views")

    def _load(self) -> Network:
        import torch

        self.loaded += 1
        time.sleep(self._seconds)
        torch.manual_seed(0)
        module = torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, 3, stride=2), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
        )
        halves = (0.5, 0.5, 0.5)
        return Network(module.eval(), None, Preprocess(8, 8, "bicubic", halves, halves, self._n_augmentations), 4)
