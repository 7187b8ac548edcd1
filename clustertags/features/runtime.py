"""Runtimes: a converted network with OpenVINO on the CPU; `torch_runtime` has the one for other devices.

A runtime is used from several threads at once. A photo's features never depend on other photos in flight: with OpenVINO
every photo is a batch of its own on a stream of one thread, which is as fast as larger batches.
"""

from __future__ import annotations

import io
import platform
import sys
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import DamagedError, UsageError
from clustertags.support.cores import usable_cores
from clustertags.support.printable import printable
from clustertags.types import Float32

if TYPE_CHECKING:
    import openvino


class Runtime(Protocol):
    """`batch_size`: photos per call at best."""

    batch_size: int

    def infer(self, pixels: NDArray[np.uint8]) -> Float32:
        """Map (n, crop, crop, 3) uint8 to (n, n_features) float32."""
        ...


@cache
def describe_processor() -> str:
    """The processor and its capabilities that OpenVINO uses, on which a compiled network depends."""
    from clustertags.features.silent_openvino import openvino  # noqa: PLC0415

    core = openvino.Core()
    capabilities = sorted(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
    return f"{core.get_property('CPU', 'FULL_DEVICE_NAME')}, {' '.join(capabilities)}"


class OpenVinoRuntime:
    """A converted network on the CPU.

    `compiled`: the result of an earlier `export`, which saves the compilation; one of another machine or another
    OpenVINO is compiled again. Raises `DamagedError` if the network cannot be read.
    """

    batch_size = 1

    def __init__(self, model: Path, compiled: Path | None = None) -> None:
        from clustertags.features.silent_openvino import openvino  # noqa: PLC0415

        self._core = openvino.Core()
        streams = usable_cores()
        self._config = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": streams, "ENABLE_CPU_PINNING": False}
        self._compiled = self._imported(compiled) or self._compile(model)
        self._requests = threading.local()
        self._first_call = threading.Lock()
        self._has_run = False

    def infer(self, pixels: NDArray[np.uint8]) -> Float32:
        if self._has_run:
            return self._infer(pixels)
        # OpenVINO initialises its Python types on first use; two threads that do so at once can deadlock (one holds
        # the GIL, the other the guard of a C++ static).
        with self._first_call:
            result = self._infer(pixels)
            self._has_run = True
            return result

    def _infer(self, pixels: NDArray[np.uint8]) -> Float32:
        request = getattr(self._requests, "request", None)
        if request is None:
            request = self._requests.request = self._compiled.create_infer_request()
        rows = [request.infer({0: pixels[i : i + 1]})[0][0].copy() for i in range(len(pixels))]
        return np.stack(rows).astype(np.float32, copy=False)

    def export(self) -> bytes:
        """The compiled network as bytes, which load faster on the same machine."""
        blob = self._compiled.export_model()
        return bytes(blob.getbuffer() if isinstance(blob, io.BytesIO) else blob)

    def _imported(self, compiled: Path | None) -> openvino.CompiledModel | None:
        if compiled is None or not compiled.is_file():
            return None
        try:
            return self._core.import_model(compiled.read_bytes(), "CPU", self._config)
        except RuntimeError:  # of another version or machine
            return None

    def _compile(self, model: Path) -> openvino.CompiledModel:
        try:
            return self._core.compile_model(str(model), "CPU", self._config)
        except RuntimeError as error:
            raise DamagedError(
                f"{printable(model)} is not a network that OpenVINO can load: run `clustertags verify --repair`"
            ) from error


def choose_device(requested: str) -> str:
    """Return "cpu", "cuda" or "mps"; "auto" chooses a GPU if there is one. Raises `UsageError`."""
    from clustertags.features.torch_package import INSTALL, has_torch  # noqa: PLC0415  (`tag` needs neither)

    if requested in {"cuda", "mps"} and not has_torch():
        raise UsageError(f"--device {requested} needs torch, which is not installed: {INSTALL}, or use --device cpu")
    if requested in {"cpu", "cuda", "mps"}:
        return requested
    if requested != "auto":
        raise UsageError(f"there is no device {printable(requested)!r}: choose auto, cpu, cuda or mps")
    # Importing torch takes two seconds, so it is imported only where a GPU is likely.
    if not (has_gpu() and has_torch()):
        return "cpu"
    import torch  # noqa: PLC0415

    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def has_gpu() -> bool:
    """Whether this machine has a GPU that torch may use: an NVIDIA one, as its driver's devices say, or Apple's own."""
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return Path("/dev/dxg").exists() or any(Path("/dev").glob("nvidia[0-9]*"))  # dxg: of Windows' Linux
