"""Conversion of a torch module to an OpenVINO network that takes decoded pixels."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clustertags.features.backbones import Network, Preprocess
from clustertags.types import Classifier

MODEL_FILE = "backbone.xml"
PARAMETERS_FILE = "backbone.bin"
COMPILED_FILE = "backbone.compiled"
CLASSIFIER_FILE = "classifier.safetensors"
DESCRIPTION_FILE = "backbone.json"

_STORED_FIELD = {"n_augmentations": "views"}  # what `DESCRIPTION_FILE` calls it


@dataclass(frozen=True, slots=True)
class ConvertedBackbone:
    """A network converted by `convert`, with its preprocessing."""

    folder: Path
    name: str
    key: str
    preprocess: Preprocess
    n_features: int
    files: tuple[str, ...]

    def classifier(self) -> Classifier | None:
        """The network's ImageNet classifier, None without one."""
        if CLASSIFIER_FILE not in self.files:
            return None
        from safetensors.numpy import load_file  # noqa: PLC0415

        arrays = load_file(self.folder / CLASSIFIER_FILE)
        return Classifier(arrays["weight"], arrays["bias"])


def convert(network: Network, name: str, key: str, folder: Path) -> None:
    """Write the network with its normalisation into the empty `folder`: (1, crop, crop, 3) uint8 to (1, n_features).

    The batch is fixed at one photo: see `runtime`.
    """
    import torch  # noqa: PLC0415
    from safetensors.numpy import save  # noqa: PLC0415

    from clustertags.features.silent_openvino import openvino  # noqa: PLC0415

    crop = network.preprocess.crop_pixels
    exported = torch.export.export(network.module.cpu().eval(), (torch.zeros(1, 3, crop, crop),))
    graph = openvino.preprocess.PrePostProcessor(openvino.convert_model(exported))
    graph.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_shape(
        [1, crop, crop, 3]
    )
    steps = graph.input().preprocess().convert_element_type(openvino.Type.f32)
    steps.mean([255 * value for value in network.preprocess.mean])
    steps.scale([255 * value for value in network.preprocess.std])
    graph.input().model().set_layout(openvino.Layout("NCHW"))
    openvino.save_model(graph.build(), folder / MODEL_FILE, compress_to_fp16=False)
    files = [MODEL_FILE, PARAMETERS_FILE]
    if network.classifier is not None:
        arrays: dict[str, np.ndarray[Any, Any]] = {
            "weight": network.classifier.weight,
            "bias": network.classifier.bias,
        }
        (folder / CLASSIFIER_FILE).write_bytes(save(arrays))
        files.append(CLASSIFIER_FILE)
    description = {
        "name": name,
        "key": key,
        "preprocess": {_STORED_FIELD.get(name, name): value for name, value in asdict(network.preprocess).items()},
        "n_features": network.n_features,
        "files": files,
    }
    (folder / DESCRIPTION_FILE).write_text(json.dumps(description, indent=1), encoding="utf-8")


def read_converted(folder: Path) -> ConvertedBackbone:
    """Read a converted network. Raises `OSError`, `ValueError` or `KeyError` if it is incomplete."""
    description = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    fields = description["preprocess"]
    preprocess = Preprocess(
        resize_pixels=fields["resize_pixels"],
        crop_pixels=fields["crop_pixels"],
        interpolation=fields["interpolation"],
        mean=tuple(fields["mean"]),
        std=tuple(fields["std"]),
        n_augmentations=fields.get(_STORED_FIELD["n_augmentations"], 1),
    )
    return ConvertedBackbone(
        folder,
        description["name"],
        description["key"],
        preprocess,
        description["n_features"],
        (*description["files"], DESCRIPTION_FILE),
    )
