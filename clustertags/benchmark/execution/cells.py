"""Cells: the results of one method on one draw of labelled photos, cached on the disk so that a run can resume."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.splits import Draw, Split
from clustertags.benchmark.method_interface import Method
from clustertags.library.storage import storage_errors, write_atomically
from clustertags.support.digests import file_sha256
from clustertags.support.version import __version__
from clustertags.types import Float32, Float64

SCHEMA_VERSION = 1

_PHOTO, _TAGS, _SCORES, _CALIBRATION = "photo:", "tags", "scores", "spare_scores"
_UNSAFE = re.compile(r"[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """`photos`: (n_test,) float64 each, by metric; `tags`: (n_tags,) average precision, NaN where undefined.

    `scores`: (n_test, n_tags) float32, of test photos; `calibration_scores`: (n_calibration, n_tags) float32, of
    training photos without labels; both for the first draw only. `peak_bytes`: peak resident memory of the
    method's process, interpreter and libraries included; `before_bytes`: resident memory before the fit.
    """

    method: str
    budget: int
    number: int
    n_labelled: int
    fit_seconds: float
    predict_seconds: float
    peak_bytes: int | None
    before_bytes: int | None
    photos: dict[str, Float64]
    tags: Float64
    scores: Float32 | None = None
    calibration_scores: Float32 | None = None


@dataclass(frozen=True, slots=True)
class CellStore:
    """The cells of one split below `folder`."""

    folder: Path
    split: Split

    def has(self, method: type[Method], draw: Draw) -> bool:
        """Whether the cell is there and can be read."""
        return self.read(method, draw) is not None

    def write(self, method: type[Method], draw: Draw, cell: Cell) -> None:
        """Write the arrays, then the JSON file that completes the cell. Raises `StorageError`."""
        from safetensors.numpy import save  # noqa: PLC0415

        paths = self._paths(method, draw)
        arrays: dict[str, NDArray[np.generic]] = {_PHOTO + name: values for name, values in cell.photos.items()}
        arrays[_TAGS] = cell.tags
        for name, scores in ((_SCORES, cell.scores), (_CALIBRATION, cell.calibration_scores)):
            if scores is not None:
                arrays[name] = np.ascontiguousarray(scores)
        figures = {
            "schema_version": SCHEMA_VERSION,
            "split": self.split.digest,
            "method": cell.method,
            "budget": cell.budget,
            "draw": cell.number,
            "n_labelled": cell.n_labelled,
            "fit_seconds": cell.fit_seconds,
            "predict_seconds": cell.predict_seconds,
            "peak_bytes": cell.peak_bytes,
            "before_bytes": cell.before_bytes,
        }
        with storage_errors(self.folder):
            paths.figures.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(paths.arrays, save(arrays))
            write_atomically(paths.figures, json.dumps(figures, indent=1).encode())

    def read(self, method: type[Method], draw: Draw) -> Cell | None:
        """The cell, or None where it was not computed yet or is damaged."""
        from safetensors import SafetensorError  # noqa: PLC0415
        from safetensors.numpy import load  # noqa: PLC0415

        paths = self._paths(method, draw)
        try:
            figures = json.loads(paths.figures.read_bytes())
            arrays = load(paths.arrays.read_bytes())
            return Cell(
                method.name,
                draw.budget,
                draw.number,
                int(figures["n_labelled"]),
                float(figures["fit_seconds"]),
                float(figures["predict_seconds"]),
                figures["peak_bytes"],
                figures["before_bytes"],
                {name.removeprefix(_PHOTO): arrays[name] for name in arrays if name.startswith(_PHOTO)},
                arrays[_TAGS],
                arrays.get(_SCORES),
                arrays.get(_CALIBRATION),
            )
        except (OSError, ValueError, KeyError, TypeError, SafetensorError):
            return None

    def _paths(self, method: type[Method], draw: Draw) -> _Paths:
        name = _UNSAFE.sub("-", method.name.lower())[:60]
        folder = self.folder / f"{name}-{cell_key(method, self.split.digest)}"
        stem = f"{draw.budget:06d}-{draw.number:03d}"
        return _Paths(folder / f"{stem}.json", folder / f"{stem}.safetensors")


@dataclass(frozen=True, slots=True)
class _Paths:
    figures: Path
    arrays: Path


def cell_key(method: type[Method], split_digest: str) -> str:
    """A key of the method's results, from the split, the program's version, and the text of the modules of the method's
    class and of those that it inherits from.

    Changes in what these modules import are covered by the program's version only.
    """
    sources = [inspect.getsourcefile(item) for item in inspect.getmro(method) if item.__module__ != "builtins"]
    texts = [file_sha256(Path(source)) for source in sources if source]
    described = repr((SCHEMA_VERSION, split_digest, method.name, __version__, texts))
    return hashlib.sha256(described.encode()).hexdigest()[:16]
