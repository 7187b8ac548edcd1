"""Training of the three models of Denton et al. by the WARP loss. Imports torch lazily."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clustertags.benchmark.method_building_blocks.zero_shot_semantics import scaled_rows
from clustertags.benchmark.method_interface import PhotoSample
from clustertags.errors import UsageError
from clustertags.types import Bool, Float64, Int32

if TYPE_CHECKING:
    from torch import Tensor


N_FACTORS = 32
N_EPOCHS = 40
BATCH = 128
RATE = 0.02
DECAY = 1e-4
MARGIN = 1.0
START = 0.1


@dataclass(frozen=True, slots=True)
class Labelled:
    """`features` (n, n_features), `users` (n,) int32 and `tags` (n, n_tags) bool of the photos to learn from."""

    features: Float64
    users: Int32
    tags: Bool


Score = Callable[[dict[str, "Tensor"], "Tensor", "Tensor"], "Tensor"]
"""(parameters, features (n, n_features), users (n,) int64) to scores (n, n_tags)."""


def train_warp(
    shapes: Mapping[str, tuple[int, ...]], score: Score, photos: Labelled, random_state: int
) -> dict[str, Float64]:
    """Fit parameters of the given shapes by the WARP loss (Weston, Bengio and Usunier 2011), with Adam.

    For every tag of every photo wrong tags are drawn until one violates the margin; with N draws the rank is about
    (n_tags - 1) // N, and the hinge is weighted by the sum of 1/i up to that rank. Deterministic under `random_state`.
    """
    import torch  # noqa: PLC0415

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        parameters = {name: (START * torch.randn(shape)).requires_grad_() for name, shape in shapes.items()}
        optimiser = torch.optim.Adam(parameters.values(), lr=RATE, weight_decay=DECAY)
        inputs, own = torch.from_numpy(photos.features).float(), torch.from_numpy(np.array(photos.tags))
        who = torch.from_numpy(photos.users.astype(np.int64))
        rows, columns = torch.nonzero(own, as_tuple=True)
        for _ in range(N_EPOCHS):
            for batch in torch.randperm(len(rows)).split(BATCH):  # type: ignore[no-untyped-call]
                at = rows[batch]
                loss = warp_loss(score(parameters, inputs[at], who[at]), columns[batch], own[at])
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        return {name: value.detach().double().numpy() for name, value in parameters.items()}


def train_with_users(
    photos: PhotoSample, tags: Bool, score: Score, n_factors: int, random_state: int
) -> tuple[dict[str, Float64], int]:
    """Fit "U" (n_features, n_factors), "V" (n_factors, n_tags) and, a row a user, "W" (n_users, n_factors), by
    `train_warp`; and return the number of users too.
    """
    features, users = scaled_rows(photos.features.values), known_users(photos)
    n_users = int(users.max(initial=-1)) + 1
    shapes = {
        "U": (features.shape[1], n_factors),
        "V": (n_factors, tags.shape[1]),
        "W": (n_users, n_factors),
    }
    return train_warp(shapes, score, Labelled(features, users, tags), random_state), n_users


def warp_loss(scores: Tensor, target: Tensor, own: Tensor) -> Tensor:
    """Mean WARP loss of (n, n_tags) scores; `target` (n,) one tag of each photo; `own` (n, n_tags), all of them."""
    import torch  # noqa: PLC0415

    n, n_tags = scores.shape
    order = torch.rand(n, n_tags).argsort(dim=1)
    short = (MARGIN - scores.gather(1, target[:, None]) + scores).masked_fill(own, 0.0).gather(1, order)
    wrong = (~own).gather(1, order)
    violates = (short > 0) & wrong
    first = violates.int().argmax(dim=1, keepdim=True)
    n_drawn = wrong.int().cumsum(dim=1).gather(1, first).clamp(min=1)
    sums = torch.cumsum(1.0 / torch.arange(1, n_tags + 1), dim=0)
    weight = sums[((n_tags - 1) // n_drawn - 1).clamp(min=0)]
    return (weight * short.gather(1, first).clamp(min=0)).mean()


def known_users(photos: PhotoSample, n_users: int | None = None) -> Int32:
    """(n,) int32; users unknown at the fit are -1. Raises `UsageError` where the photos have no users."""
    if photos.users is None:
        raise UsageError("this method needs the user of each photo: choose another, or give users")
    if n_users is None:
        return photos.users
    return np.asarray(np.where(photos.users < n_users, photos.users, -1), np.int32)
