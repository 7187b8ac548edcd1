"""Accuracy of the tags and of each component on labelled photos: the table of docs/results/quality.md.

    python scripts/benchmark_quality.py DATASET... [--labels 50 100 200 | --per-tag 1 3 5 10] [--repeats 5]
                                        [--features FILE.npz...] [--cache DIR] [--without PART] [--json OUT]
                                        [--names german | nonsense] [--leave-set-out]

DATASET holds `labels.csv` (columns `image`, `tags`, with `|` between tags) and `images/`. Every repeat splits the
photos once: a fifth is the test, the rest is the library, of which the first few in random order are labelled.
Clusters, neighbour graph and tag model are fitted on the library only. Tags of fewer than 10 photos are excluded.

Features are computed once and cached in `--cache`; or they are read by `--features`, one file a data set: `F` (n,
n_views, n_features) or (n, n_features) before normalising, and `images`, with `--classifier` for `W` and `b` of the
network. Augmentations of a photo are averaged with `--views N`. `--without PART` removes a component of the tag model,
the tags' `names`, or the network's class `outputs`, and refits the rest.

`--names german` reads the tags translated (`german_tags.json`), `--names nonsense` as `IMG2001`, `IMG2002` and so on,
where names say nothing. `--leave-set-out` settles how many unlabelled photos to a labelled one let the graph count as
much as the head on all data sets but one, by the mean of what the fused answer is above the best component, and reports
the one left out, in turn.

Columns: MiAP of each component alone and fused, P@1 and MAP fused, ECE over all (photo, tag) pairs and over the top tag
of each photo of the test; ECE over the top tag of all photos without a label, in brackets what a perfect calibration
would show on as many photos; and precision (and recall) at the target precisions 0.7, 0.8 and 0.9.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import time
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.features.backbones import DEFAULT_BACKBONE
from clustertags.names.encoder import sentence_encoder
from clustertags.names.tag_names import encode_vocabulary
from clustertags.neighbours import assign, nearest
from clustertags.tagging import fusion, model_fit
from clustertags.tagging.fusion import WEIGHTED_COMPONENTS, Fusion, fit_fusion, weighted_components
from clustertags.tagging.model import TagModel
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.types import Assignment, Classifier, Clusters, Features, Neighbours, Projection, SeedTags

N_NEIGHBOURS = 15
MIN_COUNT = 10
TARGET_PRECISIONS = (0.7, 0.8, 0.9)
GERMAN = Path(__file__).with_name("german_tags.json")
PHOTOS_PER_LABELLED = (20.0, 35.0, 60.0)
"""Candidates of `fusion.PHOTOS_PER_LABELLED` where a set is left out."""
Budget = tuple[str, int]


@dataclass(frozen=True)
class Dataset:
    name: str
    labels: dict[str, list[str]]
    rows: dict[str, int]
    features: Features
    classifier: Classifier | None
    reads_names: bool = True


@dataclass(frozen=True)
class Split:
    """One repeat: the library with its clusters and graph, and the test photos."""

    pool: list[str]
    test: list[str]
    pool_features: Features
    test_features: Features
    projection: Projection
    graph: Neighbours
    test_neighbours: Neighbours
    clusters: Clusters


def main() -> None:
    options = parse()
    if options.without in WEIGHTED_COMPONENTS:
        exclude(WEIGHTED_COMPONENTS.index(options.without))
    budgets = [("labels", n) for n in options.labels or ()] or [
        ("per_tag", n) for n in options.per_tag or (1, 3, 5, 10)
    ]
    candidates = PHOTOS_PER_LABELLED if options.leave_set_out else (fusion.PHOTOS_PER_LABELLED,)
    print(header(), flush=True)
    measured: dict[float, dict[tuple[str, Budget], list[dict[str, float]]]] = {value: {} for value in candidates}
    for at, folder in enumerate(options.datasets):
        given = options.features[at] if options.features else None
        dataset = renamed(read_dataset(folder, given, options), options.names)
        for repeat in range(options.repeats):
            split = make_split(dataset, repeat)
            for budget, value in itertools.product(budgets, candidates):
                fusion.PHOTOS_PER_LABELLED = value
                measured[value].setdefault((dataset.name, budget), []).append(measure(dataset, split, *budget))
        if not options.leave_set_out:
            for budget in budgets:
                print(table_row(dataset.name, budget, measured[candidates[0]][dataset.name, budget]), flush=True)
    chosen = {dataset: candidates[0] for dataset, _ in measured[candidates[0]]}
    if options.leave_set_out:
        chosen = {left_out: settle(measured, left_out) for left_out in chosen}
        for dataset_name, budget in measured[candidates[0]]:
            value = chosen[dataset_name]
            print(f"{value:.0f}: {table_row(dataset_name, budget, measured[value][dataset_name, budget])}", flush=True)
    if options.json:
        runs = [
            {"set": name, kind: number, "repeat": repeat, "photos per labelled": chosen[name], **row}
            for name, (kind, number) in measured[candidates[0]]
            for repeat, row in enumerate(measured[chosen[name]][name, (kind, number)])
        ]
        options.json.write_text(json.dumps(runs, indent=1))


def settle(measured: dict[float, dict[tuple[str, Budget], list[dict[str, float]]]], left_out: str) -> float:
    """The candidate with which fused answers are furthest above the best component on the other sets."""
    return max(
        measured,
        key=lambda value: np.mean([lead(rows) for (name, _), rows in measured[value].items() if name != left_out]),
    )


def lead(rows: list[dict[str, float]]) -> float:
    """MiAP of the fused answer less that of the best component, of means over draws."""
    best = max(np.mean([row[f"MiAP {part}"] for row in rows]) for part in WEIGHTED_COMPONENTS)
    return float(np.mean([row["MiAP"] for row in rows]) - best)


def renamed(dataset: Dataset, names: str) -> Dataset:
    """With its tags under other names."""
    tags = sorted({tag for tags in dataset.labels.values() for tag in tags})
    if names == "nonsense":
        new = {tag: f"IMG{2001 + at}" for at, tag in enumerate(tags)}
    elif names == "german":
        new = json.loads(GERMAN.read_text(encoding="utf-8"))
    else:
        return dataset
    return replace(dataset, labels={image: [new[tag] for tag in tags] for image, tags in dataset.labels.items()})


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+")
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--labels", type=int, nargs="+", help="numbers of labelled photos")
    budget.add_argument("--per-tag", type=int, nargs="+", help="numbers of labelled photos for each tag")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--features", type=Path, nargs="+", help="precomputed features, one file a data set")
    parser.add_argument("--classifier", type=Path, help="with --features: the network's own classifier")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE, help="without --features: the network")
    parser.add_argument("--views", type=int, default=1, help="average the first N augmentations of a photo")
    parser.add_argument("--cache", type=Path, default=Path("artifacts/benchmark"), help="the folder of cached features")
    parser.add_argument(
        "--without", choices=[*WEIGHTED_COMPONENTS, "names", "outputs"], help="exclude this from the tag model"
    )
    parser.add_argument("--names", choices=["given", "german", "nonsense"], default="given", help="names of the tags")
    parser.add_argument("--leave-set-out", action="store_true", help="settle a constant on the other data sets")
    parser.add_argument("--json", type=Path, help="write every run here too")
    options = parser.parse_args()
    if options.features and len(options.features) != len(options.datasets):
        parser.error("one file of features a data set")
    return options


def read_dataset(folder: Path, given: Path | None, options: argparse.Namespace) -> Dataset:
    labels = read_labels(folder)
    if given:
        with np.load(given) as data:
            images, values = [str(image) for image in data["images"]], np.atleast_3d(data["F"].T).T
        values = values[:, : options.views].reshape(len(images), -1, values.shape[-1])
        lengths = np.linalg.norm(values, axis=2, keepdims=True)
        features = as_features((values / lengths).mean(axis=1) * lengths.mean(axis=1))
        classifier = None
        if options.classifier:
            with np.load(options.classifier) as data:
                classifier = Classifier(data["W"].astype(np.float32), data["b"].astype(np.float32))
    else:
        images, features, classifier = extract_features(folder / "images", options)
    without = getattr(options, "without", None)
    if without == "outputs":
        classifier = None
    rows = {image: row for row, image in enumerate(images)}
    return Dataset(folder.name, labels, rows, features, classifier, without != "names")


def learn(dataset: Dataset, split: Split, seed_tags: SeedTags) -> TagModel:
    named = (
        encode_vocabulary(seed_tags.vocabulary, dataset.classifier, sentence_encoder()) if dataset.reads_names else None
    )
    return fit_tag_model(
        split.pool_features, dataset.classifier, split.graph, split.clusters, seed_tags, tag_names=named
    )


def exclude(part: int) -> None:
    """Make later tag models fuse the other components only."""

    def fit_others(sample: np.ndarray, loo_scores: np.ndarray, targets: np.ndarray, default: np.ndarray) -> Fusion:
        sample, loo_scores, default = sample.copy(), loo_scores.copy(), default.copy()
        sample[part] = loo_scores[part] = default[part] = 0.0
        return fit_fusion(sample, loo_scores, targets, default / default.sum())

    model_fit.fit_fusion = fit_others  # type: ignore[attr-defined]


def extract_features(photos: Path, options: argparse.Namespace) -> tuple[list[str], Features, Classifier | None]:
    """As in `fit`: paths of the photos, their features, the network's classifier."""
    from clustertags.features.backbones import find_backbone
    from clustertags.features.extraction import Extractor
    from clustertags.features.photo_reading import PhotoReader
    from clustertags.features.runtime import choose_device
    from clustertags.library.artifacts import Artifacts
    from clustertags.library.backbone_store import open_runtime, prepare_backbone
    from clustertags.library.catalogue import Catalogue
    from clustertags.library.scan import scan
    from clustertags.photos.discovery import discover
    from clustertags.photos.files import DecodeLimits
    from clustertags.types import no_progress

    artifacts, backbone = Artifacts(options.cache), find_backbone(options.backbone, n_augmentations=options.views)
    with artifacts.writing(), Catalogue(artifacts.catalogue) as catalogue:
        converted = prepare_backbone(artifacts, backbone, no_progress)
        runtime = open_runtime(converted, backbone, choose_device("auto"))
        known = catalogue.extracted_hashes(backbone.key)
        extractor = Extractor(runtime, PhotoReader(converted.preprocess, DecodeLimits(), known))
        found = scan(discover(photos, DecodeLimits()), catalogue, extractor, backbone.key).photos.photos
        features = catalogue.features([photo.content_hash for photo in found], backbone.key, converted.n_features)
    paths = [(path, row) for row, photo in enumerate(found) for path in photo.paths]
    return [path for path, _ in paths], features.take(np.array([row for _, row in paths])), converted.classifier()


def read_labels(folder: Path) -> dict[str, list[str]]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["image"]: [tag for tag in row["tags"].split("|") if tag] for row in csv.DictReader(file)}
    counts = Counter(tag for tags in rows.values() for tag in set(tags))
    kept = {image: [tag for tag in tags if counts[tag] >= MIN_COUNT] for image, tags in rows.items()}
    return {image: tags for image, tags in sorted(kept.items()) if tags}


def as_features(values: np.ndarray) -> Features:
    norms = np.linalg.norm(values, axis=1)
    return Features((values / norms[:, None]).astype(np.float16).astype(np.float32), norms.astype(np.float32))


def make_split(dataset: Dataset, repeat: int) -> Split:
    images = list(dataset.labels)
    order = np.random.default_rng(repeat).permutation(len(images))
    n_test = len(images) // 5
    pool, test = [images[i] for i in order[n_test:]], [images[i] for i in order[:n_test]]
    pool_features, test_features = (
        dataset.features.take(np.array([dataset.rows[image] for image in part])) for part in (pool, test)
    )
    settings = ClusteringSettings()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reduction = reduce_features(pool_features, settings, seed=0)
        clusters = cluster_photos(reduction, settings, seed=0)
    test_space = reduction.projection.project(test_features.values)
    return Split(
        pool,
        test,
        pool_features,
        test_features,
        reduction.projection,
        nearest(reduction.space, reduction.space, N_NEIGHBOURS, exclude_self=True),
        nearest(reduction.space, test_space, N_NEIGHBOURS),
        clusters,
    )


def draw_seed_tags(dataset: Dataset, pool: list[str], kind: str, number: int) -> SeedTags:
    if kind == "labels":
        chosen = pool[:number]
    else:
        seen: Counter[str] = Counter()
        chosen = []
        for image in pool:
            if any(seen[tag] < number for tag in dataset.labels[image]):
                chosen.append(image)
                seen.update(dataset.labels[image])
    photos = sorted(pool.index(image) for image in chosen)
    vocabulary = tuple(sorted({tag for image in chosen for tag in dataset.labels[image]}))
    matrix = np.array([[tag in dataset.labels[pool[photo]] for tag in vocabulary] for photo in photos])
    return SeedTags(vocabulary, np.array(photos, np.int32), matrix)


def measure(dataset: Dataset, split: Split, kind: str, number: int) -> dict[str, float]:
    seed_tags = draw_seed_tags(dataset, split.pool, kind, number)
    started = time.perf_counter()
    fitted_model = learn(dataset, split, seed_tags)
    fitted = time.perf_counter()
    places = assign(split.test_neighbours, split.clusters)
    scores = fitted_model.predict(split.test_features, split.test_neighbours, places).scores
    tagged = time.perf_counter()
    all_tags = sorted({tag for tags in dataset.labels.values() for tag in tags})
    truth = np.array([[tag in dataset.labels[image] for tag in all_tags] for image in split.test])
    known = np.searchsorted(all_tags, seed_tags.vocabulary)
    parts = weighted_components(
        fitted_model.component_scores(split.test_features, split.test_neighbours, places.labels)
    )
    result = {f"MiAP {name}": miap(truth, known, part) for name, part in zip(WEIGHTED_COMPONENTS, parts, strict=True)}
    result |= {"MiAP": miap(truth, known, scores), **fused_measures(truth, known, scores)}
    known_truth = truth[:, known]
    for precision in TARGET_PRECISIONS:
        predicted = scores >= fitted_model.thresholds(precision)
        result[f"precision at {precision}"] = float(known_truth[predicted].mean()) if predicted.any() else float("nan")
        result[f"recall at {precision}"] = float((known_truth & predicted).sum() / truth.sum())
    return (
        result
        | best_tag_calibration(dataset, split, seed_tags, fitted_model, scores)
        | {
            "n_labelled": seed_tags.n_labelled,
            "fit seconds": fitted - started,
            "tag seconds": tagged - fitted,
        }
    )


def best_tag_calibration(
    dataset: Dataset, split: Split, seed_tags: SeedTags, fitted_model: TagModel, test_scores: np.ndarray
) -> dict[str, float]:
    """ECE of the best tag over the photos of the test and those of the library without a label; and the mean of what
    scores that are right would show, as few photos in a bin are never quite as many right as expected.
    """
    rows = np.setdiff1d(np.arange(len(split.pool)), seed_tags.photos)
    places = Assignment(split.clusters.labels[rows], split.clusters.probabilities[rows])
    library = fitted_model.predict(split.pool_features.take(rows), split.graph.take(rows), places).scores
    scores = np.concatenate([test_scores, library])
    images = [*split.test, *(split.pool[row] for row in rows)]
    best, top = scores.argmax(axis=1), scores.max(axis=1)
    right = np.array(
        [seed_tags.vocabulary[tag] in dataset.labels[image] for tag, image in zip(best, images, strict=True)]
    )
    random = np.random.default_rng(0)
    chance = [calibration_error(top, random.random(len(top)) < top) for _ in range(20)]
    return {"ECE best of all": calibration_error(top, right), "ECE by chance": float(np.mean(chance))}


def fused_measures(truth: np.ndarray, known: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    full = expand_scores(truth, known, scores)
    top = full.argmax(axis=1)
    used = truth.any(axis=0)
    correct = truth[np.arange(len(truth)), top]
    return {
        "P@1": float(correct.mean()),
        "MAP": float(average_precision_score(truth[:, used], full[:, used], average="macro")),
        "ECE": calibration_error(scores.ravel(), truth[:, known].ravel()),
        "ECE best": calibration_error(scores.max(axis=1), correct),
    }


def expand_scores(truth: np.ndarray, known: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Scores of all tags; those of no labelled photo are lowest."""
    full = np.full(truth.shape, scores.min() - 1.0)
    full[:, known] = scores
    return full


def miap(truth: np.ndarray, known: np.ndarray, scores: np.ndarray) -> float:
    return float(label_ranking_average_precision_score(truth, expand_scores(truth, known, scores)))


def calibration_error(scores: np.ndarray, correct: np.ndarray, n_bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017), bins of equal width."""
    bins = np.minimum((scores * n_bins).astype(int), n_bins - 1)
    return float(
        sum((bins == b).mean() * abs(scores[bins == b].mean() - correct[bins == b].mean()) for b in np.unique(bins))
    )


def header() -> str:
    columns = [
        "labelled",
        *WEIGHTED_COMPONENTS,
        "fused",
        "P@1",
        "MAP",
        "ECE",
        "ECE best",
        "of all (by chance)",
        *(f"target {p}" for p in TARGET_PRECISIONS),
        "fit s",
    ]
    return f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"


def table_row(dataset: str, budget: Budget, rows: list[dict[str, float]]) -> str:
    kind, number = budget
    name = f"{dataset}, {number} " + ("a tag" if kind == "per_tag" else "photos")

    def mean(key: str) -> str:
        known = [row[key] for row in rows if not np.isnan(row[key])]
        return f"{np.mean(known):.3f}" if known else "–"

    def spread(key: str) -> str:
        return f"{mean(key)} ± {np.std([row[key] for row in rows], ddof=min(len(rows) - 1, 1)):.3f}"

    cells = [name, *(mean(f"MiAP {part}") for part in WEIGHTED_COMPONENTS), spread("MiAP"), spread("P@1"), mean("MAP")]
    cells += [mean("ECE"), mean("ECE best"), f"{mean('ECE best of all')} ({mean('ECE by chance')})"]
    cells += [f"{mean(f'precision at {p}')} ({mean(f'recall at {p}')})" for p in TARGET_PRECISIONS]
    return f"| {' | '.join(cells)} | {mean('fit seconds')} |"


if __name__ == "__main__":
    main()
