"""What looks at the pictures themselves: visual words, the layout descriptor, fine-tuned networks."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.svm import LinearSVC

from clustertags.benchmark.method_building_blocks.bag_of_visual_words import (
    count_words,
    describe,
    descriptors,
    fit_codebook,
)
from clustertags.benchmark.method_building_blocks.fine_tuning import Recipe, preprocessed
from clustertags.benchmark.method_building_blocks.picture_cache import PictureCache
from clustertags.benchmark.method_building_blocks.scene_descriptor import N_NUMBERS, layout_descriptor
from clustertags.benchmark.methods.backbone_transfer import BackboneTransfer, load_lite0
from clustertags.benchmark.methods.resnet18 import WEIGHTS_VARIABLE, Resnet18, load_resnet18
from clustertags.benchmark.methods.sift_svm import SiftSvm
from clustertags.errors import UsageError, WeightsError
from clustertags.features.backbones import find_backbone
from tests.benchmark.methods.samples import first, made_picture, make, share_right

PLAIN = Image.new("RGB", (64, 64), (90, 120, 60))
STRIPES = made_picture(1, np.random.default_rng(0))


@dataclass
class Counted:
    """Pictures that count how often they are decoded."""

    all: tuple[Image.Image, ...]
    n_decoded: int = 0
    names: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, index: int) -> Image.Image:
        self.n_decoded += 1
        return self.all[index]


class Named(Counted):
    def digest(self, index: int) -> str:
        return self.names[index]


def test_a_picture_is_worked_on_once_wherever_it_stands() -> None:
    worked: list[int] = []
    cache = PictureCache(lambda picture: worked.append(1) or picture.size, n_kept=8)
    assert cache.get_all(Counted((PLAIN, STRIPES))) == [(64, 64), (96, 96)]
    assert cache.get_all(Counted((STRIPES, PLAIN, STRIPES.copy()))) == [(96, 96), (64, 64), (96, 96)]
    assert len(worked) == 2


def test_pictures_with_names_of_their_own_are_not_decoded_again() -> None:
    cache = PictureCache(lambda picture: picture.size, n_kept=8)
    named = Named((PLAIN, STRIPES), names=["a", "b"])
    cache.get_all(named)
    assert cache.get_all(named) == [(64, 64), (96, 96)]
    assert named.n_decoded == 2


def test_only_the_last_pictures_are_kept() -> None:
    worked: list[int] = []
    cache = PictureCache(lambda picture: worked.append(1) or picture.size, n_kept=1)
    cache.get_all(Counted((PLAIN, STRIPES, PLAIN)))
    assert len(worked) == 3


def test_a_plain_picture_has_no_descriptors_and_no_words() -> None:
    assert describe(PLAIN).shape == (0, 128)
    assert 10 < len(describe(STRIPES)) <= 300
    assert count_words([describe(PLAIN)], np.zeros((5, 128), np.float32)).tolist() == [[0.0] * 5]


def test_words_are_counted_at_the_nearest_centre() -> None:
    codebook = np.zeros((2, 128), np.float32)
    codebook[1] = 100
    own = np.zeros((4, 128), np.uint8)
    own[0] = 49
    own[1:] = 60
    np.testing.assert_allclose(count_words([own], codebook), [[0.25, 0.75]])


def test_the_codebook_finds_what_the_descriptors_gather_around() -> None:
    random = np.random.default_rng(0)
    centres = random.integers(0, 200, (3, 128))
    made = [np.clip(centres[at % 3] + random.integers(-3, 4, (40, 128)), 0, 255).astype(np.uint8) for at in range(9)]
    found = fit_codebook(made, 3, random_state=0)
    distances = np.abs(found[:, None] - centres[None]).mean(axis=2)
    assert sorted(distances.argmin(axis=1)) == [0, 1, 2]
    assert distances.min(axis=1).max() < 1
    assert fit_codebook([np.zeros((0, 128), np.uint8)], 3, random_state=0).shape == (1, 128)


def test_the_svm_on_words_is_scikit_learns() -> None:
    made = make()
    method = SiftSvm(n_words=20).fit(made.labelled, made.tags, made.task)
    assert made.labelled.pictures is not None
    assert made.new.pictures is not None
    words = [
        np.sqrt(count_words(descriptors(pictures), method.codebook_))
        for pictures in (made.labelled.pictures, made.new.pictures)
    ]
    reference = LinearSVC(random_state=0).fit(words[0], made.tags.argmax(axis=1))
    np.testing.assert_allclose(method.predict_scores(made.new), reference.decision_function(words[1]), atol=1e-9)


def test_without_opencv_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    made = make(n_labelled=3)
    with pytest.raises(UsageError, match=r"pip install 'clustertags\[benchmark\]'"):
        SiftSvm().fit(made.labelled, made.tags, made.task)


def test_a_layout_tells_where_edges_and_colours_are() -> None:
    """A vertical edge in the left half, red above and blue below."""
    pixels = np.zeros((128, 128, 3), np.uint8)
    pixels[:64, :, 0] = 200
    pixels[64:, :, 2] = 200
    pixels[:, 16:] //= 2
    numbers = layout_descriptor(Image.fromarray(pixels))
    assert numbers.shape == (N_NUMBERS,)
    assert np.linalg.norm(numbers) == pytest.approx(1)
    edges = numbers[:128].reshape(4, 4, 8)
    assert edges[0, 0].argmax() == 0  # brightness changes from left to right
    assert edges[0, 0, 0] > edges[0, 3, 0]
    colours = numbers[256:304].reshape(4, 4, 3)
    assert colours[0, 0, 0] > colours[3, 0, 0]
    assert colours[3, 0, 2] > colours[0, 0, 2]
    turned = layout_descriptor(Image.fromarray(pixels).rotate(90))
    assert not np.allclose(numbers, turned, atol=0.1)


def test_preprocessing_cuts_out_the_middle() -> None:
    preprocess = find_backbone().load().preprocess
    half = np.zeros((256, 512, 3), np.uint8)
    half[:, 256:] = 255
    found = preprocessed(Image.fromarray(half), preprocess)
    assert found.shape == (3, 224, 224)
    assert found[:, :, :100].max() == pytest.approx(-1)
    assert found[:, :, -100:].min() == pytest.approx(1)


def test_the_two_halves_of_a_network_are_the_network(weights: Path) -> None:
    pixels = torch.rand(2, 3, 224, 224)
    for loaded, network in (
        (load_lite0(None), find_backbone().load()),
        (load_resnet18(weights), find_backbone("torchvision:resnet18", weights).load()),
    ):
        with torch.inference_mode():
            torch.testing.assert_close(loaded.network.stage(loaded.network.trunk(pixels)), network.module(pixels))


@pytest.mark.slow
def test_resnet18_with_given_weights_learns_four_photos_by_heart(weights: Path) -> None:
    made = make(n_labelled=4, n_kinds=4)
    labelled = first(made.labelled, 4)
    method = Resnet18(Recipe(n_epochs=30, dropout=0.0, stage_rate=1.0), weights).fit(labelled, made.tags, made.task)
    assert method.tuned_ is not None
    assert method.tuned_.losses[-1] < 0.5 * method.tuned_.losses[0]
    assert method.predict_scores(labelled).argmax(axis=1).tolist() == made.tags.argmax(axis=1).tolist()


def test_tuning_changes_a_copy_of_the_last_stage() -> None:
    made = make(n_labelled=6)
    loaded = load_lite0(None)
    before = {name: value.clone() for name, value in loaded.network.stage.state_dict().items()}
    method = BackboneTransfer(Recipe(n_epochs=2)).fit(made.labelled, made.tags, made.task)
    after = loaded.network.stage.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert method.tuned_ is not None
    tuned = method.tuned_.module[0].state_dict()
    moved = {name for name in before if not torch.equal(before[name], tuned[name])}
    assert any("conv" in name or name.startswith("1.") for name in moved)
    assert not any("running" in name for name in moved)


@pytest.mark.slow
def test_the_packaged_backbone_is_tuned_in_thirteen_epochs() -> None:
    made = make(n_labelled=12, n_unlabelled=0, n_new=9)
    method = BackboneTransfer().fit(made.labelled, made.tags, made.task)
    assert method.tuned_ is not None
    assert len(method.tuned_.losses) == 13
    assert method.tuned_.losses[-1] < method.tuned_.losses[0]
    assert share_right(method.predict_scores(made.new), made.new_tags) > 0.7


def test_without_weights_the_message_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cache with nothing in it and a proxy that refuses."""
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("urllib.request._opener", None)  # the proxy would outlive this test in it
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    made = make(n_labelled=3)
    with pytest.raises(WeightsError, match=f"set {WEIGHTS_VARIABLE} to torchvision's resnet18 file") as caught:
        Resnet18().fit(made.labelled, made.tags, made.task)
    assert "\n" not in str(caught.value)
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(tmp_path / "none.pth"))
    with pytest.raises(WeightsError, match=r"none\.pth is not a file"):
        Resnet18().fit(made.labelled, made.tags, made.task)
