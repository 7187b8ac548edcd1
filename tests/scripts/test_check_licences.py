"""Which licences of dependencies pass, and what of a package's metadata is taken for its licence."""

from __future__ import annotations

from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

from tests.scripts.loading import load_script

check = load_script("check_licences")


def package(folder: Path, *fields: str) -> Distribution:
    info = folder / "some-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", "Name: some", "Version: 1.0", *fields, "", ""]))
    return PathDistribution(info)


def licences(
    stated: dict[str, str] | None = None, read: dict[str, str] | None = None, allowed: tuple[str, ...] = ("MIT", "ISC")
) -> object:
    return check.Licences(frozenset(allowed), {"MPL-2.0": frozenset({"some"})}, stated or {}, read or {})


def test_the_dependencies_that_are_installed_here_pass() -> None:
    pins = {pin.name for pin in check.read_lock(check.DEVELOPMENT)}
    assert list(check.faults_of(check.read_licences(), pins, check.installed_closure(check.all_requirements()))) == []


def test_the_closure_follows_extras_and_environments() -> None:
    found = check.installed_closure(check.all_requirements())
    assert {"torch", "pydantic-core", "schemathesis", "soupsieve"} <= set(found)
    assert found["pillow"] is not None
    assert not {"clustertags", "colorama"} & set(found)


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        (["License-Expression: MIT AND ISC"], "MIT AND ISC"),
        (["License: MIT"], "MIT"),
        (["License: Apache 2.0"], "Apache-2.0"),
        (["Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["License: UNKNOWN", "Classifier: License :: OSI Approved :: ISC License (ISCL)"], "ISC"),
        (["Classifier: License :: OSI Approved :: BSD License"], None),  # which of them?
        (["License: BSD"], None),
        (["Classifier: License :: OSI Approved :: MIT License", "Classifier: License :: Public Domain"], None),
        ([], None),
    ],
)
def test_the_licence_that_metadata_states(tmp_path: Path, fields: list[str], licence: str | None) -> None:
    assert check.stated_licence(package(tmp_path, *fields)) == licence


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("MIT AND ISC", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("MPL-2.0", True),  # to this package
        ("AGPL-3.0-only", False),
    ],
)
def test_what_may_be_depended_on(expression: str, allowed: bool) -> None:
    faults = list(check.faults_of(licences(stated={"some": expression}), {"some"}, {}))
    assert (faults == []) is allowed


def test_an_exception_is_for_no_other_package() -> None:
    faults = list(check.faults_of(licences(stated={"other": "MPL-2.0"}), {"other"}, {}))
    assert faults == ["other: MPL-2.0 is not allowed by licences.toml"]


def test_a_package_whose_licence_changed_is_found(tmp_path: Path) -> None:
    installed = {"some": package(tmp_path, "License-Expression: ISC")}
    assert len(list(check.faults_of(licences(stated={"some": "MIT"}), {"some"}, installed))) == 1
    assert len(list(check.faults_of(licences(read={"some": "MIT"}), {"some"}, installed))) == 1
    assert list(check.faults_of(licences(read={"some": "MIT AND ISC"}), {"some"}, installed)) == []


def test_a_package_that_states_nothing_must_have_been_read(tmp_path: Path) -> None:
    installed = {"some": package(tmp_path)}
    assert len(list(check.faults_of(licences(stated={"some": "MIT"}), {"some"}, installed))) == 1
    assert list(check.faults_of(licences(read={"some": "MIT"}), {"some"}, installed)) == []


def test_a_package_without_an_entry_and_an_entry_without_a_package_are_found(tmp_path: Path) -> None:
    assert len(list(check.faults_of(licences(), {"some"}, {}))) == 1
    assert len(list(check.faults_of(licences(stated={"some": "MIT"}), set(), {}))) == 1
    assert len(list(check.faults_of(licences(), set(), {"some": package(tmp_path)}))) == 1
