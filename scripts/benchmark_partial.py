"""Photos labelled in part: what it costs to know half of their tags, and to take the others for wrong.

    python scripts/benchmark_partial.py PHOTOS... [--labels 100 200] [--draws 5] [--cache DIR] [--json OUT]

PHOTOS holds `labels.csv` (columns `image`, `tags`, with `|` between tags) and `images/`. The library is clustered once;
every draw labels other photos of it at random, all conditions of a draw the same ones. Half of the tags of a labelled
photo are hidden, rounded down; tags of fewer than 10 photos are excluded, and tags that no labelled photo shows.

    all known            every tag of the labelled photos is given
    as negatives         half is given, and what is not given is taken for wrong
    accepted, rejected   half is given, as many wrong tags are rejected, common ones more often, and the rest is unknown
    accepted alone       half is given, and the rest is unknown
    half in full         every second labelled photo has all of its tags, of the others half is given: as negatives, and
                         with the rest unknown
    Right                all tags are given, and of 10 more photos one tag of several is accepted: before that, with the
                         others as negatives, and with the rest unknown

Columns: MiAP over the unlabelled photos of the library with its deviation over draws, the difference from "as
negatives" of the same labels, ECE over all pairs of such a photo and a tag, and the mean score of hidden tags on the
photos that show them.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from benchmark_quality import N_NEIGHBOURS, Dataset, calibration_error, miap, read_dataset

from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.features.backbones import DEFAULT_BACKBONE
from clustertags.names.encoder import sentence_encoder
from clustertags.names.tag_names import encode_vocabulary
from clustertags.neighbours import nearest
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.types import Assignment, Clusters, Features, Neighbours, SeedTags

CONDITIONS = {
    "all known": None,
    "as negatives": None,
    "accepted, rejected": "as negatives",
    "accepted alone": "as negatives",
    "half in full, as negatives": None,
    "half in full": "half in full, as negatives",
    "before Right": None,
    "Right, as negatives": None,
    "Right": "Right, as negatives",
}
"""Each with the one that takes the same labels for complete."""
N_ACCEPTED = 10


@dataclass(frozen=True)
class Library:
    features: Features
    graph: Neighbours
    clusters: Clusters
    vocabulary: tuple[str, ...]
    truth: np.ndarray


def main() -> None:
    options = parse()
    print("| labelled | MiAP | gain | ECE | hidden tags | fit s |\n|---|---|---|---|---|---|", flush=True)
    runs = []
    for folder in options.datasets:
        dataset = read_dataset(folder, None, options)
        library = make_library(dataset)
        for number in options.labels:
            rows: dict[str, list[dict[str, float]]] = {name: [] for name in CONDITIONS}
            for draw in range(options.draws):
                for name, seed_tags, hidden in conditions(library, number, draw):
                    rows[name].append(measure(dataset, library, seed_tags, hidden))
            for name, found in rows.items():
                print(table_row(f"{dataset.name}, {number}, {name}", found, rows.get(CONDITIONS[name] or "")))
                runs += [
                    {"set": dataset.name, "labels": number, "condition": name, "draw": draw, **row}
                    for draw, row in enumerate(found)
                ]
    if options.json:
        options.json.write_text(json.dumps(runs, indent=1))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+", metavar="PHOTOS")
    parser.add_argument("--labels", type=int, nargs="+", default=[100, 200], help="numbers of labelled photos")
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--cache", type=Path, default=Path("artifacts/benchmark"), help="the folder of cached features")
    parser.add_argument("--json", type=Path, help="write every run here too")
    parser.set_defaults(backbone=DEFAULT_BACKBONE, views=1)
    return parser.parse_args()


def make_library(dataset: Dataset) -> Library:
    images = list(dataset.labels)
    features = dataset.features.take(np.array([dataset.rows[image] for image in images]))
    settings = ClusteringSettings()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reduction = reduce_features(features, settings, seed=0)
        clusters = cluster_photos(reduction, settings, seed=0)
    vocabulary = tuple(sorted({tag for tags in dataset.labels.values() for tag in tags}))
    truth = np.array([[tag in dataset.labels[image] for tag in vocabulary] for image in images])
    graph = nearest(reduction.space, reduction.space, N_NEIGHBOURS, exclude_self=True)
    return Library(features, graph, clusters, vocabulary, truth)


def conditions(library: Library, number: int, draw: int) -> Iterator[tuple[str, SeedTags, np.ndarray]]:
    """Each condition's name, its seed tags, and (n_photos, n_tags) the hidden tags among those."""
    random = np.random.default_rng(draw)
    photos = np.sort(random.permutation(len(library.truth))[:number]).astype(np.int32)
    shown = np.zeros((number, len(library.vocabulary)), bool)
    rejected = shown.copy()
    weights = library.truth.sum(axis=0).astype(float)
    for row, photo in enumerate(photos):
        tags = random.permutation(np.flatnonzero(library.truth[photo]))
        shown[row, tags[: (len(tags) + 1) // 2]] = True
        wrong = np.where(library.truth[photo], 0.0, weights)
        rejected[row, random.choice(len(wrong), shown[row].sum(), replace=False, p=wrong / wrong.sum())] = True
    used = np.flatnonzero(shown.any(axis=0))  # the same tags in every condition
    matrix, partial = library.truth[photos], np.ones(number, bool)
    every_second = (np.arange(number) % 2 == 0)[:, None]
    half = np.where(every_second, matrix, shown)
    hidden = matrix & ~shown & ~every_second
    everything = SeedTags(library.vocabulary, photos, matrix)
    for name, labels, in_part, denied in (
        ("all known", matrix, None, None),
        ("as negatives", shown, None, None),
        ("accepted, rejected", shown, partial, rejected),
        ("accepted alone", shown, partial, None),
        ("half in full, as negatives", half, None, None),
        ("half in full", half, ~every_second[:, 0], None),
    ):
        seed_tags = replace(everything, matrix=labels, partial=in_part, rejected=denied)
        yield name, seed_tags.take(np.arange(number), used), spread_out(library, photos, hidden)[:, used]
    yield from accepting(library, photos, used, random)


def accepting(
    library: Library, photos: np.ndarray, used: np.ndarray, random: np.random.Generator
) -> Iterator[tuple[str, SeedTags, np.ndarray]]:
    """The conditions called Right, with all tags of `photos` given."""
    several = np.setdiff1d(np.flatnonzero(library.truth[:, used].sum(axis=1) > 1), photos)
    looked_at = random.permutation(several)[:N_ACCEPTED]
    shown = np.zeros_like(library.truth)
    for photo in looked_at:
        shown[photo, random.choice(used[library.truth[photo, used]])] = True
    hidden = spread_out(library, looked_at, (library.truth & ~shown)[looked_at])
    shown[photos] = library.truth[photos]
    both = np.union1d(photos, looked_at).astype(np.int32)
    full = SeedTags(library.vocabulary, both, shown[both])
    before = full.take(np.isin(both, photos), used)
    yield "before Right", before, hidden[:, used]
    yield "Right, as negatives", full.take(both >= 0, used), hidden[:, used]
    yield "Right", replace(full, partial=np.isin(both, looked_at)).take(both >= 0, used), hidden[:, used]


def spread_out(library: Library, photos: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """(n_photos, n_tags): `rows` of these photos, False elsewhere."""
    result = np.zeros_like(library.truth)
    result[photos] = rows
    return result


def measure(dataset: Dataset, library: Library, seed_tags: SeedTags, hidden: np.ndarray) -> dict[str, float]:
    started = time.process_time()
    model = fit_tag_model(
        library.features,
        dataset.classifier,
        library.graph,
        library.clusters,
        seed_tags,
        tag_names=encode_vocabulary(seed_tags.vocabulary, dataset.classifier, sentence_encoder()),
        all_known=True,
    )
    seconds = time.process_time() - started
    place = Assignment(library.clusters.labels, library.clusters.probabilities)
    scores = model.predict(library.features, library.graph, place).scores
    unlabelled = np.setdiff1d(np.arange(len(library.truth)), seed_tags.photos)
    known = np.searchsorted(library.vocabulary, seed_tags.vocabulary)
    truth = library.truth[unlabelled]
    return {
        "MiAP": miap(truth, known, scores[unlabelled]),
        "ECE": calibration_error(scores[unlabelled].ravel(), truth[:, known].ravel()),
        "hidden": float(scores[hidden].mean()),
        "CPU seconds": seconds,
    }


def table_row(name: str, rows: list[dict[str, float]], others: list[dict[str, float]] | None) -> str:
    def spread(values: np.ndarray) -> str:
        return f"{values.mean():.3f} ± {values.std(ddof=min(len(values) - 1, 1)):.3f}"

    column = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    gain = f"+{spread(column['MiAP'] - np.array([row['MiAP'] for row in others]))}" if others else "–"
    cells = [name, spread(column["MiAP"]), gain.replace("+-", "-"), f"{column['ECE'].mean():.3f}"]
    cells += [f"{column['hidden'].mean():.2f}", f"{column['CPU seconds'].mean():.1f}"]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
