"""CPU time of queries and edits on a large synthetic library: `scripts/benchmark_browsing.py 100000`."""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from clustertags.browsing.duplicates import near_duplicates
from clustertags.browsing.listing import ClusterIndex, ClusterQuery
from clustertags.browsing.searching import PhotoIndex
from clustertags.browsing.tag_reach import tag_reach
from clustertags.clustering.grouping import coarser_levels
from clustertags.editing import new_edits
from clustertags.editing.edits import Edit
from clustertags.editing.journal import Entry, Journal
from clustertags.editing.replay import apply_edits
from clustertags.library.model import Base, FittedLibrary
from clustertags.tagging.top_tags import TopTags
from clustertags.types import ClusterDescription, Clusters, Neighbours, Photo, Projection, SeedTags

N_CLUSTERS, N_TAGS, N_LABELLED, N_COMPONENTS = 600, 200, 2000, 64


def synthetic_library(n: int) -> FittedLibrary:
    """A library of n photos in separated clusters; neighbours are drawn from nearby rows."""
    generator = np.random.default_rng(0)
    labels = np.sort(generator.zipf(1.3, n) % N_CLUSTERS).astype(np.int32)
    sizes = np.bincount(labels, minlength=N_CLUSTERS)
    number = np.empty(N_CLUSTERS, np.int32)
    number[np.argsort(-sizes, kind="stable")] = np.arange(N_CLUSTERS)
    labels = number[labels]
    space = generator.standard_normal((N_CLUSTERS, N_COMPONENTS))[labels] + generator.standard_normal((n, N_COMPONENTS))
    space = (space / np.linalg.norm(space, axis=1, keepdims=True)).astype(np.float32)
    medoids = np.array([np.flatnonzero(labels == at)[0] for at in range(N_CLUSTERS)], np.int32)
    stability, probabilities = generator.random(N_CLUSTERS).astype(np.float32), generator.random(n).astype(np.float32)
    clusters = Clusters(
        labels, probabilities, np.zeros(n, bool), medoids, stability, coarser_levels(space, labels, N_CLUSTERS)
    )
    vocabulary = tuple(f"tag {at:03d}" for at in range(N_TAGS))
    photos = np.sort(generator.choice(n, N_LABELLED, replace=False)).astype(np.int32)
    seed_tags = SeedTags(vocabulary, photos, np.arange(N_TAGS) == (labels[photos] % N_TAGS)[:, None])
    top = (labels[:, None] + np.arange(20)) % N_TAGS
    indices = np.clip(np.arange(n)[:, None] + generator.integers(1, 40, (n, 15)), 0, n - 1).astype(np.int32)
    similarities = -np.sort(-generator.beta(8, 2, (n, 15)), axis=1).astype(np.float32)
    return FittedLibrary(
        root=Path("photos"),
        photos=tuple(
            Photo(hashlib.sha256(str(at).encode()).hexdigest(), (f"{at // 1000:04d}/IMG_{at:06d}.JPG",))
            for at in range(n)
        ),
        skipped=(),
        projection=Projection(np.zeros(N_COMPONENTS, np.float32), np.eye(N_COMPONENTS, dtype=np.float32)),
        space=space,
        map=space[:, :2].copy(),
        clusters=clusters,
        descriptions=tuple(
            ClusterDescription(f"cluster of {at}", ((vocabulary[at % N_TAGS], 0.5),), "tags")
            for at in range(N_CLUSTERS)
        ),
        seeds=seed_tags,
        tag_model=None,
        top_tags=TopTags.without_shares(
            top.astype(np.int32), -np.sort(-generator.random((n, 20)), axis=1).astype(np.float32)
        ),
        settings={"seed": 0},
        neighbours=Neighbours(indices, similarities),
        base=Base(clusters, seed_tags),
        duplicate_groups=np.where(generator.random(n) < 0.1, generator.integers(0, max(n // 30, 1), n), -1).astype(
            np.int32
        ),
    )


def timed(what: str, action: Callable[[], object], repeats: int = 5) -> None:
    """Print the median CPU time of the calls, after one warm-up call where there are several."""
    if repeats > 1:
        action()
    seconds = []
    for _ in range(repeats):
        started = time.process_time()
        action()
        seconds.append(time.process_time() - started)
    print(f"{what:48s} {1000 * float(np.median(seconds)):8.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=int, nargs="?", default=100_000)
    library = apply_edits(synthetic_library(parser.parse_args().photos), Journal())
    index, clusters = PhotoIndex(library), ClusterIndex(library)
    timed("names prepared (once)", lambda: PhotoIndex(library).by_name("x"), 1)
    timed("clusters prepared (once)", lambda: ClusterIndex(library), 1)
    timed("search by tag", lambda: index.by_tag("tag 001", offset=200))
    timed("search by name, few found", lambda: index.by_name("img_0123"))
    timed("search by name, all found", lambda: index.by_name("img"))
    timed("search by likeness", lambda: index.like_photo(5))
    timed("completion of a tag", lambda: index.complete_tag("ag 01"))
    timed("clusters by size", lambda: clusters.clusters(ClusterQuery()))
    timed("clusters, unsure first, filtered", lambda: clusters.clusters(ClusterQuery("unsure", text="cluster of 1")))
    timed("levels (once)", lambda: clusters.levels, 1)
    timed("photos of the largest cluster (once)", lambda: clusters.photos(0), 1)
    timed("photos of the largest cluster, further on", lambda: clusters.photos(0, offset=5000))
    timed("near-duplicates, all groups", lambda: near_duplicates(library))
    timed("reach of all tags", lambda: tag_reach(library))
    members = library.clusters.members(1).tolist()
    edits: dict[str, Callable[[], Edit]] = {
        "rename": lambda: new_edits.rename(library, 0, "Rex"),
        "merge of the two largest": lambda: new_edits.merge(library, [0, 1]),
        "move of 1,000 photos": lambda: new_edits.move(library, members[:1000], 3),
        "hide the third cluster": lambda: new_edits.hide_cluster(library, 2),
        "tag of 1,000 photos": lambda: new_edits.give_tags(library, members[:1000], ["new"]),
    }
    for what, make in edits.items():
        timed(f"{what}: made", make)
        journal = Journal((Entry(1, "", make()),), last=1)
        timed(f"{what}: applied", lambda journal=journal: apply_edits(library, journal))  # type: ignore[misc]
    many = [Entry(at, "", new_edits.rename(library, at % 100, f"name {at}")) for at in range(1, 201)]
    timed("200 renames: applied", lambda: apply_edits(library, Journal(tuple(many), last=200)))
    moves = [Entry(at, "", new_edits.move(library, members[at : at + 5], at % 50)) for at in range(1, 201)]
    timed("200 moves: applied", lambda: apply_edits(library, Journal(tuple(moves), last=200)))


if __name__ == "__main__":
    main()
