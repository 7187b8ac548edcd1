"""A tiny image-text network of random weights, which open_clip makes without a download."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

NETWORK = "clustertags-tiny"
BACKBONE = f"clip:{NETWORK}"
N_FEATURES = 16
_CONFIG = {
    "embed_dim": N_FEATURES,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


def open_clip() -> Any:
    """open_clip, which knows the tiny network; the test is skipped without it."""
    return pytest.importorskip("open_clip", reason="the extra clip (open_clip_torch) is not installed")


def register(folder: Path) -> None:
    """Tell open_clip of the tiny network."""
    file = folder / f"{NETWORK}.json"
    file.write_text(json.dumps(_CONFIG))
    open_clip().add_model_config(file)


def tiny_model() -> Any:
    """The network itself, the same each time."""
    import torch

    torch.manual_seed(0)
    model = open_clip().create_model(NETWORK, load_weights=False, pretrained_text=False)
    with torch.no_grad():
        # Random weights of such a small network give all texts nearly one vector.
        for name, parameter in model.named_parameters():
            if name.endswith(("projection", "proj", "embedding.weight")):
                parameter.normal_(0, 1)
    return model.eval()


def write_weights(file: Path) -> Path:
    import torch

    torch.save(tiny_model().state_dict(), file)
    return file


def text_vectors(texts: list[str]) -> np.ndarray:
    """(n, 16), unit rows, by open_clip itself."""
    import torch

    with torch.inference_mode():
        tokens = open_clip().get_tokenizer(NETWORK)(texts)
        found: np.ndarray = tiny_model().encode_text(tokens, normalize=True).numpy()
    return found


def image_vectors(paths: list[Path]) -> np.ndarray:
    """(n, 16), unit rows, by open_clip itself, with its own reading of photos."""
    import torch
    from open_clip.transform import image_transform

    transform = image_transform(32, is_train=False)
    with torch.inference_mode():
        pixels = torch.stack([transform(Image.open(path)) for path in paths])
        found: np.ndarray = tiny_model().encode_image(pixels, normalize=True).numpy()
    return found
