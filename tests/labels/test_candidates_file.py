"""Files of candidate tags, good and hostile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clustertags.errors import CandidatesError
from clustertags.labels import candidates_file as candidates
from clustertags.labels.candidates_file import MAX_CANDIDATES, read_candidates


def written(folder: Path, data: bytes) -> Path:
    path = folder / "tags.txt"
    path.write_bytes(data)
    return path


def test_one_tag_a_line_in_the_files_order(tmp_path: Path) -> None:
    text = "\ufeff#Zebra\r\n\n  New  York \nzebra\n日本\n\u202ecat\n"
    assert read_candidates(written(tmp_path, text.encode())) == ("Zebra", "New York", "日本", "cat")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no tag: write one tag a line"),
        (b" \n\n", "holds no tag"),
        (b"dog\n###\n", "line 2: '###' holds no tag"),
        (b"dog\n" + b"x" * 101, "line 2: has more than 100 characters"),
        (b"dog\ncaf\xe9\n", "line 2: is not UTF-8"),
        (b"dog\0cat", "holds a NUL byte"),
        (b"\n".join(b"t%d" % i for i in range(MAX_CANDIDATES + 1)), "holds more than 5,000 tags"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(CandidatesError, match=r"tags\.txt") as caught:
        read_candidates(written(tmp_path, data))
    assert message in str(caught.value)


def test_what_is_no_file_of_tags_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CandidatesError, match="not a regular file"):
        read_candidates(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CandidatesError, match="not a regular file"):
        read_candidates(tmp_path / "pipe")
    with pytest.raises(CandidatesError, match="is not there"):
        read_candidates(tmp_path / "missing\x1b[31m.txt")
    monkeypatch.setattr(candidates, "MAX_FILE_BYTES", 3)
    with pytest.raises(CandidatesError, match="is larger than"):
        read_candidates(written(tmp_path, b"long"))
