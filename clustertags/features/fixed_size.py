"""Export of timm's transformers for pictures of one size."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fixed_size() -> Iterator[None]:
    """In the block, timm leaves position embeddings as they are where the picture has the network's own size.

    During an export it would resample them all the same, so that the result takes pictures of any size. OpenVINO
    lacks that operation (bicubic with antialiasing), and a converted network is given one size.
    """
    module = sys.modules.get("timm.layers.pos_embed")
    before = getattr(module, "is_exporting", None)  # earlier versions of timm do not ask
    if module is None or before is None:
        yield
        return
    vars(module)["is_exporting"] = lambda: False
    try:
        yield
    finally:
        vars(module)["is_exporting"] = before
