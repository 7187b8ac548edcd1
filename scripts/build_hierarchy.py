"""Derive clustertags/names/imagenet_hierarchy.json: the 1,000 ImageNet classes and their hypernyms.

    python scripts/build_hierarchy.py [--nouns /usr/share/wordnet/data.noun] [--synsets FILE] [--output FILE]

The nouns are WordNet 3.0's, from Debian's package `wordnet-base` (apt-get install wordnet-base); the classes and their
order are timm's. The same input gives the same bytes. The licence of WordNet is written to a NOTICE next to the table.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "clustertags" / "names"
N_CLASSES = 1000
ROOT_LEMMA = "entity"
MAX_BYTES = 60_000


@dataclass(frozen=True)
class Synset:
    """A sense of a noun: its first lemma, and the offsets of its hypernyms, instance hypernyms included."""

    lemma: str
    hypernyms: tuple[int, ...]


def read_nouns(path: Path) -> tuple[dict[int, Synset], str]:
    """All synsets by offset, and the licence at the head of the file. The format is described in wndb(5WN)."""
    synsets: dict[int, Synset] = {}
    licence: list[str] = []
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith("  "):  # two spaces and a line number
            licence.append(re.sub(r"^ +\d+ ?", "", line).rstrip())
            continue
        fields = line.split(" | ")[0].split()
        n_words = int(fields[3], 16)
        pointers = fields[4 + 2 * n_words :]
        links = [pointers[1 + 4 * at : 5 + 4 * at] for at in range(int(pointers[0]))]
        hypernyms = tuple(int(offset) for symbol, offset, _, _ in links if symbol in ("@", "@i"))
        synsets[int(fields[0])] = Synset(fields[4].replace("_", " "), hypernyms)
    return synsets, "\n".join(licence).strip() + "\n"


def read_classes(path: Path) -> list[int]:
    """The offsets of the classes, in the order of the classifier's outputs."""
    return [int(name.removeprefix("n")) for name in path.read_text(encoding="ascii").split()]


def build_table(synsets: dict[int, Synset], classes: list[int]) -> dict[str, object]:
    """The classes in their order, then their ancestors, each after all its children."""
    found: set[int] = set(classes)
    frontier = list(classes)
    while frontier:
        new = {parent for offset in frontier for parent in synsets[offset].hypernyms} - found
        found |= new
        frontier = sorted(new)
    heights: dict[int, int] = {}

    def depth(offset: int) -> int:
        if offset not in heights:
            heights[offset] = 1 + max((depth(parent) for parent in synsets[offset].hypernyms), default=0)
        return heights[offset]

    ancestors = sorted(found - set(classes), key=lambda offset: (-depth(offset), offset))
    order = [*classes, *ancestors]
    position = {offset: at for at, offset in enumerate(order)}
    return {
        "schema_version": 1,
        "source": "WordNet 3.0, Copyright 2006 by Princeton University; see imagenet_hierarchy.NOTICE.txt",
        "n_classes": len(classes),
        "lemmas": [synsets[offset].lemma for offset in order],
        "parents": [[position[parent] for parent in synsets[offset].hypernyms] for offset in order],
    }


def check(table: dict[str, object]) -> None:
    """Check that every class reaches the root, and that only the root has no parents."""
    lemmas, parents = table["lemmas"], table["parents"]
    assert isinstance(lemmas, list)
    assert isinstance(parents, list)
    assert table["n_classes"] == N_CLASSES, f"{table['n_classes']} classes instead of {N_CLASSES}"
    roots = [at for at, above in enumerate(parents) if not above]
    assert [lemmas[at] for at in roots] == [ROOT_LEMMA], "there is more than one root"
    for start in range(N_CLASSES):
        reached, seen = {start}, set()
        while reached:
            seen |= reached
            reached = {parent for at in reached for parent in parents[at]} - seen
        assert roots[0] in seen, f"{lemmas[start]} does not reach {ROOT_LEMMA}"
    assert all(parent > at for at, above in enumerate(parents) if at >= N_CLASSES for parent in above), "wrong order"


def timm_synsets() -> Path:
    import timm.data

    return Path(timm.data.__file__).parent / "_info" / "imagenet_synsets.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nouns", type=Path, default=Path("/usr/share/wordnet/data.noun"))
    parser.add_argument("--synsets", type=Path, default=None, help="the classes' synset names; timm's by default")
    parser.add_argument("--output", type=Path, default=PACKAGE / "imagenet_hierarchy.json")
    options = parser.parse_args()
    synsets, licence = read_nouns(options.nouns)
    table = build_table(synsets, read_classes(options.synsets or timm_synsets()))
    check(table)
    text = json.dumps(table, separators=(",", ":")) + "\n"
    assert len(text) <= MAX_BYTES, f"the table has {len(text)} bytes, more than {MAX_BYTES}"
    options.output.write_text(text, encoding="ascii")
    notice = options.output.with_suffix(".NOTICE.txt")
    notice.write_text(f"{options.output.name} is derived from WordNet 3.0.\n\n{licence}", encoding="ascii")
    lemmas = table["lemmas"]
    assert isinstance(lemmas, list)
    print(f"{options.output}: {len(lemmas):,} synsets, {len(text):,} bytes; {notice.name} next to it")


if __name__ == "__main__":
    main()
