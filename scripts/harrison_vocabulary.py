"""Empty tags and synonyms among real hashtags: the numbers of docs/results/vocabulary.md.

    python scripts/harrison_vocabulary.py FOLDER [--photos 6000] [--seed 0]

FOLDER holds HARRISON's `tag_list.txt` (the tags of one photo a line) and `data_list.txt` (its path, in the same order).
There are no pictures, so the folder that a photo was crawled into, named by the search hashtag, is used as its cluster.
The folder's own tag is removed from the photo, as it is an artefact of the search. Spread is measured on all photos,
synonyms on a sample.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.spellings import like_pairs
from clustertags.labels.synonyms import suggest_synonyms
from clustertags.types import SeedTags

MIN_COUNT = 100
KNOWN_EMPTY = """
    2015 amazing awesome bestoftheday fashion follow followme followforfollow f4f fun funny good goodtime happy hashtag
    igers ig igdaily instacool instadaily instafollow instagood instagram instagramers instalike instalove instamood
    instaphoto instapic instalife iphone iphoneonly iphonesia jj l4l life lifestyle like likeforlike like4like likes lol
    love me memories mood nice nofilter photo photograph photographer photography photooftheday pic picoftheday picture
    selfie smile tagsforlikes tb tbt throwback throwbackthursday today vsco vscocam weekend webstagram
"""
"""Selected by hand beforehand: a mood, a custom of the site, the taking of a photo, or a request for likes."""


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
    seed_tags, labels = as_seed_tags(tags), as_labels(crawled)
    print_spread(seed_tags, labels)
    print_synonyms(seed_tags, labels, options)


def as_seed_tags(tags: list[set[str]]) -> SeedTags:
    counts = Counter(tag for row in tags for tag in row)
    vocabulary = tuple(sorted(counts))
    column = {tag: at for at, tag in enumerate(vocabulary)}
    matrix = np.zeros((len(tags), len(vocabulary)), np.bool_)
    for at, row in enumerate(tags):
        matrix[at, [column[tag] for tag in row]] = True
    return SeedTags(vocabulary, np.arange(len(tags), dtype=np.int32), matrix)


def as_labels(crawled: list[str]) -> np.ndarray:
    return np.unique(crawled, return_inverse=True)[1].astype(np.int32)


def print_spread(seed_tags: SeedTags, labels: np.ndarray) -> None:
    """Print the most evenly spread tags, by mutual information of tag and folder."""
    started = time.perf_counter()
    rows = spreads(seed_tags, labels)
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


def spreads(seed_tags: SeedTags, labels: np.ndarray) -> list[Spread]:
    """1 - mutual information of tag and folder over the tag's entropy, corrected for chance, most even first."""
    n, counts = seed_tags.n_labelled, seed_tags.matrix.sum(axis=0)
    sizes = np.bincount(labels)
    rows = []
    for at in np.flatnonzero(counts >= MIN_COUNT):
        inside = np.bincount(labels[seed_tags.matrix[:, at]], minlength=len(sizes))
        share = counts[at] / n
        cells = np.stack([inside, sizes - inside])
        expected = np.outer([counts[at], n - counts[at]], sizes) / n
        information = float((cells * np.log(np.maximum(cells, 1e-12) / np.maximum(expected, 1e-12))).sum() / n)
        chance = (len(sizes) - 1) / (2 * n)  # of a permuted tag (Miller 1955)
        entropy = -share * np.log(share) - (1 - share) * np.log(1 - share)
        explained = max(information - chance, 0.0) / (entropy - chance)
        rows.append(Spread(seed_tags.vocabulary[at], int(counts[at]), 1 - explained, information / chance))
    return sorted(rows, key=lambda row: -row.spread)


def print_synonyms(seed_tags: SeedTags, labels: np.ndarray, options: argparse.Namespace) -> None:
    started = time.perf_counter()
    chosen = np.sort(np.random.default_rng(options.seed).permutation(seed_tags.n_labelled)[: options.photos])
    sample = SeedTags(seed_tags.vocabulary, np.arange(len(chosen), dtype=np.int32), seed_tags.matrix[chosen])
    suggestions = suggest_synonyms(sample, labels[chosen], random_state=options.seed)
    print(f"\n{len(like_pairs(seed_tags.vocabulary))} pairs written alike, {len(suggestions)} suggested, ", end="")
    print(f"{time.perf_counter() - started:.1f} s")
    suggested = {frozenset((item.tag, item.canonical)) for item in suggestions}
    for item in suggestions:
        print(f"  {item.tag} = {item.canonical}    {item.evidence}")
    alike = [
        (seed_tags.vocabulary[pair.first], seed_tags.vocabulary[pair.second])
        for pair in like_pairs(seed_tags.vocabulary)
    ]
    remaining = [pair for pair in alike if frozenset(pair) not in suggested]
    print("not suggested: " + ", ".join("/".join(pair) for pair in remaining))


if __name__ == "__main__":
    main()
