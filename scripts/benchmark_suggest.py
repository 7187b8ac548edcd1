"""How many labels `suggest` saves against labelling at random: the table of docs/results/suggest.md.

    python scripts/benchmark_suggest.py DATASET... [--labels 10 20 30 40 50 60] [--batch 10] [--repeats 5]
                                        [--features FILE.npz...] [--classifier FILE.npz] [--cache DIR] [--json OUT]
                                        [--tags-told]

DATASET and features are as in `benchmark_quality.py`, and so is the split: a fifth is tested on, the rest is the
library. `suggest` starts from nothing and asks for a batch at a time; after each the tag model is fitted anew on all
answers so far, as `suggest --take` does. Random labelling draws twice a repeat. The score is MiAP on the photos tested
on, mean and standard deviation over the repeats; "the most there is" is what the tags of the suggested photos allow, as
a tag that nobody named cannot be given. "as random's" is the number of labels at which `suggest` reaches what
random reaches at the largest number, by straight lines between the numbers measured. `--tags-told` scores the same
photos' labels once more where every tag of the set was told beforehand, as `tag --candidates` takes them.
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
    """One repeat on one data set: fits and scores tag models on any labelled photos."""

    def __init__(self, dataset: Dataset, split: Split) -> None:
        self.dataset, self.split = dataset, split
        self.words = sorted({tag for tags in dataset.labels.values() for tag in tags})
        self.truth = np.array([[tag in dataset.labels[image] for tag in self.words] for image in split.test])
        self.places = assign(split.test_neighbours, split.clusters)

    def fit(self, photos: list[int]) -> tuple[TagModel, SeedTags]:
        split, labels = self.split, self.dataset.labels
        chosen = sorted(photos)
        words = tuple(sorted({tag for photo in chosen for tag in labels[split.pool[photo]]}))
        matrix = np.array([[tag in labels[split.pool[photo]] for tag in words] for photo in chosen])
        seeds = SeedTags(words, np.array(chosen, np.int32), matrix)
        return learn(self.dataset, split, seeds), seeds

    def score(self, photos: list[int], *, told: bool) -> list[float]:
        """MiAP with the tags of these photos, and with `told` also where every tag was told beforehand."""
        model, seeds = self.fit(photos)
        said = model.predict(self.split.test_features, self.split.test_neighbours, self.places)
        known = np.searchsorted(self.words, seeds.vocabulary)
        scores = [miap(self.truth, known, said.scores)]
        if told:
            by_name = CandidateTags(seeds.vocabulary, model.name_prior.tag_names)
            everything = self.by_name.copy()
            everything[:, known] = shrink_to_names(said, seeds.matrix.sum(axis=0), by_name, self.seen).scores
            scores.append(miap(self.truth, np.arange(len(self.words)), everything))
        return scores

    @cached_property
    def seen(self) -> Float32:
        return self.dataset.classifier.probabilities(self.split.test_features)

    @cached_property
    def by_name(self) -> np.ndarray:
        return prepare_candidates(sentence_encoder(), self.words).probabilities(self.seen)

    def ceiling(self, photos: list[int]) -> float:
        """The score where every tag that some of these photos carries is ranked rightly, and no other is known."""
        words = {tag for photo in photos for tag in self.dataset.labels[self.split.pool[photo]]}
        known = np.array([word in words for word in self.words])
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
        told = options.tags_told
        ways = ["random", "suggest", *(["random, tags told", "suggest, tags told"] if told else [])]
        curves: dict[str, list[list[float]]] = {way: [] for way in (*ways, CEILING)}
        for repeat in range(options.repeats):
            trial = Trial(dataset, make_split(dataset, repeat))
            orders = [
                ("random", np.random.default_rng(1000 * repeat + draw).permutation(len(trial.split.pool)).tolist())
                for draw in range(DRAWS)
            ]
            suggested = trial.suggested(numbers[-1], options.batch)
            for way, order in [*orders, ("suggest", suggested)]:
                scores = np.array([trial.score(order[:n], told=told) for n in numbers]).T
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
    parser.add_argument("--batch", type=int, default=10, help="photos asked for at a time")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tags-told", action="store_true", help="also with every tag of the set as a candidate")
    parser.add_argument("--features", type=Path, nargs="+", help="features made earlier, one file a data set")
    parser.add_argument("--classifier", type=Path, help="with --features: the network's own classifier")
    parser.add_argument("--backbone", default=DEFAULT_BACKBONE, help="without --features: what describes photos")
    parser.add_argument("--views", type=int, default=1, help="average the first N views of a photo")
    parser.add_argument("--cache", type=Path, default=Path("artifacts/benchmark"), help="where features are kept")
    parser.add_argument("--json", type=Path, help="write every run here too")
    options = parser.parse_args()
    if options.tags_told and options.features and not options.classifier:
        parser.error("--tags-told needs the network's own classifier: give --classifier with --features")
    return options


if __name__ == "__main__":
    main()
