"""Denton's user-biased model: each user has a preference for some tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from clustertags.benchmark.method_building_blocks.warp_training import N_FACTORS, known_users, train_with_users
from clustertags.benchmark.method_building_blocks.zero_shot_semantics import scaled_rows
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64

if TYPE_CHECKING:
    from torch import Tensor


@register
class DentonUserBiased:
    """f(x, y, u) = (U x)' (V y) + (W u)' (V y); u is one of the users, the paper's has age, sex and place.

    A user unknown at the fit has no bias.
    """

    name: ClassVar[str] = "denton-user-biased"
    title: ClassVar[str] = "Denton, user-biased"
    family: ClassVar[Family] = Family.USERS
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.USERS)
    paper: ClassVar[str] = "Denton et al. 2015, User conditional hashtag prediction for images"

    def __init__(self, n_factors: int = N_FACTORS) -> None:
        self.n_factors = n_factors

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.parameters_, self.n_users_ = train_with_users(photos, tags, _score, self.n_factors, task.random_state)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        users, found = known_users(photos, self.n_users_), self.parameters_
        bias = found["W"][users] * (users >= 0)[:, None]
        scores: Float64 = (scaled_rows(photos.features.values) @ found["U"] + bias) @ found["V"]
        return scores


def _score(parameters: dict[str, Tensor], features: Tensor, users: Tensor) -> Tensor:
    return (features @ parameters["U"] + parameters["W"][users]) @ parameters["V"]
