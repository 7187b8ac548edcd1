"""What becomes of real hashtags: the figures of docs/results/vocabulary.md.

    python scripts/harrison_vocabulary.py FOLDER [--photos 6000] [--seed 0]

FOLDER holds HARRISON's `tag_list.txt` (the tags of one photo a line) and `data_list.txt` (its path, in the same order).
There are no pictures here, so the folder that a photo was crawled into, the hashtag that it was found by, stands in for
its cluster. The tag that is the name of the folder is taken away from the photo: it is there by the way the photos were
found. Spread is measured on all photos, synonyms on a sample.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustertags.labels.spellings import like_pairs
from clustertags.labels.synonyms import suggest_synonyms
from clustertags.labels.vocabulary import normalise_tag
from clustertags.types import SeedTags

MIN_COUNT = 100
KNOWN_EMPTY = """
    2015 amazing awesome bestoftheday fashion follow followme followforfollow f4f fun funny good goodtime happy hashtag
    igers ig igdaily instacool instadaily instafollow instagood instagram instagramers instalike instalove instamood
    instaphoto instapic instalife iphone iphoneonly iphonesia jj l4l life lifestyle like likeforlike like4like likes lol
    love me memories mood nice nofilter photo photograph photographer photography photooftheday pic picoftheday picture
    selfie smile tagsforlikes tb tbt throwback throwbackthursday today vsco vscocam weekend webstagram
"""
"""Judged by hand before the figures: a mood, a custom of the site, the taking of a photo, or a plea for likes."""


@dataclass(frozen=True)
class Spread:
    tag: str
    count: int
    spread: float
    excess: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=6000, help="photos sampled for the synonyms")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    lines = (options.folder / "tag_list.txt").read_text(encoding="utf-8").splitlines()
    paths = (options.folder / "data_list.txt").read_text(encoding="utf-8").splitlines()
    crawled = [normalise_tag(path.split("/")[1]) for path in paths]
    written = [line.split() for line in lines]
    tags = [{tag for tag in map(normalise_tag, row) if tag} for row in written]
    print(
        f"{len(tags):,} photos, {sum(map(len, written)):,} tags, {len({t for row in written for t in row}):,} spellings"
    )
    print(f"{len(set().union(*tags)):,} distinct after normalising; {len(set(crawled)):,} crawl folders")
    tags = [row - {folder} for row, folder in zip(tags, crawled, strict=True)]
    seeds, labels = as_seeds(tags), as_labels(crawled)
    print_spread(seeds, labels)
    print_synonyms(seeds, labels, options)


def as_seeds(tags: list[set[str]]) -> SeedTags:
    counts = Counter(tag for row in tags for tag in row)
    vocabulary = tuple(sorted(counts))
    column = {tag: at for at, tag in enumerate(vocabulary)}
    matrix = np.zeros((len(tags), len(vocabulary)), np.bool_)
    for at, row in enumerate(tags):
        matrix[at, [column[tag] for tag in row]] = True
    return SeedTags(vocabulary, np.arange(len(tags), dtype=np.int32), matrix)


def as_labels(crawled: list[str]) -> np.ndarray:
    return np.unique(crawled, return_inverse=True)[1].astype(np.int32)


def print_spread(seeds: SeedTags, labels: np.ndarray) -> None:
    """The tags most evenly spread: entropy of the folders that carry them, each folder weighed by its size."""
    started = time.perf_counter()
    rows = spreads(seeds, labels)
    print(f"\nspread of {len(rows)} tags on {MIN_COUNT} photos or more, {time.perf_counter() - started:.2f} s")
    known = {row.tag for row in rows} & set(KNOWN_EMPTY.split())
    for at, row in enumerate(rows[:40], start=1):
        print(f"{at:3d}  {row.tag:20s} {row.count:6,d}  {row.spread:.3f}  {'empty' if row.tag in known else ''}")
    ranks = sorted(at for at, row in enumerate(rows, start=1) if row.tag in known)
    share = len(known) / len(rows)
    for k in (10, 20, 40):
        print(f"precision at {k}: {sum(rank <= k for rank in ranks) / k:.2f} (by chance {share:.2f})")
    print(f"{len(known)} of the listed are in the vocabulary; median rank {np.median(ranks):.0f} of {len(rows)}")
    above = np.mean([[a.spread > b.spread for b in rows if b.tag not in known] for a in rows if a.tag in known])
    print(f"a listed tag is more evenly spread than another tag in {above:.2f} of pairs")


def spreads(seeds: SeedTags, labels: np.ndarray) -> list[Spread]:
    """1 - mutual information of tag and folder over the tag's entropy, chance taken off, most even first."""
    n, counts = seeds.n_labelled, seeds.matrix.sum(axis=0)
    sizes = np.bincount(labels)
    rows = []
    for at in np.flatnonzero(counts >= MIN_COUNT):
        inside = np.bincount(labels[seeds.matrix[:, at]], minlength=len(sizes))
        share = counts[at] / n
        cells = np.stack([inside, sizes - inside])
        expected = np.outer([counts[at], n - counts[at]], sizes) / n
        information = float((cells * np.log(np.maximum(cells, 1e-12) / np.maximum(expected, 1e-12))).sum() / n)
        chance = (len(sizes) - 1) / (2 * n)  # of a tag dealt out blindly (Miller 1955)
        entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
        told = max(information - chance, 0.0) / (entropy - chance)
        rows.append(Spread(seeds.vocabulary[at], int(counts[at]), 1 - told, information / chance))
    return sorted(rows, key=lambda row: -row.spread)


def print_synonyms(seeds: SeedTags, labels: np.ndarray, options: argparse.Namespace) -> None:
    started = time.perf_counter()
    chosen = np.sort(np.random.default_rng(options.seed).permutation(seeds.n_labelled)[: options.photos])
    sample = SeedTags(seeds.vocabulary, np.arange(len(chosen), dtype=np.int32), seeds.matrix[chosen])
    suggestions = suggest_synonyms(sample, labels[chosen], random_state=options.seed)
    print(f"\n{len(like_pairs(seeds.vocabulary))} pairs written alike, {len(suggestions)} suggested, ", end="")
    print(f"{time.perf_counter() - started:.1f} s")
    suggested = {frozenset((item.tag, item.canonical)) for item in suggestions}
    for item in suggestions:
        print(f"  {item.tag} = {item.canonical}    {item.evidence}")
    alike = [(seeds.vocabulary[pair.first], seeds.vocabulary[pair.second]) for pair in like_pairs(seeds.vocabulary)]
    left = [pair for pair in alike if frozenset(pair) not in suggested]
    print("not suggested: " + ", ".join("/".join(pair) for pair in left))


if __name__ == "__main__":
    main()
