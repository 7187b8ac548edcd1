"""Is the level of the clusters the one that people mean: on broad kinds, on fine ones, and on mixtures of sets.

    python scripts/benchmark_levels.py default SET... [--seeds 2] [--methods ours,plain5,plain15] [--cache DIR]
    python scripts/benchmark_levels.py constants SET... [--seeds 1] [--cache DIR]
    python scripts/benchmark_levels.py labels SET... [--seeds 1] [--draws 3] [--cache DIR]

A SET is what `benchmark_clusters.py` reads. Others are derived from the sets: every two, all but one, and all pooled;
a few kinds of each, drawn at random; a half and a quarter of the photos of each. A photo's kind is the rarest of its
tags in its set, and unclustered photos are one more cluster.

`default` prints the AMI without labels of every set, and the mean over the sets, over their mixtures and over their
parts; `plain5` and `plain15` are umap-learn (defaults, but 10 components) on the same 64 numbers of PCA, and hdbscan
with clusters of 5 or more (its default) and of 15. `constants` settles the two constants of `clustering/levels.py` on
all that is not derived from one of the sets, and reports what they give on that set and its parts. `labels` draws
labelled photos and prints how far they change the AMI.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from benchmark_clusters import read_set
from sklearn.metrics import adjusted_mutual_info_score

from clustertags.clustering import selection
from clustertags.clustering.levels import Hierarchy, cut_by_description
from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.runs import SampleLayout, full_layout, sample_layout, voters_for
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.neighbours import nearest
from clustertags.types import Features, Neighbours, Reduction, SeedTags

SETTINGS = ClusteringSettings()
KINDS_KEPT = (3, 5, 10, 20, 50)
LABELLED = (0, 7, 15, 30, 60, 100, 200)
TIMES, MODULARITIES = (1.0, 1.3, 1.5, 1.75, 2.0, 2.3), (0.0, 0.5, 1.0, 2.0)


class Case(NamedTuple):
    """Photos to cluster: `sets` they come from, `group` "sets", "mixtures" or "parts", features and kinds."""

    name: str
    group: str
    sets: tuple[str, ...]
    features: np.ndarray
    kinds: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["default", "constants", "labels"])
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--methods", default="ours")
    parser.add_argument("--only", choices=["sets", "mixtures", "parts"], help="these cases alone")
    parser.add_argument("--cache", type=Path, default=Path("artifacts/benchmark"), help="where features are kept")
    options = parser.parse_args()
    cases = [case for case in derived(options.sets, options.cache) if options.only in (None, case.group)]
    warnings.simplefilter("ignore")  # other packages warn about seeds and threads
    if options.what == "default":
        compare(cases, {name: METHODS[name] for name in options.methods.split(",")}, options.seeds)
    elif options.what == "constants":
        settle(cases, options.seeds)
    else:
        label(cases, options.seeds, options.draws)


def derived(paths: list[Path], cache: Path) -> Iterator[Case]:
    """The sets, their mixtures and their parts; what is drawn is drawn alike each time."""
    sets = {}
    for path in paths:
        features, kinds = read_set(path, cache)
        sets[path.stem] = features, np.array([f"{path.stem}/{kind}" for kind in kinds])
    for name, (features, kinds) in sets.items():
        yield Case(name, "sets", (name,), features, kinds)
    sizes = sorted({2, len(sets) - 1, len(sets)} - {0, 1})
    for names in (names for size in sizes for names in combinations(sets, size)):
        features, kinds = (np.concatenate([sets[name][of] for name in names]) for of in (0, 1))
        yield Case("+".join(names), "mixtures", names, features, kinds)
    for name, (features, kinds) in sets.items():
        draw = np.random.default_rng(len(kinds))
        every = np.unique(kinds)
        for count in (count for count in KINDS_KEPT if count < len(every)):
            for half in "ab":
                rows = np.isin(kinds, draw.choice(every, count, replace=False))
                yield Case(f"{name}, {count} kinds {half}", "parts", (name,), features[rows], kinds[rows])
        for share in (2, 4):
            rows = np.sort(draw.choice(len(kinds), len(kinds) // share, replace=False))
            yield Case(f"{name}, 1/{share} of the photos", "parts", (name,), features[rows], kinds[rows])


def reduced(case: Case, seed: int) -> Reduction:
    given = Features(case.features, np.ones(len(case.features), np.float32))
    return reduce_features(given, SETTINGS, seed=seed)


def layouts(case: Case, seed: int) -> tuple[list[SampleLayout], Neighbours]:
    """What `cluster_photos` cuts, and the neighbours of all photos."""
    reduction = reduced(case, seed)
    space, n = reduction.space, len(case.kinds)
    neighbours = nearest(space, space, voters_for(n), exclude_self=True)
    looks = [full_layout(space, reduction.embedding, neighbours, SETTINGS)]
    return looks + [
        sample_layout(space, SETTINGS, number=i, seed=seed) for i in range(1, SETTINGS.n_runs_for(n))
    ], neighbours


def ours(case: Case, seed: int) -> np.ndarray:
    return cluster_photos(reduced(case, seed), SETTINGS, seed=seed).labels


def plain(min_cluster_size: int) -> Callable[[Case, int], np.ndarray]:
    def clustered(case: Case, seed: int) -> np.ndarray:
        import hdbscan
        import umap

        embedding = umap.UMAP(n_components=10, random_state=seed).fit_transform(reduced(case, seed).space)
        return hdbscan.HDBSCAN(min_cluster_size=min_cluster_size).fit_predict(embedding)

    return clustered


METHODS = {"ours": ours, "plain5": plain(5), "plain15": plain(15)}


def compare(cases: list[Case], methods: dict[str, Callable[[Case, int], np.ndarray]], seeds: int) -> None:
    print("| photos | kinds | " + " | ".join(f"{name}: AMI | clusters" for name in methods) + " |")
    print("|---|---|" + "---|" * 2 * len(methods))
    scores: dict[str, list[np.ndarray]] = {}
    for case in cases:
        found = [[method(case, seed) for seed in range(seeds)] for method in methods.values()]
        ami = np.array([[adjusted_mutual_info_score(case.kinds, labels) for labels in each] for each in found])
        clusters = [np.mean([labels.max() + 1 for labels in each]) for each in found]
        cells = (f"{score:.3f} | {count:.0f}" for score, count in zip(ami.mean(axis=1), clusters, strict=True))
        print(f"| {case.name} | {len(np.unique(case.kinds))} |", " | ".join(cells), "|", flush=True)
        scores.setdefault(case.group, []).append(ami.mean(axis=1))
    for group, rows in scores.items():
        print(f"| **mean of {len(rows)} {group}** | |", " | | ".join(f"{x:.4f}" for x in np.mean(rows, axis=0)), "| |")


def settle(cases: list[Case], seeds: int) -> None:
    """Leave one set out: the constants with the highest mean AMI on the other sets, their mixtures and their parts."""
    grid = [(time, modularity) for time in TIMES for modularity in MODULARITIES]
    scores = np.array([np.mean([_by_constants(case, seed, grid) for seed in range(seeds)], axis=0) for case in cases])
    print("| time | modularity | " + " | ".join(groups := ["sets", "mixtures", "parts"]) + " |\n|---|---|---|---|---|")
    for at, (time, modularity) in enumerate(grid):
        means = (scores[[case.group == group for case in cases], at].mean() for group in groups)
        print(f"| {time} | {modularity} |", " | ".join(f"{mean:.4f}" for mean in means), "|")
    print("\n| held out | time | modularity | AMI of the set | mean of its parts |\n|---|---|---|---|---|")
    for held in (case.name for case in cases if case.group == "sets"):
        others = np.array([held not in case.sets for case in cases])
        best = int(
            np.mean([scores[others & [c.group == g for c in cases]].mean(axis=0) for g in groups], axis=0).argmax()
        )
        own = scores[[case.name == held for case in cases], best].mean()
        parts = scores[[case.sets == (held,) and case.group == "parts" for case in cases], best].mean()
        print(f"| {held} | {grid[best][0]} | {grid[best][1]} | {own:.4f} | {parts:.4f} |")


def _by_constants(case: Case, seed: int, grid: list[tuple[float, float]]) -> list[float]:
    looks, neighbours = layouts(case, seed)
    scores = []
    for time, modularity in grid:
        flat = [_cut(look, time, modularity) for look in looks]
        scores.append(adjusted_mutual_info_score(case.kinds, selection.agreed(flat, neighbours, SETTINGS).labels))
    return scores


def _cut(look: SampleLayout, time: float, modularity: float) -> SampleLayout:
    assert isinstance(look.levels, Hierarchy)
    return replace(look, levels=cut_by_description(look.levels, time=time, modularity=modularity))


def label(cases: list[Case], seeds: int, draws: int) -> None:
    """The change of AMI by labelled photos; the layouts are made once a case and seed."""
    print("| photos | " + " | ".join(f"{n} labelled" for n in LABELLED) + " |\n|---|" + "---|" * len(LABELLED))
    changes: dict[str, list[np.ndarray]] = {}
    for case in cases:
        rows = [_by_labels(case, seed, draws) for seed in range(seeds)]
        ami = np.mean(rows, axis=0)
        print(f"| {case.name} |", " | ".join(f"{x:.3f}" for x in ami), "|", flush=True)
        changes.setdefault(case.group, []).append(ami - ami[0])
    for group, of_group in changes.items():
        mean, low = np.nanmean(of_group, axis=0), np.nanmin(of_group, axis=0)
        print(
            f"| **change, {group}** (lowest) |",
            " | ".join(f"{m:+.4f} ({x:+.3f})" for m, x in zip(mean, low, strict=True)),
            "|",
        )


def _by_labels(case: Case, seed: int, draws: int) -> list[float]:
    """The AMI with each number of labelled photos; nan where fewer than twice as many photos are there."""
    looks, neighbours = layouts(case, seed)
    n = len(case.kinds)
    names, kinds = np.unique(case.kinds, return_inverse=True)
    scores = []
    for labelled in LABELLED:
        of_draws = []
        for number in range(draws if 0 < labelled <= n // 2 else int(labelled == 0)):
            photos = np.sort(np.random.default_rng([number, labelled]).choice(n, labelled, replace=False))
            shown = np.eye(len(names), dtype=np.bool_)[kinds[photos]]
            tags = SeedTags(tuple(names), photos.astype(np.int32), shown) if labelled else None
            found = selection.selected(looks, neighbours, SETTINGS, tags)
            of_draws.append(adjusted_mutual_info_score(case.kinds, found.labels))
        scores.append(float(np.mean(of_draws)) if of_draws else float("nan"))
    return scores


if __name__ == "__main__":
    main()
