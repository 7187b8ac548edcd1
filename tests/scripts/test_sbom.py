"""The bill of materials that a wheel carries."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from clustertags import __version__
from tests.scripts.loading import load_script

sbom = load_script("sbom")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> str:
    """That of a wheel which is built as it is for release, without what it is built with being fetched."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=sbom.ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        name = f"clustertags-{__version__}.dist-info/sboms/clustertags.cdx.json"
        assert f"{name},sha256=" in content.read(f"clustertags-{__version__}.dist-info/RECORD").decode()
        return content.read(name).decode()


def test_it_keeps_to_its_schema(document: str) -> None:
    pytest.importorskip("cyclonedx")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(document) is None
    assert validator.validate_str(document.replace('"SHA-256"', '"no hash"', 1)) is not None


def test_it_lists_what_is_locked_with_licences_and_hashes(document: str) -> None:
    components: list[dict[str, Any]] = json.loads(document)["components"]
    assert [(each["name"], each["version"], [hash_["content"] for hash_ in each["hashes"]]) for each in components] == [
        (pin.name, pin.version, [digest for _, digest in pin.hashes]) for pin in sbom.read_lock(sbom.RUNTIME)
    ]
    licence = {each["name"]: each["licenses"][0]["expression"] for each in components}
    assert licence["pi-heif"] == "BSD-3-Clause AND LGPL-3.0-or-later"
    assert all(licence.values())


def test_it_says_who_needs_whom(document: str) -> None:
    content = json.loads(document)
    needs = {
        each["ref"].split("@")[0]: {ref.split("@")[0] for ref in each["dependsOn"]} for each in content["dependencies"]
    }
    assert {"pkg:pypi/torch", "pkg:pypi/umap-learn"} <= needs["pkg:pypi/clustertags"]
    assert "pkg:pypi/sphinx" not in needs["pkg:pypi/clustertags"]
    assert "pkg:pypi/pynndescent" in needs["pkg:pypi/umap-learn"]
    assert set().union(*needs.values()) == set(needs) - {"pkg:pypi/clustertags"}, "each one is needed by someone"


def test_it_names_no_host_and_no_folder_and_comes_out_the_same(document: str) -> None:
    assert "://" not in document
    assert str(Path.home()) not in document
    assert document == sbom.text_of(__version__)
