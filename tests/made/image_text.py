"""A tiny image-text network of random weights, which open_clip makes without a download."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from clustertags.features.quiet_conversion import quiet_conversion

NETWORK = "clustertags-tiny"
BACKBONE = f"clip:{NETWORK}"
N_FEATURES = 16
_SIDE = 32
_CONFIG = {
    "embed_dim": N_FEATURES,
    "vision_cfg": {"image_size": _SIDE, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


def open_clip() -> Any:
    """open_clip; the test is skipped without it."""
    with quiet_conversion():
        return pytest.importorskip("open_clip", reason="the extra clip (open_clip_torch) is not installed")


def write_weights(folder: Path) -> Path:
    """The weights of the tiny network, of which open_clip knows from now on."""
    import torch

    config = folder / f"{NETWORK}.json"
    config.write_text(json.dumps(_CONFIG))
    open_clip().add_model_config(config)
    torch.save(tiny_model().state_dict(), folder / "tiny.pt")
    return folder / "tiny.pt"


def tiny_model() -> Any:
    """The network itself, the same each time."""
    import torch

    torch.manual_seed(0)
    with quiet_conversion():
        model = open_clip().create_model(NETWORK, load_weights=False, pretrained_text=False)
    with torch.no_grad():
        # As they are drawn, so small a network gives all texts nearly one vector.
        for name, parameter in model.named_parameters():
            if name.endswith(("projection", "proj", "embedding.weight")):
                parameter.normal_(0, 1)
        model.visual.proj.neg_()  # as drawn, photos point away from all texts
    return model.eval()


def text_vectors(texts: list[str]) -> np.ndarray:
    """(n, 16), unit rows, by open_clip itself."""
    import torch

    with torch.inference_mode():
        tokens = open_clip().get_tokenizer(NETWORK)(texts)
        found: np.ndarray = tiny_model().encode_text(tokens, normalize=True).numpy()
    return found


def image_vectors(paths: list[Path]) -> np.ndarray:
    """(n, 16), unit rows, by open_clip itself, which reads the photos with torchvision."""
    import torch

    transform = open_clip().image_transform(_SIDE, is_train=False)
    with torch.inference_mode():
        pixels = torch.stack([transform(Image.open(path)) for path in paths])
        found: np.ndarray = tiny_model().encode_image(pixels, normalize=True).numpy()
    return found
