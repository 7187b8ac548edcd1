"""Apache Parquet, for data frames and for Embedding Atlas, which draws `x` and `y` as its map."""

from __future__ import annotations

import importlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from clustertags.errors import UsageError
from clustertags.export.records import Record
from clustertags.types import UNCLUSTERED, Float32


def to_parquet(records: Sequence[Record], positions: Float32, features: Float32 | None = None) -> bytes:
    """The records as one Parquet file.

    Columns: `path`, `mine` (list of text), `predicted` (list of text), `scores` (list of float32, of `predicted`),
    `cluster_id` (int32, -1 for none), `cluster` (text or null), `x`, `y` (float32, the map), `added` (bool,
    whether the photo joined after the fit), and with `features`
    (n_photos, n_features) those of the network (list of float32, of a fixed length). `positions`: (n_photos, 2).
    A path that is not Unicode has escapes. Raises `UsageError` where pyarrow is missing.
    """
    arrow = _arrow()
    strings = arrow.list_(arrow.string())
    at = np.array([record.photo for record in records], np.intp)
    columns: dict[str, Any] = {
        "path": arrow.array([_unicode(record.path) for record in records], arrow.string()),
        "mine": arrow.array([list(record.mine) for record in records], strings),
        "predicted": arrow.array([[item.tag for item in record.predicted] for record in records], strings),
        "scores": arrow.array(
            [[item.score for item in record.predicted] for record in records], arrow.list_(arrow.float32())
        ),
        "cluster_id": arrow.array(
            [record.cluster[0] if record.cluster else UNCLUSTERED for record in records], arrow.int32()
        ),
        "cluster": arrow.array([record.cluster[1] if record.cluster else None for record in records], arrow.string()),
        "x": arrow.array(positions[at, 0], arrow.float32()),
        "y": arrow.array(positions[at, 1], arrow.float32()),
        "added": arrow.array([record.added for record in records], arrow.bool_()),
    }
    if features is not None:
        flat = arrow.array(features[at].ravel(), arrow.float32())
        columns["features"] = arrow.FixedSizeListArray.from_arrays(flat, features.shape[1])
    stream = io.BytesIO()
    importlib.import_module("pyarrow.parquet").write_table(arrow.table(columns), stream)
    return stream.getvalue()


def _arrow() -> Any:
    try:
        return importlib.import_module("pyarrow")
    except ImportError as error:
        remedy = "install it with `pip install 'clustertags[parquet]'`, or export as jsonl"
        raise UsageError(f"Parquet needs the package pyarrow: {remedy}") from error


def _unicode(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
