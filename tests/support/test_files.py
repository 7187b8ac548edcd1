from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from clustertags.support.files import link_or_copy


def test_a_second_name_takes_no_second_place(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"network")
    link_or_copy(source, target)
    assert target.read_bytes() == b"network"
    assert target.stat().st_ino == source.stat().st_ino


def test_where_there_are_no_links_it_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"network")
    link_or_copy(source, target)
    assert target.read_bytes() == b"network"
    assert target.stat().st_ino != source.stat().st_ino
    source.write_bytes(b"changed")
    assert target.read_bytes() == b"network"


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        link_or_copy(tmp_path / "nothing", tmp_path / "b")
    assert not (tmp_path / "b").exists()
