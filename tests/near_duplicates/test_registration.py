"""Small pictures laid over each other."""

from __future__ import annotations

import numpy as np
import pytest

from clustertags.near_duplicates.registration import prepare_pictures, registered_correlations
from clustertags.photos.small_picture import small_picture
from tests.made.scenes import made_scene

WHOLE = (0, 0, 320, 240)


def correlation(first: tuple[int, int, int, int], second: tuple[int, int, int, int], number: int = 1) -> float:
    pictures = [small_picture(np.asarray(made_scene(at).crop(box))) for at, box in ((1, first), (number, second))]
    return float(registered_correlations(prepare_pictures(np.stack(pictures)), np.array([0]), np.array([1]))[0])


@pytest.mark.parametrize("box", [(16, 12, 304, 228), (0, 0, 304, 228), (16, 12, 320, 240), (10, 0, 320, 240)])
def test_a_crop_lies_within_its_original(box: tuple[int, int, int, int]) -> None:
    assert correlation(box, WHOLE) > 0.97
    assert correlation(box, WHOLE, number=2) < 0.8


def test_a_picture_of_one_colour_is_like_no_other() -> None:
    pictures = np.full((2, 32, 32), 200, np.uint8)
    assert registered_correlations(prepare_pictures(pictures), np.array([0]), np.array([1])).tolist() == [0]
