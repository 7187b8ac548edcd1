"""Pictures in which there is nothing to see, and those that merely show little, as files of the usual formats."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from clustertags.features.backbones import Preprocess
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import PhotoReader
from clustertags.photos.blank import NOISE, ONE_COLOUR, why_blank
from clustertags.photos.files import DecodeLimits
from tests.made.features import ColourHistogram

STEPS = Preprocess(256, 224, "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
Y, X = np.mgrid[:600, :800]


def blank(image: Image.Image, kind: str = "PNG", **options: object) -> str:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    extractor = Extractor(ColourHistogram(), PhotoReader(STEPS, DecodeLimits()))
    content = extractor.extract_data("a", stream.getvalue()).content
    assert content is not None
    return content.blank


def picture(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def random() -> np.random.Generator:
    return np.random.default_rng(0)


def hot_pixel() -> Image.Image:
    values = np.zeros((300, 400))
    values[140, 200] = 255
    return picture(values)


def hidden_behind_alpha() -> Image.Image:
    values = random().integers(0, 256, (300, 300, 4), np.uint8)
    values[..., 3] = 0
    return Image.fromarray(values, "RGBA")


def salt_and_pepper(base: np.ndarray, share: float) -> Image.Image:
    values, chosen = base.copy(), random().random(base.shape[:2])
    values[chosen < share] = 0
    values[chosen < share / 2] = 255
    return picture(values)


@pytest.mark.parametrize("colour", ["black", "white", (200, 30, 90)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_one_colour(colour: str, kind: str) -> None:
    assert blank(Image.new("RGB", (640, 480), colour), kind) == ONE_COLOUR


@pytest.mark.parametrize("make", [hot_pixel, hidden_behind_alpha])
def test_what_is_left_of_a_picture_of_one_colour(make: Callable[[], Image.Image]) -> None:
    assert blank(make()) == ONE_COLOUR


@pytest.mark.parametrize("grain", [2, 4, 8, 16, 40])
@pytest.mark.parametrize("side", [400, 1500])
def test_a_lens_cap(grain: float, side: int) -> None:
    assert blank(picture(random().normal(4, grain, (side, side * 3 // 2, 3))), "JPEG", quality=85)


@pytest.mark.parametrize("side", [32, 64, 100, 224, 300, 1000, 2500])
@pytest.mark.parametrize("n_channels", [1, 3])
def test_noise(side: int, n_channels: int) -> None:
    assert blank(picture(random().integers(0, 256, (side, side, n_channels)).repeat(3 // n_channels, axis=2))) == NOISE


@pytest.mark.parametrize("quality", [50, 95])
def test_noise_as_jpeg(quality: int) -> None:
    for side in (256, 800):
        assert blank(picture(random().integers(0, 256, (side, side * 3 // 2, 3))), "JPEG", quality=quality) == NOISE


def test_salt_and_pepper_on_one_colour() -> None:
    assert blank(salt_and_pepper(np.full((300, 400), 128), 0.1)) == NOISE


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 400), (7, 7)])
def test_a_few_pixels(size: tuple[int, int]) -> None:
    values = random().integers(0, 256, (size[1], size[0], 3))
    assert blank(picture(values)) == f"nothing to see: only {size[0]} x {size[1]} pixels"


def text(size: tuple[int, int], points: int, margin: int) -> Image.Image:
    image = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(points)
    words = "The quick brown fox jumps over the lazy dog and tags photos of its own garden. " * 8
    for line, top in enumerate(range(margin, size[1] - margin, points * 5 // 4)):
        draw.text((margin, top), words[17 * line % 80 :][: 3 * (size[0] - 2 * margin) // points], "black", font)
    return image


@pytest.mark.parametrize("margin", [0, 20])
@pytest.mark.parametrize(("size", "points"), [((224, 224), 9), ((320, 240), 7), ((600, 800), 12), ((1240, 1754), 24)])
def test_pages_of_text_show_something(size: tuple[int, int], points: int, margin: int) -> None:
    assert blank(text(size, points, margin)) == ""


def night() -> np.ndarray:
    return np.asarray(10 + 12 * Y / 600 + random().normal(0, 3, X.shape))


def stars() -> np.ndarray:
    values = np.zeros((400, 400))
    values[random().integers(0, 400, 600), random().integers(0, 400, 600)] = 255
    soft = np.asarray(picture(values).filter(ImageFilter.GaussianBlur(0.8)), float)
    return soft + random().normal(8, 2, values.shape)


def sharp_stars() -> np.ndarray:
    return np.where(random().random((400, 400)) < 0.03, 255, 0)


def snow() -> np.ndarray:
    return np.asarray(235 + 8 * np.sin(X / 90) + 5 * np.cos(Y / 70) + random().normal(0, 2, X.shape))


def fog() -> np.ndarray:
    return np.asarray(200 + 3 * np.sin(X / 150) + random().normal(0, 1, X.shape))


def whiteboard() -> np.ndarray:
    image = Image.new("L", (1600, 1200), 238)
    ImageDraw.Draw(image).line([(500, 400), (700, 500), (650, 700)], fill=30, width=6)
    return np.asarray(image)


def line_drawing() -> np.ndarray:
    image = Image.new("L", (800, 800), 255)
    for ends in random().integers(0, 800, (12, 4)).tolist():
        ImageDraw.Draw(image).line(ends, fill=0, width=1)
    return np.asarray(image)


def checkerboard() -> np.ndarray:
    return np.asarray((X // 5 + Y // 5) % 2 * 255)


def two_colours_of_one_lightness() -> np.ndarray:
    return np.where(X[..., None] < 400, (200, 0, 0), (0, 102, 0))


@pytest.mark.parametrize(
    "make",
    [night, stars, sharp_stars, snow, fog, whiteboard, line_drawing, checkerboard, two_colours_of_one_lightness],
)
def test_little_is_not_nothing(make: Callable[[], np.ndarray]) -> None:
    assert blank(picture(make()), "JPEG", quality=90) == ""


def test_a_subject_at_the_edge_of_an_empty_frame_is_seen() -> None:
    image = Image.new("RGB", (1200, 400), "black")
    image.paste("white", (1000, 100, 1150, 300))
    assert blank(image) == ""


def test_shapes_in_the_noise_and_fine_patterns_are_seen() -> None:
    y, x = np.mgrid[:224, :224]
    shapes = random().normal(0, 10, (14, 14)).repeat(16, axis=0).repeat(16, axis=1)
    grain = random().normal(128, 40, (224, 224))
    fine = (x // 3 + y // 3) % 2 * 255

    def judged(values: np.ndarray) -> str:
        return why_blank(np.stack([np.clip(values, 0, 255).astype(np.uint8)] * 3, axis=2))

    assert judged(grain) == NOISE
    assert judged(grain + shapes) == ""
    assert judged(fine) == ""


def test_photos_stay_also_when_they_are_dark_grainy_or_small(shared: Path) -> None:
    """The flattest fields from above and the most irregular textures of four sets, and any others."""
    names = [f"aerial/images/{name}.jpg" for name in ("01679", "01808", "02592", "02626", "00970")]
    names += [f"caltech101/images/{name}.jpg" for name in ("01267", "01035")]
    names += [f"clothing/images/{name}.jpg" for name in ("01142", "01190", "00373")]
    for name in names:
        assert blank(Image.open(shared / "photos" / name)) == "", name
    for path in sorted((shared / "photos" / "flickr8k" / "images").glob("*.jpg"))[:10]:
        photo = Image.open(path).convert("RGB")
        values = np.asarray(photo, float)
        assert blank(photo.resize((32, 32))) == ""
        assert blank(picture(values * 0.03 + random().normal(0, 2, values.shape)), "JPEG") == ""
        assert blank(picture(values + random().normal(0, 80, values.shape))) == ""
        assert blank(salt_and_pepper(values, 0.6)) == ""
