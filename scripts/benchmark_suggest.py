"""How many labels `suggest` saves against labelling at random: the table of docs/results/suggest.md.

    python scripts/benchmark_suggest.py DATASET... [--labels 10 20 30 40 50 60] [--batch 10] [--repeats 5]
                                        [--features FILE.npz...] [--classifier FILE.npz] [--cache DIR] [--json OUT]
                                        [--tags-told]

DATASET and features are as in `benchmark_quality.py`, and so is the split: a fifth is the test, the rest is the
library. `suggest` starts without labels and proposes a batch at a time; after each the tag model is refitted on all
labels so far, as in `suggest --take`. Random labelling is drawn twice a repeat. The score is MiAP on the test photos,
mean and standard deviation over the repeats; "the most there is" is the upper bound, as tags of no labelled photo
cannot be predicted. "as random's" is the number of labels at which `suggest` reaches random's score at the largest
number, by linear interpolation. `--tags-told` also scores with every tag of the set as a candidate, as in
`tag --candidates`.
"""

from __future__ import annotations

import argparse
import json
from functools import cached_property
from pathlib import Path

import numpy as np
from benchmark_quality import Dataset, Split, learn, make_split, miap, read_dataset

from clustertags.features.backbones import DEFAULT_BACKBONE
from clustertags.names.candidate_scores import CandidateTags, prepare_candidates
from clustertags.names.encoder import sentence_encoder
from clustertags.neighbours import assign
from clustertags.tagging.candidates import shrink_to_names
from clustertags.tagging.model import TagModel
from clustertags.tagging.suggestion import Certainty, measure_similarities, suggest_photos
from clustertags.tagging.top_tags import top_tags
from clustertags.types import Assignment, Float32, SeedTags

DRAWS = 2
CEILING = "suggest, the most there is"


class Trial:
    """One repeat on one data set: fits and scores tag models on given labelled photos."""

    def __init__(self, dataset: Dataset, split: Split) -> None:
        self.dataset, self.split = dataset, split
        self.tags = sorted({tag for tags in dataset.labels.values() for tag in tags})
        self.truth = np.array([[tag in dataset.labels[image] for tag in self.tags] for image in split.test])
        self.places = assign(split.test_neighbours, split.clusters)

    def fit(self, photos: list[int]) -> tuple[TagModel, SeedTags]:
        split, labels = self.split, self.dataset.labels
        chosen = sorted(photos)
        tags = tuple(sorted({tag for photo in chosen for tag in labels[split.pool[photo]]}))
        matrix = np.array([[tag in labels[split.pool[photo]] for tag in tags] for photo in chosen])
        seed_tags = SeedTags(tags, np.array(chosen, np.int32), matrix)
        return learn(self.dataset, split, seed_tags), seed_tags

    def score(self, photos: list[int], *, with_candidates: bool) -> list[float]:
        """MiAP with the labels of these photos; if `with_candidates`, also with every tag of the set as a candidate."""
        model, seed_tags = self.fit(photos)
        predictions = model.predict(self.split.test_features, self.split.test_neighbours, self.places)
        known = np.searchsorted(self.tags, seed_tags.vocabulary)
        scores = [miap(self.truth, known, predictions.scores)]
        if with_candidates:
            by_name = CandidateTags(seed_tags.vocabulary, model.name_prior.tag_names)
            all_scores = self.by_name.copy()
            all_scores[:, known] = shrink_to_names(
                predictions, seed_tags.matrix.sum(axis=0), by_name, self.outputs
            ).scores
            scores.append(miap(self.truth, np.arange(len(self.tags)), all_scores))
        return scores

    @cached_property
    def outputs(self) -> Float32:
        return self.dataset.classifier.probabilities(self.split.test_features)

    @cached_property
    def by_name(self) -> np.ndarray:
        return prepare_candidates(sentence_encoder(), self.tags).probabilities(self.outputs)

    def ceiling(self, photos: list[int]) -> float:
        """The score of a perfect ranking of the tags of these photos, without any other tag."""
        tags = {tag for photo in photos for tag in self.dataset.labels[self.split.pool[photo]]}
        known = np.array([tag in tags for tag in self.tags])
        return miap(self.truth, np.flatnonzero(known), self.truth[:, known].astype(float))

    def suggested(self, n: int, batch: int) -> list[int]:
        split, photos = self.split, np.zeros(0, np.int32)
        likeness = measure_similarities(split.pool_features, split.graph, self.dataset.classifier, photos)
        place = Assignment(split.clusters.labels, split.clusters.probabilities)
        certainty = None
        chosen: list[int] = []
        while len(chosen) < n:
            found = suggest_photos(likeness, np.array(sorted(chosen), np.int32), certainty, min(batch, n - len(chosen)))
            chosen += [item.photo for item in found]
            model, _ = self.fit(chosen)
            certainty = Certainty.of(top_tags(model.predict(split.pool_features, split.graph, place).scores))
        return chosen


def main() -> None:
    options = parse()
    numbers = sorted(options.labels)
    results = {}
    print("| set | how | " + " | ".join(f"{n}" for n in numbers) + " | as random's |")
    print("|---|---|" + "---|" * (len(numbers) + 1))
    for at, folder in enumerate(options.datasets):
        dataset = read_dataset(folder, options.features[at] if options.features else None, options)
        with_candidates = options.tags_told
        ways = ["random", "suggest", *(["random, tags told", "suggest, tags told"] if with_candidates else [])]
        curves: dict[str, list[list[float]]] = {way: [] for way in (*ways, CEILING)}
        for repeat in range(options.repeats):
            trial = Trial(dataset, make_split(dataset, repeat))
            orders = [
                ("random", np.random.default_rng(1000 * repeat + draw).permutation(len(trial.split.pool)).tolist())
                for draw in range(DRAWS)
            ]
            suggested = trial.suggested(numbers[-1], options.batch)
            for way, order in [*orders, ("suggest", suggested)]:
                scores = np.array([trial.score(order[:n], with_candidates=with_candidates) for n in numbers]).T
                for name, curve in zip([way, f"{way}, tags told"], scores.tolist(), strict=False):
                    curves[name].append(curve)
            curves[CEILING].append([trial.ceiling(suggested[:n]) for n in numbers])
        needed = {}
        for way, runs in curves.items():
            mean, spread = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1)
            if way.startswith("suggest") and way != CEILING:
                goal = float(np.mean(curves[way.replace("suggest", "random")], axis=0)[-1])
                needed[way] = labels_needed(numbers, mean, goal)
            cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True)]
            print(f"| {dataset.name} | {way} | {' | '.join(cells)} | {needed.get(way, '')} |", flush=True)
        results[dataset.name] = {"labels": numbers, "needed": needed, **curves}
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


def labels_needed(numbers: list[int], curve: np.ndarray, goal: float) -> str:
    """Where the curve first reaches the goal, rounded up."""
    for at, value in enumerate(curve):
        if value >= goal:
            if at == 0:
                return f"at most {numbers[0]}"
            share = (goal - curve[at - 1]) / (value - curve[at - 1])
            return str(int(np.ceil(numbers[at - 1] + share * (numbers[at] - numbers[at - 1]))))
    return f"more than {numbers[-1]}"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", type=Path, nargs="+")
    parser.add_argument("--labels", type=int, nargs="+", default=[10, 20, 30, 40, 50, 60], help="numbers to measure at")
    parser.add_argument("--batch", type=int, default=10, help="photos proposed at a time")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tags-told", action="store_true", help="also with every tag of the set as a candidate")
    parser.add_argument("--features", type=Path, nargs="+", help="precomputed features, one file a data set")
    parser.add_argument("--classifier", type=Path, help="with --features: the network's own classifier")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE, help="without --features: the network")
    parser.add_argument("--views", type=int, default=1, help="average the first N augmentations of a photo")
    parser.add_argument("--cache", type=Path, default=Path("artifacts/benchmark"), help="the folder of cached features")
    parser.add_argument("--json", type=Path, help="write every run here too")
    options = parser.parse_args()
    if options.tags_told and options.features and not options.classifier:
        parser.error("--tags-told needs the network's own classifier: give --classifier with --features")
    return options


if __name__ == "__main__":
    main()
