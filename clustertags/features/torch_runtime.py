"""The torch module on a GPU: one thread owns the device, and forms batches from what all callers bring."""

from __future__ import annotations

import functools
import queue
import threading
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import ClusterTagsError
from clustertags.features.device_network import DeviceNetwork, check_device, is_out_of_memory
from clustertags.support.printable import printable
from clustertags.types import Float32

if TYPE_CHECKING:
    from clustertags.features.backbones import Network

BATCH_PHOTOS = 64
"""Half of what 16 decoding processes have in flight (`engines.local`): half is gathered while half is inferred."""


class TorchRuntime:
    """The torch module on `device`, "cuda", "mps" or, for tests, "cpu".

    Raises `UsageError` where torch has no such device; `infer` raises `ClusterTagsError` where the device fails.
    """

    batch_size = BATCH_PHOTOS

    def __init__(self, network: Network, device: str, *, batch_photos: int = BATCH_PHOTOS) -> None:
        check_device(device)
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        owner = _DeviceOwner(self._requests, device)
        make = functools.partial(DeviceNetwork, network, device, batch_photos)
        threading.Thread(target=owner.run, args=(make,), name="device", daemon=True).start()
        weakref.finalize(self, self._requests.put, None)

    def infer(self, pixels: NDArray[np.uint8]) -> Float32:
        """Map (n, crop, crop, 3) uint8 to (n, n_features) float32; from any thread, of any number of photos."""
        request = _Request(pixels)
        self._requests.put(request)
        return request.rows.result()


@dataclass(slots=True, eq=False)
class _Request:
    """One caller's photos; `finished` are the rows that came back so far, in order."""

    pixels: NDArray[np.uint8]
    rows: Future[Float32] = field(default_factory=Future)
    finished: list[Float32] = field(default_factory=list)

    def finish(self, rows: Float32) -> None:
        self.finished.append(rows)
        if sum(map(len, self.finished)) == len(self.pixels):
            self.rows.set_result(np.concatenate(self.finished))

    def fail(self, error: Exception) -> None:
        if not self.rows.done():
            self.rows.set_exception(error)


_Part: TypeAlias = tuple[_Request, slice]
"""Some of a request's photos: a request may be spread over batches."""


class _DeviceOwner:
    """The thread that uses the device: while one batch is under way, the next is gathered and begun."""

    def __init__(self, requests: queue.SimpleQueue[_Request | None], device: str) -> None:
        self._requests, self._device = requests, device
        self._waiting: deque[_Part] = deque()
        self._under_way: list[_Part] = []
        self._has_ended = False

    def run(self, make: Callable[[], DeviceNetwork]) -> None:
        """Answer requests until None is among them."""
        try:
            network = make()
        except Exception as error:
            while request := self._requests.get():
                request.fail(self._described(error))
            return
        is_settled, turn = False, 0
        while not self._has_ended or self._waiting or self._under_way:
            parts = self._gather(network.batch_photos)
            try:
                if parts and not is_settled:
                    network.settle_precision(_pixels(parts[0]))
                    is_settled = True
                if parts:
                    network.slots[turn].begin([_pixels(part) for part in parts])
                if self._under_way:
                    self._hand_out(network.slots[1 - turn].finish())
                self._under_way, turn = parts, 1 - turn
            except Exception as error:
                self._recover(network, parts, error)

    def _gather(self, most: int) -> list[_Part]:
        """At most so many photos that wait; while a batch is under way there may be none."""
        parts: list[_Part] = []
        room = most
        while room:
            if not self._waiting:
                try:
                    request = self._requests.get(block=not parts and not self._under_way)
                except queue.Empty:
                    break
                if request is None:
                    self._has_ended = True
                    break
                self._waiting.append((request, slice(0, len(request.pixels))))
            request, photos = self._waiting.popleft()
            stop = min(photos.stop, photos.start + room)
            if stop < photos.stop:
                self._waiting.appendleft((request, slice(stop, photos.stop)))
            parts.append((request, slice(photos.start, stop)))
            room -= stop - photos.start
        return parts

    def _hand_out(self, rows: Float32) -> None:
        start = 0
        for request, photos in self._under_way:
            n_photos = photos.stop - photos.start
            request.finish(rows[start : start + n_photos])
            start += n_photos

    def _recover(self, network: DeviceNetwork, parts: list[_Part], error: Exception) -> None:
        """Take smaller batches where memory is short; else whoever waits for these photos is told."""
        failed, self._under_way = [*self._under_way, *parts], []
        try:
            if is_out_of_memory(error) and network.shrink():
                self._waiting.extendleft(reversed(failed))
                return
        except Exception as again:
            error = again
        for request, _ in failed:
            request.fail(self._described(error))

    def _described(self, error: Exception) -> ClusterTagsError:
        if isinstance(error, ClusterTagsError):
            return error
        if is_out_of_memory(error):
            reason = "has no memory left, not even for one photo at a time"
        else:
            first = str(error).strip().partition("\n")[0]
            reason = f"failed ({printable(first, 200)})"
        return ClusterTagsError(f"the device {self._device} {reason}: use --device cpu")


def _pixels(part: _Part) -> NDArray[np.uint8]:
    request, photos = part
    return request.pixels[photos]
