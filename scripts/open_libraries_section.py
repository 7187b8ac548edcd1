"""The section of docs/results/benchmark.md on open libraries, from runs of `clustertags benchmark --open-share`.

    python scripts/open_libraries_section.py DIR

DIR holds the output folder of each set's run. scripts/benchmark_methods.py --open DIR puts it into the document.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from clustertags.benchmark.run import RESULTS_FILE

COLUMNS = {
    "AUROC": "auroc",
    "outside": "outside_auroc",
    "ECE": "ece",
    "ECE outside": "outside_ece",
    "unknown, 0.5": "unknown_at_50",
    "unknown, 0.8": "unknown_at_80",
    "right, 0.5": "precision_at_50",
    "right, 0.8": "precision_at_80",
    "kept, 0.5": "kept_at_50",
}
OWN = "clustertags"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    print(open_libraries(parser.parse_args().folder))


def open_libraries(folder: Path) -> str:
    """The Markdown of all sets below `folder` that have results on open libraries."""
    parts = [HEAD]
    for path in sorted(folder.glob(f"*/{RESULTS_FILE}")):
        results = json.loads(path.read_bytes())
        found = results["open"] or {"labels_a_tag": []}
        parts += [set_part(results["set"]["title"], found, results, budget) for budget in found["labels_a_tag"]]
    return "\n".join(parts)


def set_part(title: str, found: dict[str, Any], results: dict[str, Any], budget: int) -> str:
    inside, outside = (item for item in found["libraries"] if item["budget"] == budget)
    head = ["method", "scores", *COLUMNS]
    lines = [
        f"### {title}, {budget} labels a tag",
        "",
        f"{found['n_known']} of {found['n_tags']} tags known; {inside['n_labelled']:.0f} photos labelled, "
        f"{inside['n_photos']:.0f} others in the library, {inside['unknown_share']:.0%} of them of unknown kinds, "
        f"{outside['n_photos']:.0f} outside; {found['n_draws']} draws. {standing(results, budget)}",
        "",
        f"| {' | '.join(head)} |",
        f"|{'|'.join(['---'] * len(head))}|",
        *(f"| {' | '.join(row)} |" for row in rows(found, budget)),
        "",
    ]
    return "\n".join(lines)


def standing(results: dict[str, Any], budget: int) -> str:
    """The AUROC of clustertags in the library, and the best one of rows that are none of its components."""
    family = {row["name"]: row["family"] for row in results["methods"]}
    aurocs = {
        row["name"]: (row["figures"]["auroc"]["mean"], row["title"])
        for row in results["open"]["methods"]
        if (row["budget"], row["place"]) == (budget, "library")
    }
    others = [found for name, found in aurocs.items() if family[name] != OWN]
    if OWN not in aurocs or not others:
        return ""
    value, title = max(others)
    return f"AUROC of clustertags {aurocs[OWN][0]:.3f}, of the best other row {value:.3f} ({title})."


def rows(found: dict[str, Any], budget: int) -> list[list[str]]:
    """The methods by their AUROC in the library, scores as given above the mapped ones."""
    of_budget = [row for row in found["methods"] if row["budget"] == budget]
    outside = {(row["name"], row["kind"]): row["figures"] for row in of_budget if row["place"] == "outside"}
    inside = [row for row in of_budget if row["place"] == "library"]
    inside.sort(key=lambda row: (-row["figures"]["auroc"]["mean"], row["name"], row["kind"]))
    lines = []
    for row in inside:
        title = row["title"].replace("|", "\\|").replace("<", "&lt;")
        there = outside[row["name"], row["kind"]]
        figures = {**row["figures"], "outside_auroc": there["auroc"], "outside_ece": there["ece"]}
        cells = (spread(figures[name]) for name in COLUMNS.values())
        lines.append([f"**{title}**" if row["name"] == OWN else title, row["kind"], *cells])
    return lines


def spread(found: dict[str, Any] | None) -> str:
    if found is None:
        return "–"
    return f"{found['mean']:.2f}" + ("" if found["deviation"] is None else f" ± {found['deviation']:.2f}")


HEAD = """## Open libraries

In a person's library most photos show none of the tags that were given. With `--open-share 0.5` half of the tags are
known, and photos of the others alone are of unknown kinds; a quarter of all photos is outside the library. Photos are
labelled until each known tag has its labels, with known tags alone; every method gets the other photos of the library
unlabelled. Three rows are made for this setting: Elkan-Noto, nnPU and nearest-neighbour rejection; the tables above
were measured without them.

    clustertags benchmark SHARED/photos/SET/images --tags SHARED/photos/SET/labels.csv --output DIR/SET \\
      --budgets 5 --draws 3 --open-share 0.5 --methods popularity,clustertags,without-names,head,neighbours,graph,\\
    label-spreading,nearest-photos,nearest-neighbour-rejection,tag-vote,knn-classifier,linear-svm,\\
    logistic-regression,elkan-noto,nnpu
    python scripts/open_libraries_section.py DIR

Figures are of each photo's best tag, in the library where not said otherwise. AUROC: of its score, photos of known
against photos of unknown kinds, 0.5 is chance; *outside*: the same of photos outside the library. ECE: of its score, in
ten bins. *Unknown*: share of the photos of unknown kinds with a tag at 0.5 or 0.8. *Right*: of the tags at 0.5 or 0.8,
the share that is right. *Kept*: share of the photos of known kinds with a right tag at 0.5. Means over draws ± their
standard deviation.

Scores *as given* are those of methods that give 0..1, unchanged; not all are meant as probabilities, those of label
spreading for one are not. *Mapped* are all scores after one monotone map to probabilities for all tags, as in the
calibration tables above: isotonic regression on true tags, of the other half of the library's photos, or for photos
outside of all of them. Nobody has those tags in practice; these lines compare the order of scores in any unit.
"""


if __name__ == "__main__":
    main()
