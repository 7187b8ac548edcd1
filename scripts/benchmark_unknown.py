"""Truth of the scores where most photos show none of the tags: the tables of docs/results/quality.md.

    python scripts/benchmark_unknown.py PHOTOS [--sets aerial clothing flickr8k caltech101] [--conditions half:5 ...]
                                        [--draws 5] [--none N] [--leave-set-out] [--cache DIR] [--json OUT]

PHOTOS holds a folder a set, with `labels.csv` (columns `image`, `tags`, with `|` between tags) and `images/`. In every
draw a share of the tags is known and the others are unknown to the program; a quarter of the photos stays outside the
library. A condition is `SHARE:N` or `SHARE:N:HOW`: the share of tags known, `half` being that of `KNOWN_SHARE` and
`all` every tag; N labelled photos of each known tag; drawn at random, or the nearest to one another in `colours` or in
`features`. With `--none`, so many photos of unknown kinds are labelled as showing none of the tags.

Scores are those of the best tag of each photo, of unlabelled photos in the library and of photos outside: ECE (ten
bins, Guo et al. 2017); AUROC of photos of known against those of unknown kinds; shares of unknown photos with a score
of 0.5 and 0.8; precision of scores of 0.5 and 0.8; recall of known photos at 0.5; precision of `--precision 0.9`; MiAP
of the known photos outside.

`--leave-set-out` settles the constants of `tagging.known` on all sets but one, each with the others as they are, by the
mean ECE over the conditions, and reports the one left out, in turn.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from benchmark_quality import Dataset, calibration_error, miap, read_dataset
from PIL import Image
from sklearn.metrics import roc_auc_score

from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.features.backbones import DEFAULT_BACKBONE
from clustertags.names.encoder import sentence_encoder
from clustertags.names.tag_names import encode_vocabulary
from clustertags.neighbours import N_VOTERS, assign, nearest
from clustertags.tagging import known as known_module
from clustertags.tagging import known_posterior
from clustertags.tagging.labelled_twins import without_twins
from clustertags.tagging.model import TagModel
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.tagging.representation import unit_rows
from clustertags.tagging.thresholds import threshold_table
from clustertags.types import Assignment, Clusters, Features, Neighbours, SeedTags

SETS = ("aerial", "clothing", "flickr8k", "caltech101")
KNOWN_SHARE = {"flickr8k": 0.15, "caltech101": 0.2}
CONDITIONS = ("half:5", "half:10", "all:5", "all:10", "all:5:colours", "all:5:features")
OUTSIDE = 0.25
COLUMNS = ("ECE", "AUROC", "false .5", "false .8", "right .5", "right .8", "kept .5", "at .9")
CANDIDATES: Mapping[str, tuple[float, ...]] = {
    "RESTART": (0.1, 0.15, 0.25),
    "SLOPE": (2.0, 3.0, 4.5),
    "SLOPE_DEVIATION": (0.2, 0.3, 0.5),
    "SLOPE_FROM_LABELS": (0.3, 0.7, 1.0),
    "ALL_KNOWN": (0.1, 0.25, 0.5),
    "SHARE_PRIOR": (0.0, 1.0, 2.0),
    "WITHIN_TAG_CORRELATION": (0.03, 0.1, 0.3),
    "FEW_TAGS": (7.0, 20.0, 60.0),
    "RANDOM_RANK": (0.4, 0.45, 0.5),
}
"""Values to settle, of the constants of these names in `tagging.known` and `tagging.known_posterior`."""


@dataclass(frozen=True)
class Condition:
    share: str
    per_tag: int
    how: str = "random"

    @classmethod
    def of(cls, text: str) -> Condition:
        share, per_tag, *how = text.split(":")
        return cls(share, int(per_tag), *how)

    def known_share(self, name: str) -> float:
        return {"half": KNOWN_SHARE.get(name, 0.5), "all": 1.0}.get(self.share) or float(self.share)

    def __str__(self) -> str:
        how = "" if self.how == "random" else f", nearest in {self.how}"
        return f"{self.share} known, {self.per_tag} a tag{how}"


@dataclass(frozen=True)
class Library:
    """One draw: the library with its layout, and the photos outside. `tags`: all tags in random order."""

    name: str
    tags: list[str]
    inside: list[str]
    outside: list[str]
    features: Features
    new_features: Features
    neighbours: Neighbours
    new_neighbours: Neighbours
    clusters: Clusters
    new_place: Assignment


@dataclass(frozen=True)
class Case:
    """A tag model of a draw and what it takes to score it under other constants: fused scores of all photos."""

    library: Library
    seed_tags: SeedTags
    model: TagModel
    fused: np.ndarray
    new_fused: np.ndarray
    truth: np.ndarray
    new_truth: np.ndarray

    def refitted(self) -> TagModel:
        """The model with its part on known photos fitted anew, under the constants of now."""
        library = self.library
        codes = unit_rows(self.model.representation.codes.astype(np.float64))
        distinct = without_twins(library.features, library.neighbours, self.seed_tags)
        known = known_module.fit_known(library.neighbours, codes, library.clusters, self.seed_tags, distinct)
        calibration = replace(self.model.calibration, prior_weight=1.0 - known.trust)
        model = replace(self.model, known=known, calibration=calibration)
        unlabelled = np.setdiff1d(np.arange(len(self.truth)), self.seed_tags.reviewed)
        table = threshold_table(model.probabilities(self.fused[unlabelled], library.neighbours.take(unlabelled)))
        return replace(model, table=table)

    def measure(self, model: TagModel) -> dict[str, dict[str, float]]:
        """The measures inside and outside the library."""
        library = self.library
        unlabelled = np.setdiff1d(np.arange(len(self.truth)), self.seed_tags.reviewed)
        thresholds = model.thresholds(0.9)
        inside = model.probabilities(self.fused, library.neighbours)[unlabelled]
        outside = model.probabilities(self.new_fused, library.new_neighbours)
        known = self.new_truth.any(axis=1)
        columns = np.arange(self.new_truth.shape[1])
        return {
            "inside": scores_of(inside, self.truth[unlabelled], thresholds),
            "outside": scores_of(outside, self.new_truth, thresholds)
            | {"MiAP": miap(self.new_truth[known], columns, self.new_fused[known])},
        }


def scores_of(probabilities: np.ndarray, truth: np.ndarray, thresholds: np.ndarray) -> dict[str, float]:
    """Measures of the best tags of photos: `probabilities` and `truth` (n, n_tags)."""
    known = truth.any(axis=1)
    best = probabilities.argmax(axis=1)
    score, right = probabilities.max(axis=1), truth[np.arange(len(truth)), best]
    given = probabilities >= thresholds
    return {
        "ECE": calibration_error(score, right, 10),
        "AUROC": float(roc_auc_score(known, score)) if 0 < known.sum() < len(known) else np.nan,
        "false .5": share(score[~known] >= 0.5),
        "false .8": share(score[~known] >= 0.8),
        "right .5": share(right[score >= 0.5]),
        "right .8": share(right[score >= 0.8]),
        "kept .5": share(right[known] & (score[known] >= 0.5)),
        "at .9": share(truth[given]),
    }


def share(flags: np.ndarray) -> float:
    return float(flags.mean()) if flags.size else np.nan


def draw_library(dataset: Dataset, draw: int) -> Library:
    random = np.random.default_rng(draw)
    tags = sorted({tag for tags in dataset.labels.values() for tag in tags})
    tags = [tags[at] for at in random.permutation(len(tags))]
    images = list(dataset.labels)
    images = [images[at] for at in random.permutation(len(images))]
    n_outside = round(OUTSIDE * len(images))
    outside, inside = images[:n_outside], images[n_outside:]
    features, new_features = (
        dataset.features.take(np.array([dataset.rows[image] for image in part])) for part in (inside, outside)
    )
    settings = ClusteringSettings()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reduction = reduce_features(features, settings, seed=draw)
        clusters = cluster_photos(reduction, settings, seed=draw)
    new_space = reduction.projection.project(new_features.values)
    new_neighbours = nearest(reduction.space, new_space, N_VOTERS)
    return Library(
        dataset.name,
        tags,
        inside,
        outside,
        features,
        new_features,
        nearest(reduction.space, reduction.space, N_VOTERS, exclude_self=True),
        new_neighbours,
        clusters,
        assign(new_neighbours, clusters),
    )


def draw_seed_tags(  # noqa: PLR0917
    dataset: Dataset, library: Library, condition: Condition, photos: Path, n_none: int, draw: int
) -> SeedTags:
    known = set(library.tags[: max(2, round(condition.known_share(library.name) * len(library.tags)))])
    truth = [known.intersection(dataset.labels[image]) for image in library.inside]
    chosen: set[int] = set()
    if condition.how == "random":
        seen: Counter[str] = Counter()
        for at, tags in enumerate(truth):
            if any(seen[tag] < condition.per_tag for tag in tags):
                chosen.add(at)
                seen.update(tags)
    else:
        looks = library.features.values
        if condition.how == "colours":
            looks = np.array([colours(photos / library.name / "images" / image) for image in library.inside])
        for tag in sorted(known):
            having = np.array([at for at, tags in enumerate(truth) if tag in tags])
            distances = ((looks[having] - looks[having[0]]) ** 2).sum(axis=1)
            chosen |= set(having[np.argsort(distances, kind="stable")[: condition.per_tag]].tolist())
    rows = np.array(sorted(chosen), np.int32)
    vocabulary = tuple(sorted(set().union(*(truth[at] for at in rows))))
    matrix = np.array([[tag in truth[at] for tag in vocabulary] for at in rows])
    unknown = [at for at, tags in enumerate(truth) if not tags]
    none = np.random.default_rng(draw).permutation(unknown)[:n_none]
    return SeedTags(vocabulary, rows, matrix, none=np.sort(none).astype(np.int32))


def colours(path: Path) -> np.ndarray:
    """The mean colours of 8 x 8 fields, (192,)."""
    with Image.open(path) as image:
        image.draft("RGB", (64, 64))
        small = image.convert("RGB").resize((8, 8), Image.Resampling.BOX)
    return np.asarray(small, np.float64).ravel()


def fit_case(dataset: Dataset, library: Library, seed_tags: SeedTags) -> Case:
    named = encode_vocabulary(seed_tags.vocabulary, dataset.classifier, sentence_encoder())
    model = fit_tag_model(
        library.features, dataset.classifier, library.neighbours, library.clusters, seed_tags, tag_names=named
    )

    def fused(features: Features, neighbours: Neighbours, labels: np.ndarray) -> np.ndarray:
        return model.fusion.contributions(model.component_scores(features, neighbours, labels)).sum(axis=0)

    def truth(images: list[str]) -> np.ndarray:
        return np.array([[tag in dataset.labels[image] for tag in seed_tags.vocabulary] for image in images])

    return Case(
        library,
        seed_tags,
        model,
        fused(library.features, library.neighbours, library.clusters.labels),
        fused(library.new_features, library.new_neighbours, library.new_place.labels),
        truth(library.inside),
        truth(library.outside),
    )


@contextmanager
def constants(values: Mapping[str, float]) -> Iterator[None]:
    """Other values of the constants of how known photos are told."""
    places = [(module, name) for name in values for module in (known_module, known_posterior) if hasattr(module, name)]
    before = [getattr(module, name) for module, name in places]
    for module, name in places:
        setattr(module, name, values[name])
    try:
        yield
    finally:
        for (module, name), value in zip(places, before, strict=True):
            setattr(module, name, value)


Cases = dict[str, dict[Condition, list[Case]]]


def errors_of(cases: Cases) -> dict[tuple[str, float], dict[str, float]]:
    """For each value of each constant, the others as they are: each set's mean ECE over its conditions."""
    return {
        (constant, value): {name: mean_error(conditions, {constant: value}) for name, conditions in cases.items()}
        for constant, candidates in CANDIDATES.items()
        for value in candidates
    }


def mean_error(conditions: Mapping[Condition, list[Case]], values: Mapping[str, float]) -> float:
    with constants(values):
        return float(
            np.mean(
                [
                    np.mean([case.measure(case.refitted())["inside"]["ECE"] for case in cases])
                    for cases in conditions.values()
                ]
            )
        )


def settle(errors: Mapping[tuple[str, float], Mapping[str, float]], left_out: str) -> dict[str, float]:
    """The value of each constant with the lowest mean error over all sets but one."""

    def error(constant: str, value: float) -> float:
        return float(np.mean([error for name, error in errors[constant, value].items() if name != left_out]))

    return {
        constant: min(candidates, key=lambda value: error(constant, value))
        for constant, candidates in CANDIDATES.items()
    }


def report(name: str, condition: Condition, cases: list[Case], settled: Mapping[str, float]) -> list[dict[str, object]]:
    with constants(settled):
        measured = [case.measure(case.refitted()) for case in cases]
    for place in ("inside", "outside"):
        values = {key: [item[place][key] for item in measured] for key in measured[0][place]}
        cells = [f"{np.nanmean(values[key]):.3f}" if np.isfinite(values[key]).any() else "–" for key in COLUMNS]
        cells[0] += f" ± {np.std(values['ECE']):.3f}"
        cells.append(f"{np.mean(values['MiAP']):.3f}" if "MiAP" in values else "")
        print(f"| {name}, {condition}, {place} | {' | '.join(cells)} |", flush=True)
    return [{"set": name, "condition": str(condition), "draw": draw, **item} for draw, item in enumerate(measured)]


def main() -> None:
    options = parse()
    conditions = [Condition.of(text) for text in options.conditions]
    cases: Cases = {}
    for name in options.sets:
        dataset = read_dataset(options.photos / name, None, options)
        found: dict[Condition, list[Case]] = {condition: [] for condition in conditions}
        for draw in range(options.draws):
            library = draw_library(dataset, draw)
            for condition in conditions:
                seed_tags = draw_seed_tags(dataset, library, condition, options.photos, options.none, draw)
                found[condition].append(fit_case(dataset, library, seed_tags))
        cases[name] = found
    columns = ("labelled", *COLUMNS, "MiAP")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)
    rows = []
    errors = errors_of(cases) if options.leave_set_out else {}
    for name in options.sets:
        settled = settle(errors, name) if errors else {}
        if settled:
            print(f"settled without {name}: {settled}", flush=True)
        for condition, some in cases[name].items():
            rows += report(name, condition, some, settled)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="the folder of the labelled sets")
    parser.add_argument("--sets", nargs="+", default=list(SETS))
    parser.add_argument("--conditions", nargs="+", default=list(CONDITIONS))
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--none", type=int, default=0, help="photos labelled as none of the tags")
    parser.add_argument("--leave-set-out", action="store_true", help="settle the constants on the other sets")
    parser.add_argument("--cache", type=Path, default=Path("artifacts/benchmark"), help="the folder of cached features")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE)
    parser.add_argument("--views", type=int, default=1, help="average the first N augmentations of a photo")
    parser.add_argument("--json", type=Path, help="write every draw here too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
