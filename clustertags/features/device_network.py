"""A torch network on its device: batches of one fixed shape, two under way at a time.

cuDNN plans once for each thread and each shape, which takes seconds. So one thread makes a `DeviceNetwork` and uses it,
and the last batch is padded. Each of the two slots has its stream, memory that the device reads by itself, and on CUDA
a graph of the network, whose replay is one call instead of one a layer: one slot's copies overlap the other's work.
"""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import UsageError
from clustertags.types import Float32

if TYPE_CHECKING:
    import torch

    from clustertags.features.backbones import Network

# Of each photo with the processor's single precision, for half precision to be used; bfloat16 has 0.998 on a GPU.
_LEAST_COSINE = 0.999
_COMPARED_PHOTOS = 8
_LEAST_CAPABILITY = 7  # of a CUDA device, from which half precision is faster
_WARM_UP_RUNS = 3  # before a graph is captured, as PyTorch's notes on CUDA graphs ask


class DeviceNetwork:
    """`network` on `device`, "cuda", "mps" or, for tests, "cpu"; used by the thread that makes it.

    `batch_photos`: photos of a batch; `precision`: torch's name of the numbers. Raises `UsageError` where torch has no
    such device, torch's own errors where it has no memory left (see `is_out_of_memory`).
    """

    def __init__(self, network: Network, device: str, batch_photos: int) -> None:
        import torch  # noqa: PLC0415

        check_device(device)
        self._network, self._device, self.batch_photos = network, device, batch_photos
        is_half = device == "cuda" and torch.cuda.get_device_capability()[0] >= _LEAST_CAPABILITY
        self._place(torch.float16 if is_half else torch.float32)

    @property
    def precision(self) -> str:
        return str(self._dtype).removeprefix("torch.")

    def _place(self, dtype: torch.dtype) -> None:
        self._dtype = dtype
        self._forward = _Forward(self._network, self._device, dtype)
        steps = self._network.preprocess
        shape = (self.batch_photos, steps.crop_pixels, steps.crop_pixels, 3)
        self.slots = tuple(_Slot(self._forward, shape, self._network.n_features, self._device) for _ in range(2))

    def settle_precision(self, pixels: NDArray[np.uint8]) -> None:
        """Compare half precision with the processor's single precision on these photos, and give it up where it is
        too coarse. Before the first batch; no batch may be under way.
        """
        import torch  # noqa: PLC0415

        if self._dtype == torch.float32:
            return
        some = pixels[: min(_COMPARED_PHOTOS, self.batch_photos)]
        slot = self.slots[0]
        slot.begin([some])
        with torch.inference_mode():
            exact = _Forward(self._network, "cpu", torch.float32)(torch.from_numpy(np.array(some))).numpy()
        if not _cosines(slot.finish(), exact).min() >= _LEAST_COSINE:  # also where it overflows
            self._place(torch.float32)

    def shrink(self) -> bool:
        """Halve the batches, for a device that has no memory left; False where they are of one photo already."""
        if self.batch_photos == 1:
            return False
        self.slots = ()
        self._release()
        self.batch_photos //= 2
        self._place(self._dtype)
        return True

    def _release(self) -> None:
        import torch  # noqa: PLC0415

        if self._device == "cuda":
            torch.cuda.empty_cache()


class _Forward:
    """From (n, crop, crop, 3) uint8 on the device to (n, n_features) float32 there."""

    def __init__(self, network: Network, device: str, dtype: torch.dtype) -> None:
        import torch  # noqa: PLC0415

        module = copy.deepcopy(network.module).to(device=device, dtype=dtype).eval()
        self._module = module.to(memory_format=torch.channels_last) if device == "cuda" else module
        self._dtype = dtype
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor(network.preprocess.mean, device=device).reshape(shape) * 255
        self._std = torch.tensor(network.preprocess.std, device=device).reshape(shape) * 255

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        values = (pixels.permute(0, 3, 1, 2).float() - self._mean) / self._std
        result: torch.Tensor = self._module(values.to(self._dtype)).float()
        return result


class _Slot:
    """The memory and the stream of one batch under way."""

    def __init__(self, forward: _Forward, shape: tuple[int, int, int, int], n_features: int, device: str) -> None:
        import torch  # noqa: PLC0415

        self._torch, self._forward, is_cuda = torch, forward, device == "cuda"
        self._host = torch.zeros(shape, dtype=torch.uint8, pin_memory=is_cuda)
        self._result = torch.zeros((shape[0], n_features), pin_memory=is_cuda)
        self._pixels = torch.zeros(shape, dtype=torch.uint8, device=device)
        self._stream: Any = torch.cuda.Stream() if is_cuda else None  # type: ignore[no-untyped-call]
        self._graph: Any = None
        self._rows = self._result
        self._n = 0
        if is_cuda:
            self._capture()

    def begin(self, parts: list[NDArray[np.uint8]]) -> None:
        """Start a batch of these photos, at most the shape's; what the slot lacks is padded with an earlier batch's."""
        host, self._n = self._host.numpy(), 0
        for part in parts:
            host[self._n : self._n + len(part)] = part
            self._n += len(part)
        with self._torch.inference_mode(), self._on_stream():
            self._pixels.copy_(self._host, non_blocking=True)
            if self._graph is None:
                self._rows = self._forward(self._pixels)
            else:
                self._graph.replay()
            self._result.copy_(self._rows, non_blocking=True)

    def finish(self) -> Float32:
        """Wait for the batch: (n, n_features)."""
        if self._stream is not None:
            self._stream.synchronize()
        return self._result[: self._n].numpy().copy()

    def _on_stream(self) -> Any:
        return nullcontext() if self._stream is None else self._torch.cuda.stream(self._stream)

    def _capture(self) -> None:
        torch = self._torch
        try:
            with torch.inference_mode(), self._on_stream():
                for _ in range(_WARM_UP_RUNS):
                    self._forward(self._pixels)
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph, stream=self._stream):
                    rows = self._forward(self._pixels)
                self._graph, self._rows = graph, rows
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            return  # a network that waits for the device midway cannot be a graph: it runs layer by layer


def check_device(device: str) -> None:
    """Raise `UsageError` where torch does not have the device."""
    import torch  # noqa: PLC0415

    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if not available.get(device, False):
        raise UsageError(f"this machine's torch has no {device} device: use --device cpu")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device has no memory left; MPS has no type of its own for that."""
    import torch  # noqa: PLC0415

    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "out of memory" in str(error).lower()
    )


def _cosines(one: Float32, other: Float32) -> Float32:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    products: Float32 = np.einsum("ij,ij->i", one, other) / np.maximum(lengths, 1e-12)
    return products
