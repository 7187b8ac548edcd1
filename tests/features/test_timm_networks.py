"""Networks of timm other than convolutional ones with one pooled output: converted, and run as torch runs them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clustertags.features.backbones import find_backbone
from clustertags.features.conversion import MODEL_FILE, convert, read_converted
from clustertags.features.quiet_conversion import quiet_conversion
from clustertags.features.runtime import OpenVinoRuntime
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_store import prepare_backbone

NETWORKS = [
    # name, pixels before and after the crop, whether it has ImageNet's classifier
    ("test_convnext", (168, 160), True),
    ("test_vit", (168, 160), True),  # a class token
    ("test_vit2", (168, 160), True),  # the mean of the patches
    ("test_vit3", (168, 160), True),  # attention pooling
    ("deit_tiny_distilled_patch16_224", (249, 224), False),  # two heads, which are averaged
]


@pytest.mark.parametrize(("name", "sides", "has_classes"), NETWORKS)
def test_transformers_and_convnexts_convert(
    name: str, sides: tuple[int, int], has_classes: bool, tmp_path: Path
) -> None:
    import timm
    import torch

    torch.manual_seed(0)
    model = timm.create_model(name, pretrained=False).eval()
    weights, folder = tmp_path / "weights.pth", tmp_path / "converted"
    torch.save(model.state_dict(), weights)
    folder.mkdir()
    backbone = find_backbone(f"timm:{name}", weights)
    with quiet_conversion():
        network = backbone.load()
        convert(network, name, backbone.key, folder)
    converted = read_converted(folder)
    steps = converted.preprocess
    assert (steps.resize_pixels, steps.crop_pixels) == sides
    pixels = np.random.default_rng(0).integers(0, 256, (1, sides[1], sides[1], 3), np.uint8)
    features = OpenVinoRuntime(folder / MODEL_FILE).infer(pixels)
    mean, std = np.float32(steps.mean), np.float32(steps.std)
    photo = torch.from_numpy((pixels / np.float32(255) - mean) / std).permute(0, 3, 1, 2).float()
    with torch.inference_mode():
        pooled = model.forward_head(model.forward_features(photo), pre_logits=True).numpy()
        logits = model(photo).numpy()
    assert features.shape == pooled.shape == (1, converted.n_features)
    # OpenVINO may compute in bfloat16.
    assert float((features * pooled).sum() / np.linalg.norm(features) / np.linalg.norm(pooled)) > 0.999
    classifier = converted.classifier()
    assert (classifier is not None) == has_classes
    if classifier is not None:
        with torch.inference_mode():
            own = network.module(photo).numpy() @ classifier.weight.T + classifier.bias
        np.testing.assert_allclose(own, logits, rtol=1e-3, atol=1e-4)


def test_a_network_that_cannot_be_traced_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from clustertags.errors import WeightsError
    from clustertags.features.backbones import Backbone, Network, Preprocess

    class Erratic(torch.nn.Module):
        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return pixels.mean((2, 3)) if float(pixels.sum()) > 0 else pixels.amax((2, 3))

    halves = (0.5, 0.5, 0.5)
    network = Network(Erratic(), None, Preprocess(8, 8, "bicubic", halves, halves), 3)
    with pytest.raises(WeightsError, match="erratic cannot be converted"):
        prepare_backbone(Artifacts(tmp_path), Backbone("erratic", None, lambda: network, "erratic"))
