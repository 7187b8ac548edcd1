"""Derive clustertags/names/imagenet_lemmas.json: every name of the synsets in imagenet_hierarchy.json.

    python scripts/build_lemmas.py [--nouns /usr/share/wordnet/data.noun] [--output FILE]

The same nouns as for scripts/build_hierarchy.py, whose table must exist: the rows of this one are the same.
The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from build_hierarchy import PACKAGE, read_classes, timm_synsets

OUTPUT = PACKAGE / "imagenet_lemmas.json"


def read_lemmas(path: Path) -> dict[int, tuple[list[str], list[int]]]:
    """All names of each noun synset and the offsets of its hypernyms, by offset (wndb(5WN))."""
    found = {}
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith("  "):
            continue
        fields = line.split(" | ")[0].split()
        n_words = int(fields[3], 16)
        lemmas = [fields[4 + 2 * at].replace("_", " ") for at in range(n_words)]
        pointers = fields[4 + 2 * n_words :]
        links = [pointers[1 + 4 * at : 5 + 4 * at] for at in range(int(pointers[0]))]
        found[int(fields[0])] = (lemmas, [int(link[1]) for link in links if link[0] in ("@", "@i")])
    return found


def rows_of(
    table: dict[str, list[list[int]]], classes: list[int], nouns: dict[int, tuple[list[str], list[int]]]
) -> list[int]:
    """The offset of every row of the hierarchy's table: parents are in the order of the synset's own pointers."""
    offsets = dict(enumerate(classes))
    for row, above in enumerate(table["parents"]):  # children before their parents
        offsets.update(zip(above, nouns[offsets[row]][1], strict=True))
    return [offsets[row] for row in range(len(table["parents"]))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nouns", type=Path, default=Path("/usr/share/wordnet/data.noun"))
    parser.add_argument("--synsets", type=Path, default=None, help="the classes' synset names; timm's by default")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args()
    table = json.loads((PACKAGE / "imagenet_hierarchy.json").read_text(encoding="ascii"))
    nouns = read_lemmas(options.nouns)
    offsets = rows_of(table, read_classes(options.synsets or timm_synsets()), nouns)
    lemmas = [nouns[offset][0] for offset in offsets]
    assert [names[0] for names in lemmas] == table["lemmas"], "the hierarchy's table is of other nouns"
    text = json.dumps({"schema_version": 1, "source": table["source"], "lemmas": lemmas}, separators=(",", ":")) + "\n"
    options.output.write_text(text, encoding="ascii")
    print(f"{options.output}: {sum(map(len, lemmas)):,} names of {len(lemmas):,} synsets, {len(text):,} bytes")


if __name__ == "__main__":
    main()
