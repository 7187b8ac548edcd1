"""Consensus clustering: photos are together where they are in most runs.

A single layout depends on chance. Each run embeds and clusters a random sample of the photos, with another seed and
another `n_neighbors`, and the other photos join by vote. Runs are then combined by evidence accumulation
(Fred, Jain 2005): average linkage over the share of runs in which two photos meet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.types import UNCLUSTERED, Float32, Float64, Int32


def agreed_groups(runs: Int32, least_agreement: float) -> NDArray[np.intp]:
    """Group number of each photo, (n_photos,) intp, numbered from 0 without gaps.

    `runs`: (n_runs, n_photos) int32 labels. Two groups are one if, averaged over the pairs between them, more than
    `least_agreement` of the runs put the pair together; unclustered photos are together with none.
    """
    cells, cell_of = np.unique(runs, axis=1, return_inverse=True)
    sizes = np.bincount(cell_of.ravel()).astype(np.float64)
    agreement = np.zeros((len(sizes), len(sizes)))
    for labels in cells:
        agreement += (labels[:, None] == labels) & (labels != UNCLUSTERED)
    return linked(agreement / len(runs), sizes, least_agreement)[cell_of.ravel()]


def linked(agreement: Float64, sizes: Float64, least: float) -> NDArray[np.intp]:
    """Average linkage of cells of given sizes, down to agreement `least`: (n_cells,) intp group numbers.

    By chains of nearest neighbours (Murtagh 1983), which for average linkage finds the same groups as joining the
    closest pair first, in time quadratic in the cells.
    """
    np.fill_diagonal(agreement, -1.0)
    group_of = np.arange(len(sizes))
    alive = np.ones(len(sizes), np.bool_)
    chain: list[int] = []
    while alive.any():
        if not chain:
            chain.append(int(alive.argmax()))
        tip = chain[-1]
        closest = int(agreement[tip].argmax())
        if len(chain) > 1 and agreement[tip, chain[-2]] >= agreement[tip, closest]:
            closest = chain[-2]
        if agreement[tip, closest] <= least:
            # Nothing agrees enough with the tip, and later merges cannot raise its agreement: it is finished.
            alive[tip] = False
            chain.clear()
            continue
        if len(chain) < 2 or closest != chain[-2]:
            chain.append(closest)
            continue
        del chain[-2:]
        kept, gone = min(tip, closest), max(tip, closest)
        both = sizes[kept] + sizes[gone]
        row = (sizes[kept] * agreement[kept] + sizes[gone] * agreement[gone]) / both
        agreement[kept], agreement[:, kept] = row, row
        agreement[gone], agreement[:, gone] = -1.0, -1.0
        agreement[kept, kept] = -1.0
        sizes[kept] = both
        alive[gone] = False
        group_of[group_of == gone] = kept
    return np.unique(group_of, return_inverse=True)[1]


def overlaps(labels: Int32, run: Int32) -> Float64:
    """Photos that each cluster of `labels` shares with each cluster of `run`: (n_clusters, n_run_clusters) float64."""
    n_clusters, n_run = int(labels.max(initial=-1)) + 1, int(run.max(initial=-1)) + 1
    both = (labels != UNCLUSTERED) & (run != UNCLUSTERED)
    cells = labels[both].astype(np.intp) * n_run + run[both]
    return np.bincount(cells, minlength=n_clusters * n_run).reshape(n_clusters, n_run).astype(np.float64)


def stability(labels: Int32, runs: Int32) -> Float32:
    """How well runs reproduce each cluster: (n_clusters,) float32 in 0..1.

    The Jaccard similarity to the most similar cluster of a run, averaged over the runs (Hennig 2007).
    """
    n_clusters = int(labels.max(initial=-1)) + 1
    sizes = np.bincount(labels[labels != UNCLUSTERED], minlength=n_clusters)
    best = np.zeros(n_clusters)
    for run in runs:
        shared = overlaps(labels, run)
        if shared.shape[1]:
            union = sizes[:, None] + np.bincount(run[run != UNCLUSTERED]) - shared
            best += (shared / np.maximum(union, 1)).max(axis=1)
    return (best / max(len(runs), 1)).astype(np.float32)


def firmness(labels: Int32, runs: Int32) -> Float32:
    """The membership probability of each photo: (n_photos,) float32 in 0..1, 0 where unclustered.

    The share of its cluster's photos that a run puts together with it, averaged over the runs.
    """
    sizes = np.maximum(np.bincount(labels[labels != UNCLUSTERED], minlength=1), 1)
    share = np.zeros(len(labels))
    for run in runs:
        placed = (labels != UNCLUSTERED) & (run != UNCLUSTERED)
        share[placed] += overlaps(labels, run)[labels[placed], run[placed]] / sizes[labels[placed]]
    return (share / max(len(runs), 1)).astype(np.float32)
