"""The locks are whole: each requirement is in them, on each Python and system, and each file has a hash."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.scripts.loading import load_script

locked = load_script("locked")
PROJECT: dict[str, Any] = tomllib.loads((locked.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SYSTEMS = [
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
]
ENVIRONMENTS = [
    {**system, "python_version": f"3.{minor}", "python_full_version": f"3.{minor}.9"}
    for system in SYSTEMS
    for minor in (11, 12, 13, 14)
]


def of_runtime() -> list[str]:
    return list(PROJECT["project"]["dependencies"])


def of_everything() -> list[str]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    return [*of_runtime(), *(line for extra in extras for line in extra), *PROJECT["build-system"]["requires"]]


def active(pins: list[Any], environment: dict[str, str]) -> Iterator[Any]:
    return (pin for pin in pins if pin.marker is None or Marker(pin.marker).evaluate(environment))


def unmet(requirements: list[str], pins: list[Any], environment: dict[str, str]) -> list[str]:
    """The requirements that have not just one version there, or one out of their range."""
    versions: dict[str, list[str]] = {}
    for pin in active(pins, environment):
        versions.setdefault(canonicalize_name(pin.name), []).append(pin.version)
    wanted = map(Requirement, requirements)
    return [
        f"{each}: {found}"
        for each in wanted
        if len(found := versions.get(canonicalize_name(each.name), [])) != 1
        or not each.specifier.contains(found[0], prereleases=True)
    ]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda each: "-".join(each.values()))
def test_every_requirement_has_one_version_in_its_range(environment: dict[str, str]) -> None:
    assert unmet(of_runtime(), locked.read_lock(locked.RUNTIME), environment) == []
    assert unmet(of_everything(), locked.read_lock(locked.DEVELOPMENT), environment) == []


def test_a_requirement_that_the_lock_lacks_or_holds_too_old_is_found() -> None:
    pins = locked.read_lock(locked.RUNTIME)
    assert len(unmet(["no-such-package", "pillow>=1000", "numpy"], pins, ENVIRONMENTS[0])) == 2


@pytest.mark.parametrize("path", [locked.RUNTIME, locked.DEVELOPMENT], ids=lambda path: path.name)
def test_every_version_has_the_hashes_of_its_files_and_nothing_names_a_host(path: Path) -> None:
    pins = locked.read_lock(path)
    assert pins
    assert [
        pin.name for pin in pins if not pin.hashes or {algorithm for algorithm, _ in pin.hashes} != {"sha256"}
    ] == []
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text


def test_who_installs_the_program_gets_what_its_tests_ran_with() -> None:
    of_tests = {(pin.name, pin.version): pin.hashes for pin in locked.read_lock(locked.DEVELOPMENT)}
    for pin in locked.read_lock(locked.RUNTIME):
        assert of_tests.get((pin.name, pin.version)) == pin.hashes, (
            f"{pin.line} is another one in requirements-dev.lock"
        )


def test_the_constraints_are_those_of_the_lock() -> None:
    assert locked.CONSTRAINTS.read_text(encoding="utf-8") == locked.constraints_of(locked.read_lock(locked.DEVELOPMENT))


def test_beside_another_build_of_torch_all_else_is_installed_by_hash(tmp_path: Path) -> None:
    lock = tmp_path / "without-torch.lock"
    lock.write_text(locked.without_torch(locked.read_lock(locked.RUNTIME)), encoding="utf-8")
    names = {line.split("==")[0] for line in lock.read_text(encoding="utf-8").splitlines()}
    assert {"timm", "sympy", "numpy"} <= names
    assert not [name for name in names if name.startswith(("torch", "nvidia", "cuda", "triton"))]
    assert all("--hash=sha256:" in line for line in lock.read_text(encoding="utf-8").splitlines())


def test_a_line_that_is_no_pin_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text("pillow>=1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"some\.lock, line 1"):
        locked.read_lock(lock)
