"""Benchmark all methods on all labelled sets, and write docs/results/benchmark.md from the results.

    python scripts/benchmark_methods.py SHARED --output DIR [--sets clothing,...] [--methods ...] [--draws 5]
    python scripts/benchmark_methods.py SHARED --output DIR --write docs/results/benchmark.md [--why FILE] [--open DIR]

SHARED holds `photos/<set>/images` with `labels.csv` beside it, and `harrison`. Each set has a folder of its own in DIR,
with features, cells, results and the report; an interrupted run resumes. The document is written from the results
in DIR. `--why` is a text for below the first statement: why something is not first. `--open` is the folder of runs with
`--open-share`, see open_libraries_section.py.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from open_libraries_section import open_libraries

from clustertags.benchmark.datasets.harrison import read_harrison
from clustertags.benchmark.datasets.labelled_set import LabelledSetRequest
from clustertags.benchmark.datasets.splits import SplitSettings
from clustertags.benchmark.execution.runner import RunCallbacks
from clustertags.benchmark.method_registry import find_methods, usual_methods
from clustertags.benchmark.results.popularity_baseline import PUBLISHED_FIGURES, PopularityResult, score_popularity
from clustertags.benchmark.results.published_figures import PUBLISHED_RESULTS
from clustertags.benchmark.run import CACHE_FOLDER, RESULTS_FILE, BenchmarkRequest, run_benchmark

SETS = ("flickr8k", "caltech101", "clothing")
FIGURES = ("MiAP", "P@1", "R@5", "A@5", "MAP", "NDCG")
MAIN = "MiAP"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--methods", default="")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--write", type=Path, help="write the document here, from the results that are there")
    parser.add_argument("--why", type=Path)
    parser.add_argument("--open", type=Path)
    options = parser.parse_args()
    names = [name for name in options.sets.split(",") if name]
    if options.write is None:
        for name in names:
            run(name, options)
        return
    found = {name: json.loads((options.output / name / RESULTS_FILE).read_bytes()) for name in names}
    popularity = score_popularity(read_harrison(options.shared / "harrison"))
    why = options.why.read_text(encoding="utf-8").strip() if options.why else ""
    open_part = open_libraries(options.open) if options.open else ""
    options.write.write_text(document(found, popularity, why, open_part), encoding="utf-8")


def run(name: str, options: argparse.Namespace) -> None:
    folder = options.shared / "photos" / name
    wanted = [method for method in options.methods.split(",") if method]
    methods = find_methods(wanted) if wanted else usual_methods()
    output = options.output / name
    request = BenchmarkRequest(
        LabelledSetRequest(
            folder / "images", output / CACHE_FOLDER, str(folder / "labels.csv"), backbone=options.backbone
        ),
        output,
        tuple(methods),
        SplitSettings(n_draws=options.draws, random_state=options.seed),
    )
    print(f"== {name}", file=sys.stderr)
    results = run_benchmark(request, RunCallbacks(notice=lambda text: print(text, file=sys.stderr, flush=True)))
    print("\n".join(results.to_json()["verdict"]))


def document(found: dict[str, dict[str, Any]], popularity: PopularityResult, why: str, open_part: str) -> str:
    parts = [HEAD, statement(found, why)]
    parts += [set_part(name, results) for name, results in found.items()]
    parts += [open_part, tags_alone(popularity), published_results(), TAIL]
    return "\n".join(parts).rstrip() + "\n"


def statement(found: dict[str, dict[str, Any]], why: str) -> str:
    leading = [name for name, results in found.items() if results["ours_first_or_within"]]
    if not found:
        return "No set has been measured yet.\n"
    if len(leading) == len(found):
        summary = "`clustertags` is first, or within the interval of the first, by MiAP at every budget on every set."
    else:
        missing = ", ".join(name for name in found if name not in leading)
        summary = f"**`clustertags` is not first, nor within the interval of the first, everywhere: see {missing}.**"
    lines = [summary, ""]
    for name, results in found.items():
        lines += [f"- {name}: {' '.join(sentence for sentence in results['verdict'] if f'By {MAIN}' in sentence)}"]
    return "\n".join([*lines, "", *([why, ""] if why else [])])


def set_part(name: str, results: dict[str, Any]) -> str:
    described, split = results["set"], results["split"]
    lines = [
        f"## {name}",
        "",
        f"{described['n_photos']:,} photos, {described['n_tags']:,} tags, {described['tags_a_photo']:.1f} a photo; "
        f"{split['n_test']:,} for the test, {split['n_training']:,} for training; {split['n_draws']} draws, seed "
        f"{split['seed']}, split `{split['digest'][:16]}`, network `{described['backbone']}`.",
        "",
    ]
    for budget in split["budgets"]:
        lines += budget_part(results, budget["budget"], budget["name"])
    lines += calibration_part(results) + cluster_part(results)
    for section in results["sections"]:
        lines += [f"### {section['title']}", "", section["words"], "", *table(section["columns"], section["rows"]), ""]
    return "\n".join(lines)


def budget_part(results: dict[str, Any], budget: int, name: str) -> list[str]:
    one_tag = [name for name in results["figures"] if name.startswith("top-")]
    columns = [*FIGURES, *one_tag[1:]]
    head = ["method", MAIN, "minus best baseline", *columns[1:], "fit s", "predict s", "MiB"]
    rows, absent = [], []
    for row in sorted(results["methods"], key=lambda row: -value_at(row, budget)):
        found = next((item for item in row["budgets"] if item["budget"] == budget), None)
        if found is None:
            absent.append(f"{row['title']} (`{row['name']}`): {'; '.join(row['reasons']) or 'not computed'}")
            continue
        first, *others = (spread(found["figures"].get(figure)) for figure in columns)
        memory = "–" if found["peak_bytes"] is None else f"{found['peak_bytes'] / 2**20:,.0f}"
        title = f"**{cell(row['title'])}**" if row["name"] == "clustertags" else cell(row["title"])
        times = (f"{found['fit_seconds']:.2f}", f"{found['predict_seconds']:.2f}")
        rows.append([title, first, gap(found["difference"].get(MAIN)), *others, *times, memory])
    lines = [f"### {name}", "", *table(head, rows), ""]
    if absent:
        lines += ["Without results here:", "", *(f"- {cell(text)}" for text in absent), ""]
    return lines


def calibration_part(results: dict[str, Any]) -> list[str]:
    rows = []
    for row in results["methods"]:
        found = row["judged"]
        if found:
            given = found["error_as_given"]
            counts = [f"{found[name]:,}" for name in ("tp", "fp", "fn", "tn")]
            ece = [f"{item['value']:.3f}" if item else "–" for item in (given, found["error"], found["brier"])]
            rows.append([cell(row["title"]), *ece, *counts])
    description = (
        "Largest budget, first draw. ECE as given: of scores in 0..1 as they are. ECE, Brier score and the counts of "
        "tags predicted from 0.5 on: after one monotone map, fitted on training photos without labels."
    )
    head = ["method", "ECE as given", "ECE", "Brier", "TP", "FP", "FN", "TN"]
    return ["### Calibration and decisions", "", description, "", *table(head, rows), ""]


def cluster_part(results: dict[str, Any]) -> list[str]:
    found = results["clusters"]
    if not found:
        return []
    names = ("ami", "nmi", "ari", "accuracy", "purity")
    rows = [
        [item["photos"], f"{item['share']:.3f}", *("–" if item[n] is None else f"{item[n]:.3f}" for n in names)]
        for item in found["agreements"]
    ]
    description = (
        f"{found['n_clusters']:,} clusters of the {found['n_photos']:,} training photos, computed without tags; noise "
        f"{found['noise']:.1%}, unclustered after the vote {found['unclustered']:.1%}."
    )
    head = ["photos", "share", "AMI", "NMI", "ARI", "accuracy", "tag purity"]
    return ["### Clusters against tags", "", description, "", *table(head, rows), ""]


def tags_alone(found: PopularityResult) -> str:
    rows = [
        [
            name,
            f"{s.mean:.3f} ± {s.deviation or 0:.3f}",
            f"{found.splits[0][name]:.3f}",
            f"{PUBLISHED_FIGURES[name]:.3f}",
        ]
        for name, s in found.figures.items()
    ]
    head = ["figure", f"{len(found.splits)} splits", "first split", "published, one random split"]
    description = (
        f"The five most frequent tags ({', '.join(found.first_tags)}) of {found.n_training:,} lists, predicted for "
        f"{found.n_test:,} others. The lists have no split: the published results are of one unknown random split, and "
        "splits differ by more than the last digit."
    )
    return "\n".join(["## HARRISON, tags alone", "", description, "", *table(head, rows), ""])


def published_results() -> str:
    rows = [
        [item.title, "; ".join(f"{name} {value:.4g}" for name, value in item.figures), item.data, item.source]
        for item in PUBLISHED_RESULTS
    ]
    description = "As their papers report them; never ranked with the rows above."
    return "\n".join(
        ["## Published, other data", "", description, "", *table(["method", "figures", "data", "source"], rows), ""]
    )


def value_at(row: dict[str, Any], budget: int) -> float:
    return next((float(item["figures"][MAIN]["mean"]) for item in row["budgets"] if item["budget"] == budget), -1.0)


def spread(found: dict[str, Any] | None) -> str:
    if not found:
        return "–"
    return f"{found['mean']:.3f}" + ("" if found["deviation"] is None else f" ± {found['deviation']:.3f}")


def gap(found: dict[str, Any] | None) -> str:
    if not found or found["value"] is None:
        return "–"
    ends = "" if found["low"] is None else f" ({found['low']:+.3f} to {found['high']:+.3f})"
    return f"{found['value']:+.3f}{ends}"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(['---'] * len(head))}|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


HEAD = """# Methods of the field

`clustertags benchmark` gives every method the same photos, features, splits and metrics.
"""

TAIL = """## How it is measured

- Half of the photos are the test part, and no fit uses them. Near-duplicates (connected components of cosines above
  0.98) are kept in one part. The split is written next to the results with its hash and can be reused.
- Where each photo has one tag, budgets count labelled photos a tag, else labelled photos. A draw's smaller budgets are
  subsets of its larger ones. Every method gets the other training photos without their tags.
- A method gets features, the network's outputs, pictures and the names of tags, ordered by the photos' content hashes:
  no name of a file or folder, and no order of lines.
- Values are means over draws ± their standard deviation. *Minus best baseline*: MiAP minus that of the best row that is
  not of this program, with the 95 % interval of a paired bootstrap over photos and draws.
- *First*: the highest mean of all rows, this program's components included; *within the interval of the first*: the
  paired interval of the difference to the first contains 0.
- In MiAP equal scores count at the last of their ranks, as in scikit-learn.
- Fit and predict are seconds for each draw, with features computed before; MiB is the peak resident memory of the
  method's process.
- HARRISON's lists have no official split: 52,383 and 5,000 photos, drawn at random.

To repeat it, with the labelled photos in `SHARED`:

    python scripts/benchmark_methods.py SHARED --output DIR
    python scripts/benchmark_methods.py SHARED --output DIR --write docs/results/benchmark.md --open OPEN
"""


if __name__ == "__main__":
    main()
