"""Conversion of a torch module to an OpenVINO network that takes decoded pixels."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clustertags.errors import WeightsError
from clustertags.features.backbones import Network, Preprocess, TextTower
from clustertags.features.fixed_size import fixed_size
from clustertags.features.runtime import OpenVinoRuntime
from clustertags.support.printable import printable
from clustertags.types import Classifier

if TYPE_CHECKING:
    import openvino
    import torch

MODEL_FILE = "backbone.xml"
PARAMETERS_FILE = "backbone.bin"
COMPILED_FILE = "backbone.compiled"
CLASSIFIER_FILE = "classifier.safetensors"
DESCRIPTION_FILE = "backbone.json"
TEXT_FILE = "text.xml"
TEXT_PARAMETERS_FILE = "text.bin"
TOKENIZER_FILE = "tokenizer.json"

_STORED_FIELD = {"n_augmentations": "views"}  # what `DESCRIPTION_FILE` calls it


@dataclass(frozen=True, slots=True)
class TextReading:
    """How the text tower of an image-text network reads: see `backbones.TextTower`."""

    cleaning: str
    logit_scale: float


@dataclass(frozen=True, slots=True)
class ConvertedBackbone:
    """A network converted by `convert`, with its preprocessing. `text`: of its text tower, None without one."""

    folder: Path
    name: str
    key: str
    preprocess: Preprocess
    n_features: int
    files: tuple[str, ...]
    text: TextReading | None = None

    def runtime(self) -> OpenVinoRuntime:
        """The network, ready on the processor. Raises `DamagedError` if it cannot be read."""
        return OpenVinoRuntime(self.folder / MODEL_FILE, self.folder / COMPILED_FILE)

    def classifier(self) -> Classifier | None:
        """The network's ImageNet classifier, None without one."""
        if CLASSIFIER_FILE not in self.files:
            return None
        from safetensors.numpy import load_file  # noqa: PLC0415

        arrays = load_file(self.folder / CLASSIFIER_FILE)
        return Classifier(arrays["weight"], arrays["bias"])


def convert(network: Network, name: str, key: str, folder: Path) -> None:
    """Write the network with its normalisation into the empty `folder`: (1, crop, crop, 3) uint8 to (1, n_features);
    and its text tower, (1, n_tokens) int64 to (1, n_features).

    The batch is fixed at one photo: see `runtime`. Raises `WeightsError` where the network cannot be converted.
    """
    import torch  # noqa: PLC0415

    from clustertags.features.silent_openvino import openvino  # noqa: PLC0415

    crop = network.preprocess.crop_pixels
    converted = _converted(name, network.module, torch.zeros(1, 3, crop, crop))
    graph = openvino.preprocess.PrePostProcessor(converted)
    graph.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC")).set_shape(
        [1, crop, crop, 3]
    )
    steps = graph.input().preprocess().convert_element_type(openvino.Type.f32)
    steps.mean([255 * value for value in network.preprocess.mean])
    steps.scale([255 * value for value in network.preprocess.std])
    graph.input().model().set_layout(openvino.Layout("NCHW"))
    _save(graph.build(), folder / MODEL_FILE)
    files = [MODEL_FILE, PARAMETERS_FILE]
    description: dict[str, Any] = {
        "name": name,
        "key": key,
        "preprocess": {_STORED_FIELD.get(name, name): value for name, value in asdict(network.preprocess).items()},
        "n_features": network.n_features,
        "files": files,
    }
    if text := network.text:
        _convert_text(text, name, folder)
        files += [TEXT_FILE, TEXT_PARAMETERS_FILE, TOKENIZER_FILE]
        description["text"] = {"cleaning": text.cleaning, "logit_scale": text.logit_scale}
    _write_description(folder, description)
    if network.classifier is not None:
        add_classifier(folder, network.classifier)


def _convert_text(text: TextTower, name: str, folder: Path) -> None:
    import torch  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokens = torch.tensor([Tokenizer.from_str(text.tokenizer).encode("a photo").ids])
    _save(_converted(name, text.module, tokens), folder / TEXT_FILE)
    (folder / TOKENIZER_FILE).write_text(text.tokenizer, encoding="utf-8")


def _save(model: openvino.Model, path: Path) -> None:
    """Write a graph and its parameters. Raises `OSError` for a full disk or a limit on the sizes of files, which
    OpenVINO reports as an error of a C++ stream.
    """
    from clustertags.features.silent_openvino import openvino  # noqa: PLC0415

    try:
        openvino.save_model(model, path, compress_to_fp16=False)
    except RuntimeError as error:
        if "iostream" not in str(error):
            raise
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path)) from error


def _converted(name: str, module: torch.nn.Module, example: torch.Tensor) -> openvino.Model:
    import torch  # noqa: PLC0415

    from clustertags.features.silent_openvino import openvino  # noqa: PLC0415

    # What torch and OpenVINO raise for a network that they cannot trace has Exception alone in common.
    try:
        with fixed_size():
            exported = torch.export.export(module.cpu().eval(), (example,))
        return openvino.convert_model(exported)
    except Exception as error:
        raise WeightsError(
            f"{printable(name)} cannot be converted for OpenVINO ({type(error).__name__}): choose another --backbone"
        ) from error


def add_classifier(folder: Path, classifier: Classifier) -> None:
    """Write the classifier next to the converted network in `folder`."""
    from safetensors.numpy import save  # noqa: PLC0415

    arrays: dict[str, np.ndarray[Any, Any]] = {"weight": classifier.weight, "bias": classifier.bias}
    (folder / CLASSIFIER_FILE).write_bytes(save(arrays))
    description = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    description["files"].append(CLASSIFIER_FILE)
    _write_description(folder, description)


def _write_description(folder: Path, description: dict[str, Any]) -> None:
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
    text = description.get("text")
    return ConvertedBackbone(
        folder,
        description["name"],
        description["key"],
        preprocess,
        description["n_features"],
        (*description["files"], DESCRIPTION_FILE),
        TextReading(text["cleaning"], float(text["logit_scale"])) if text else None,
    )
