"""Clusters compared with other methods, on photos whose classes are known.

    python scripts/benchmark_clusters.py quality SET... [--repeats 3] [--methods ours,plain,...] [--cache DIR]
    python scripts/benchmark_clusters.py layouts SET... [--repeats 5] [--cache DIR]
    python scripts/benchmark_clusters.py speed --photos 50000 [--methods ours,plain]

A SET is a folder with `labels.csv` (columns `image`, `tags`; tags separated by `|`) and `images/`, whose features are
kept in the cache, or a file NAME.npz that holds `features`, (n_photos, n_features) float, and `tags`, (n_photos,)
strings with `|` between the tags of one photo. Where a photo has several, the rarest is its class. `speed` draws
features of 100 classes of unequal size, each a curved manifold of a few dimensions in 1,280, with noise.

AMI, ARI and accuracy count unclustered photos as one more cluster. Accuracy is under the best matching of clusters
to classes. EVoC is compared where the package `evoc` is installed. `layouts` compares the two of `fit --layout`,
in the same space, with the same settings and seeds, through the program's own choice of clusters.
"""

from __future__ import annotations

import argparse
import csv
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["quality", "layouts", "speed"])
    parser.add_argument("sets", nargs="*", type=Path)
    parser.add_argument("--repeats", type=int, help="seeds, of which the mean is printed: 3, of layouts 5")
    parser.add_argument("--photos", type=int, default=50_000)
    parser.add_argument("--methods", default="ours,plain,plain10,kmeans,evoc")
    parser.add_argument("--cache", type=Path, default=Path("artifacts/benchmark"), help="where features are kept")
    arguments = parser.parse_args()
    if arguments.what == "layouts":
        compare_layouts(arguments.sets, arguments.cache, arguments.repeats or 5)
        return
    methods = {name: METHODS[name] for name in arguments.methods.split(",")}
    warm_up(methods)
    print(
        "| set | method | clusters | unclustered | AMI | ARI | accuracy | seconds |\n|---|---|---|---|---|---|---|---|"
    )
    if arguments.what == "speed":
        features, classes = synthetic_features(arguments.photos)
        for name, method in methods.items():
            print(f"| {arguments.photos:,} made | {name} |", score_row(method, features, classes, 1), flush=True)
        return
    for path in arguments.sets:
        features, classes = read_set(path, arguments.cache)
        for name, method in methods.items():
            print(f"| {path.stem} | {name} |", score_row(method, features, classes, arguments.repeats or 3), flush=True)


def compare_layouts(sets: list[Path], cache: Path, repeats: int) -> None:
    """AMI of both layouts on each set, mean and standard deviation over the seeds, and the mean over the sets."""
    from sklearn.metrics import adjusted_mutual_info_score

    layouts = {"built-in": ours, "umap-learn": ours_by_umap_learn}
    warm_up(layouts)
    scores: dict[str, list[np.ndarray]] = {name: [] for name in layouts}
    print("| set | layout | clusters | AMI | deviation | seconds |\n|---|---|---|---|---|---|")
    for path in sets:
        features, classes = read_set(path, cache)
        for name, method in layouts.items():
            started = time.perf_counter()
            found = [method(features, seed, 0) for seed in range(repeats)]
            seconds = (time.perf_counter() - started) / repeats
            ami = np.array([adjusted_mutual_info_score(classes, labels) for labels in found])
            scores[name].append(ami)
            k = np.mean([labels.max() + 1 for labels in found])
            row = f"| {path.stem} | {name} | {k:.0f} | {ami.mean():.3f} | {ami.std():.3f} | {seconds:.1f} |"
            print(row, flush=True)
    for name, of_sets in scores.items():
        seeds = np.mean(of_sets, axis=0)  # the mean over the sets, a seed at a time
        print(f"| **mean** | {name} | | {seeds.mean():.3f} | {seeds.std():.3f} | |")


def read_set(path: Path, cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """(n_photos, n_features) float32 rows of unit length, and (n_photos,) the number of each photo's class."""
    if not path.is_dir():
        with np.load(path) as data:
            return unit_rows(data["features"]), classes_of(data["tags"])
    from benchmark_quality import extract_features

    options = argparse.Namespace(cache=cache, backbone="efficientnet-lite0", views=1)
    images, features, _ = extract_features(path / "images", options)
    with (path / "labels.csv").open(newline="", encoding="utf-8") as file:
        tags = {row["image"]: row["tags"] for row in csv.DictReader(file) if row["tags"]}
    rows = [row for row, image in enumerate(images) if image in tags]
    return unit_rows(features.values[rows]), classes_of(np.array([tags[images[row]] for row in rows]))


def unit_rows(features: np.ndarray) -> np.ndarray:
    """Rows of unit length, rounded as in the catalogue."""
    features = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return features.astype(np.float16).astype(np.float32)


def classes_of(tags: np.ndarray) -> np.ndarray:
    of_photo = [str(row).split("|") for row in tags]
    frequency = Counter(tag for row in of_photo for tag in row)
    rarest = [min(row, key=lambda tag: (frequency[tag], tag)) for row in of_photo]
    return np.unique(rarest, return_inverse=True)[1]


def synthetic_features(n: int, n_classes: int = 100, random_state: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Curved manifolds of 6 dimensions: positive features, as after a ReLU, and classes of unequal size."""
    generator = np.random.default_rng(random_state)
    share = generator.gamma(1.5, size=n_classes)
    classes = generator.choice(n_classes, n, p=share / share.sum())
    features = np.empty((n, 1_280), np.float32)
    centres = generator.normal(size=(n_classes, 64)).astype(np.float32)
    bases = generator.normal(scale=0.35, size=(n_classes, 6, 64)).astype(np.float32)
    projection = generator.normal(size=(64, 1_280)).astype(np.float32) / 8
    for label in range(n_classes):
        photos = np.flatnonzero(classes == label)
        at = generator.normal(size=(len(photos), 6)).astype(np.float32)
        hidden = centres[label] + at @ bases[label] + 0.25 * generator.normal(size=(len(photos), 64)).astype(np.float32)
        noise = 0.3 * generator.normal(size=(len(photos), 1_280)).astype(np.float32)
        features[photos] = np.maximum(np.tanh(hidden) @ projection + noise, 0)
    return unit_rows(features), classes


Labeller = Callable[[np.ndarray, int, int], np.ndarray]


def ours(features: np.ndarray, seed: int, n_classes: int, layout: str = "built-in") -> np.ndarray:
    from clustertags.clustering.reduction import reduce_features
    from clustertags.clustering.selection import cluster_photos
    from clustertags.clustering.settings import ClusteringSettings
    from clustertags.types import Features

    settings = ClusteringSettings(layout=layout)
    given = Features(features, np.ones(len(features), np.float32))
    reduction = reduce_features(given, settings, seed=seed)
    return cluster_photos(reduction, settings, seed=seed).labels


def ours_by_umap_learn(features: np.ndarray, seed: int, n_classes: int) -> np.ndarray:
    """The same, laid out by umap-learn: what `fit --layout umap-learn` does."""
    return ours(features, seed, n_classes, "umap-learn")


def plain(features: np.ndarray, seed: int, n_classes: int, min_cluster_size: int = 5) -> np.ndarray:
    """umap-learn and hdbscan on the features themselves; hdbscan's own defaults."""
    import hdbscan
    import umap

    reducer = umap.UMAP(n_neighbors=15, n_components=10, min_dist=0.0, metric="cosine", random_state=seed)
    return hdbscan.HDBSCAN(min_cluster_size=min_cluster_size).fit_predict(reducer.fit_transform(features))


def plain10(features: np.ndarray, seed: int, n_classes: int) -> np.ndarray:
    return plain(features, seed, n_classes, min_cluster_size=10)


def kmeans(features: np.ndarray, seed: int, n_classes: int) -> np.ndarray:
    """k-means with the true number of classes."""
    from sklearn.cluster import KMeans

    return KMeans(n_classes, n_init=3, random_state=seed).fit_predict(features)


def evoc(features: np.ndarray, seed: int, n_classes: int) -> np.ndarray:
    from evoc import EVoC

    return EVoC(random_state=seed).fit_predict(features)


METHODS: dict[str, Labeller] = {
    "ours": ours,
    "ours-umap": ours_by_umap_learn,
    "plain": plain,
    "plain10": plain10,
    "kmeans": kmeans,
    "evoc": evoc,
}


def warm_up(methods: dict[str, Labeller]) -> None:
    """Exclude imports and compilation from the timings."""
    features, _ = synthetic_features(600, 5)
    for method in methods.values():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other packages warn about seeds and threads
            method(features, 0, 5)


def score_row(method: Labeller, features: np.ndarray, classes: np.ndarray, repeats: int) -> str:
    """The scores of a method, averaged over seeds, as cells of a table."""
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    n_classes = len(np.unique(classes))
    scores = []
    for seed in range(repeats):
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            labels = np.asarray(method(features, seed, n_classes))
        seconds = time.perf_counter() - started
        agreement = adjusted_mutual_info_score(classes, labels), adjusted_rand_score(classes, labels)
        scores.append((labels.max() + 1, (labels < 0).mean(), *agreement, accuracy(classes, labels), seconds))
    k, out, ami, ari, right, seconds = np.mean(scores, axis=0)
    return f"{k:.0f} | {out:.3f} | {ami:.3f} | {ari:.3f} | {right:.3f} | {seconds:.1f} |"


def accuracy(classes: np.ndarray, labels: np.ndarray) -> float:
    from scipy.optimize import linear_sum_assignment

    placed = labels >= 0
    table = np.zeros((classes.max() + 1, labels.max() + 1), np.int64)
    np.add.at(table, (classes[placed], labels[placed]), 1)
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / len(classes))


if __name__ == "__main__":
    main()
