"""The script that builds the hierarchy's table, on a small made-up WordNet."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.scripts.loading import load_script

NOUNS = """\
  1 This software is licensed.
  2   And so on.
00000001 03 n 01 entity 0 001 ~ 00000002 n 0000 | all that is | there is
00000002 05 n 02 animal 0 beast 1 002 @ 00000001 n 0000 ~ 00000003 n 0000 | alive
00000003 05 n 01 big_dog 0 002 @ 00000002 n 0000 %p 00000005 n 0000 | barks
00000004 05 n 01 Rex 0 002 @i 00000003 n 0000 @ 00000002 n 0000 | a certain dog
00000005 05 n 01 tail 0 001 @ 00000001 n 0000 | no class below it
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load_script("build_hierarchy")


def test_classes_first_then_their_ancestors(tmp_path: Path, script: ModuleType) -> None:
    (tmp_path / "data.noun").write_text(NOUNS)
    (tmp_path / "synsets.txt").write_text("n00000004\n")
    synsets, licence = script.read_nouns(tmp_path / "data.noun")
    assert licence == "This software is licensed.\n  And so on.\n"
    table = script.build_table(synsets, script.read_classes(tmp_path / "synsets.txt"))
    assert table["lemmas"] == ["Rex", "big dog", "animal", "entity"]
    assert table["parents"] == [[1, 2], [2], [3], []]


def test_the_check_finds_what_is_wrong(script: ModuleType) -> None:
    good = {"n_classes": 1000, "lemmas": ["class"] * 1000 + ["entity"], "parents": [[1000]] * 1000 + [[]]}
    script.check(good)
    for change, words in (
        ({"n_classes": 999}, "999 classes"),
        ({"parents": [[], *[[1000]] * 999, []]}, "more than one root"),
        ({"parents": [[0], *[[1000]] * 999, []]}, "does not reach entity"),
    ):
        with pytest.raises(AssertionError, match=words):
            script.check(good | change)
