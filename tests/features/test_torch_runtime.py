"""The runtime of a GPU, with torch's CPU in its place: order, batches of one shape, errors, memory."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pytest
import torch

from clustertags.errors import ClusterTagsError
from clustertags.features import device_network
from clustertags.features.backbones import Network
from clustertags.features.torch_runtime import TorchRuntime
from tests.made.features import PREPROCESS

SIDE = PREPROCESS.crop_pixels


class Means(torch.nn.Module):
    """The mean of each colour; notes the shapes and threads that it sees, and fails as told."""

    seen: ClassVar[list[tuple[tuple[int, ...], str]]] = []
    most_photos = 1000
    error: Exception | None = None

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        Means.seen.append((tuple(values.shape), threading.current_thread().name))
        if Means.error:
            raise Means.error
        if len(values) > Means.most_photos:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return values.mean((2, 3))


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    Means.seen, Means.most_photos, Means.error = [], 1000, None


def runtime(batch_photos: int) -> TorchRuntime:
    return TorchRuntime(Network(Means(), None, PREPROCESS, 3), "cpu", batch_photos=batch_photos)


def some_pixels(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)


def expected(pixels: np.ndarray) -> np.ndarray:
    return pixels.mean((1, 2)) / 127.5 - 1  # the preprocessing's mean and standard deviation are one half


def test_every_caller_gets_its_own_photos_in_order() -> None:
    opened = runtime(4)
    callers = [some_pixels(count, seed) for seed, count in enumerate([1, 7, 3, 4, 12, 1, 1, 9])]
    with ThreadPoolExecutor(len(callers)) as threads:
        for pixels, rows in zip(callers, threads.map(opened.infer, callers), strict=True):
            np.testing.assert_allclose(rows, expected(pixels), atol=1e-5)


def test_one_thread_uses_the_device_with_batches_of_one_shape() -> None:
    opened = runtime(4)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(opened.infer, [some_pixels(count) for count in (1, 5, 6)]))
    assert {shape for shape, _ in Means.seen} == {(4, 3, SIDE, SIDE)}
    assert {thread for _, thread in Means.seen} == {"device"}


def test_photos_that_wait_share_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    is_busy, going_on = threading.Event(), threading.Event()
    forward = Means.forward

    def slow(self: Means, values: torch.Tensor) -> torch.Tensor:
        is_busy.set()
        going_on.wait()
        return forward(self, values)

    monkeypatch.setattr(Means, "forward", slow)
    opened = runtime(8)
    with ThreadPoolExecutor(9) as threads:
        waiting = [threads.submit(opened.infer, some_pixels(1))]
        is_busy.wait()
        waiting += [threads.submit(opened.infer, some_pixels(1, seed)) for seed in range(1, 9)]
        while opened._requests.qsize() < 8:
            time.sleep(0.01)
        going_on.set()
        for seed, future in enumerate(waiting):
            np.testing.assert_allclose(future.result(), expected(some_pixels(1, seed)), atol=1e-5)
    assert len(Means.seen) == 2  # the first photo alone, then the other eight together


def test_a_device_short_of_memory_gets_smaller_batches() -> None:
    Means.most_photos = 3
    opened = runtime(8)
    pixels = some_pixels(11)
    np.testing.assert_allclose(opened.infer(pixels), expected(pixels), atol=1e-5)
    assert {shape[0] for shape, _ in Means.seen} == {8, 4, 2}
    np.testing.assert_allclose(opened.infer(pixels), expected(pixels), atol=1e-5)


def test_no_memory_for_one_photo_is_told_to_all_who_wait() -> None:
    Means.most_photos = 0
    opened = runtime(4)
    with ThreadPoolExecutor(3) as threads:
        for future in [threads.submit(opened.infer, some_pixels(2)) for _ in range(3)]:
            with pytest.raises(ClusterTagsError, match=r"no memory left, not even for one photo.*--device cpu"):
                future.result()


def test_a_failing_device_is_told_in_one_line_and_can_be_used_again() -> None:
    Means.error = RuntimeError("CUDA error: misaligned address\nCompile with TORCH_USE_CUDA_DSA")
    opened = runtime(4)
    with pytest.raises(ClusterTagsError, match=r"device cpu failed \(CUDA error: misaligned address\): use"):
        opened.infer(some_pixels(2))
    Means.error = None
    assert opened.infer(some_pixels(2)).shape == (2, 3)


def test_a_network_that_does_not_fit_the_device_is_told() -> None:
    class Unmovable(Means):
        def __deepcopy__(self, memo: object) -> None:
            raise torch.OutOfMemoryError("out of memory")

    opened = TorchRuntime(Network(Unmovable(), None, PREPROCESS, 3), "cpu")
    for _ in range(2):
        with pytest.raises(ClusterTagsError, match="no memory left"):
            opened.infer(some_pixels(1))


def test_the_thread_ends_with_the_runtime() -> None:
    opened = runtime(4)
    opened.infer(some_pixels(1))
    (owner,) = [thread for thread in threading.enumerate() if thread.name == "device" and thread.is_alive()][-1:]
    del opened
    gc.collect()
    owner.join(60)
    assert not owner.is_alive()


@pytest.mark.parametrize(("factor", "kept"), [(1.0, "float16"), (1e6, "float32")])
def test_half_precision_is_given_up_where_it_is_too_coarse(factor: float, kept: str) -> None:
    class Scaled(Means):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return (values * factor).mean((2, 3))

    network = device_network.DeviceNetwork(Network(Scaled(), None, PREPROCESS, 3), "cpu", 4)
    assert network.precision == "float32"
    network._place(torch.float16)  # as on a CUDA device
    network.settle_precision(some_pixels(6))
    assert network.precision == kept
    pixels = some_pixels(3)
    network.slots[0].begin([pixels[:1], pixels[1:]])
    np.testing.assert_allclose(network.slots[0].finish(), expected(pixels) * factor, rtol=2e-3, atol=1e-3)
