"""How many labels `suggest` saves against labelling at random: the table of docs/results/suggest.md.

    python scripts/benchmark_suggest.py DATASET... [--labels 10 20 30 40 50 60] [--batch 10] [--repeats 5]
                                        [--features FILE.npz...] [--classifier FILE.npz] [--cache DIR] [--json OUT]
                                        [--tags-told] [--known SHARE]

DATASET and features are as in `benchmark_quality.py`, and so is the split: a fifth is the test, the rest is the
library. `suggest` starts without labels and proposes a batch at a time; after each the tag model is refitted on all
labels so far, as in `suggest --take`. Random labelling is drawn twice a repeat. The score is MiAP on the test photos,
mean and standard deviation over the repeats; "the most there is" is the upper bound, as tags of no labelled photo
cannot be predicted. "as random's" is the number of labels at which `suggest` reaches random's score at the largest
number, by linear interpolation. `--tags-told` also scores with every tag of the set as a candidate, as in
`tag --candidates`.

`--known 0.5` starts where half of the tags, drawn a repeat, are labelled on five photos each, with these tags alone;
photos added are labelled with all their tags, and numbers are of photos added. "photos of tags in use" is the share of
the test photos that carry a tag of some labelled photo.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
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
PER_TAG = 5
CEILING = "suggest, the most there is"
REACH = "{}, photos of tags in use"


class Trial:
    """One repeat on one data set: fits and scores tag models on given labelled photos."""

    def __init__(self, dataset: Dataset, split: Split) -> None:
        self.dataset, self.split = dataset, split
        self.tags = sorted({tag for tags in dataset.labels.values() for tag in tags})
        self.truth = np.array([[tag in dataset.labels[image] for tag in self.tags] for image in split.test])
        self.places = assign(split.test_neighbours, split.clusters)
        self.started: dict[int, set[str]] = {}

    def start(self, share: float, repeat: int) -> None:
        """Label `PER_TAG` photos of each of a share of the tags with these tags alone."""
        random = np.random.default_rng(repeat)
        known = {self.tags[at] for at in random.permutation(len(self.tags))[: max(2, round(share * len(self.tags)))]}
        counts: Counter[str] = Counter()
        for photo in random.permutation(len(self.split.pool)).tolist():
            tags = known & set(self.dataset.labels[self.split.pool[photo]])
            if any(counts[tag] < PER_TAG for tag in tags):
                self.started[photo] = tags
                counts.update(tags)

    def labels_of(self, photo: int) -> set[str]:
        return self.started.get(photo) or set(self.dataset.labels[self.split.pool[photo]])

    def tags_of(self, photos: list[int]) -> set[str]:
        return {tag for photo in [*photos, *self.started] for tag in self.labels_of(photo)}

    def fit(self, photos: list[int]) -> tuple[TagModel, SeedTags]:
        split = self.split
        chosen = sorted({*photos, *self.started})
        tags = tuple(sorted(self.tags_of(photos)))
        matrix = np.array([[tag in self.labels_of(photo) for tag in tags] for photo in chosen])
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
        known = self.in_use(photos)
        return miap(self.truth, np.flatnonzero(known), self.truth[:, known].astype(float))

    def in_use(self, photos: list[int]) -> np.ndarray:
        """(n_tags,) bool: tags of some labelled photo."""
        tags = self.tags_of(photos)
        return np.array([tag in tags for tag in self.tags])

    def reach(self, photos: list[int]) -> float:
        """The share of the test photos that carry such a tag."""
        return float(self.truth[:, self.in_use(photos)].any(axis=1).mean())

    def random_order(self, random_state: int) -> list[int]:
        order = np.random.default_rng(random_state).permutation(len(self.split.pool)).tolist()
        return [photo for photo in order if photo not in self.started]

    def suggested(self, n: int, batch: int) -> list[int]:
        split, photos = self.split, np.zeros(0, np.int32)
        likeness = measure_similarities(split.pool_features, split.graph, self.dataset.classifier, photos)
        place = Assignment(split.clusters.labels, split.clusters.probabilities)
        chosen: list[int] = []
        certainty = self.certainty(chosen, place) if self.started else None
        while len(chosen) < n:
            labelled = np.array(sorted({*chosen, *self.started}), np.int32)
            found = suggest_photos(likeness, labelled, certainty, min(batch, n - len(chosen)))
            chosen += [item.photo for item in found]
            certainty = self.certainty(chosen, place)
        return chosen

    def certainty(self, chosen: list[int], place: Assignment) -> Certainty | None:
        model, seed_tags = self.fit(chosen)
        predicted = model.predict(self.split.pool_features, self.split.graph, place)
        unnamed = None
        if predicted.known is not None:
            unnamed = 1.0 - predicted.known
            unnamed[seed_tags.photos] = 0.0
        return Certainty.of(top_tags(predicted.scores), unnamed)


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
        reaches = [REACH.format(way) for way in ("random", "suggest")] if options.known else []
        curves: dict[str, list[list[float]]] = {way: [] for way in (*ways, CEILING, *reaches)}
        for repeat in range(options.repeats):
            trial = Trial(dataset, make_split(dataset, repeat))
            if options.known:
                trial.start(options.known, repeat)
            orders = [("random", trial.random_order(1000 * repeat + draw)) for draw in range(DRAWS)]
            suggested = trial.suggested(numbers[-1], options.batch)
            for way, order in [*orders, ("suggest", suggested)]:
                scores = np.array([trial.score(order[:n], with_candidates=with_candidates) for n in numbers]).T
                for name, curve in zip([way, f"{way}, tags told"], scores.tolist(), strict=False):
                    curves[name].append(curve)
                if options.known:
                    curves[REACH.format(way)].append([trial.reach(order[:n]) for n in numbers])
            curves[CEILING].append([trial.ceiling(suggested[:n]) for n in numbers])
        needed = {}
        for way, runs in curves.items():
            mean, spread = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1)
            if way in ways and way.startswith("suggest"):
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
    parser.add_argument("--known", type=float, metavar="SHARE", help="start with this share of the tags labelled")
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
