"""Image-text networks of open_clip, from their names to their vectors."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import UnknownBackboneError, WeightsError
from clustertags.features import image_text_names
from clustertags.features.backbones import find_backbone
from clustertags.features.image_text_tokens import portable_tokenizer
from clustertags.features.text_cleaning import CLEANINGS
from tests.made.image_text import BACKBONE, N_FEATURES, NETWORK, image_vectors, open_clip, text_vectors, write_weights
from tests.made.photos import made_photo

TEXTS = (
    "a dog on a beach", "It's a CAFE\u0301, 2024: don't!", "", "x" * 3000, "\U0001f389 party", "__init__ new_york",
    "\u732b \ud800", "rock &amp; roll", "  a\n\tb  ", "qzxv " * 50,
)  # fmt: skip


def test_without_open_clip_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_text_names, "find_spec", lambda _: None)
    with pytest.raises(WeightsError, match=r"open_clip_torch: pip install .clustertags\[clip\]"):
        find_backbone("clip:ViT-B-32/openai")


@pytest.mark.parametrize("name", ["clip:", "clip:/openai", "clip:ViT-B-32/a/b", "clip:hf-hub:owner", "clip:hf-hub:/x"])
def test_a_malformed_name_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(UnknownBackboneError, match="clip:ViT-B-32/laion2b_s34b_b79k"):
        find_backbone(name)


def test_a_network_without_a_tag_needs_a_file_of_weights() -> None:
    open_clip()
    with pytest.raises(WeightsError, match="--weights"):
        find_backbone("clip:ViT-B-32")


def test_unknown_networks_and_tags_list_what_there_is() -> None:
    open_clip()
    with pytest.raises(UnknownBackboneError, match="ViT-B-32"):
        find_backbone("clip:VIT-B32/openai").load()
    with pytest.raises(UnknownBackboneError, match="laion2b_s34b_b79k"):
        find_backbone("clip:ViT-B-32/nothing").load()


def test_a_download_that_fails_names_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    open_clip()
    asked: list[str] = []

    def closed(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror("no network")

    monkeypatch.setattr(socket, "getaddrinfo", closed)
    # The client of the hub waits between its tries.
    monkeypatch.setattr("open_clip.factory.download_pretrained", lambda *_, **__: socket.create_connection(("hub", 1)))
    with pytest.raises(WeightsError, match=r"the weights of clip:ViT-B-32/openai could not be downloaded.*--weights"):
        find_backbone("clip:ViT-B-32/openai").load()
    assert asked == ["hub"]


def test_a_file_of_weights_gives_that_networks_vectors(tmp_path: Path) -> None:
    import torch

    photo = tmp_path / "photo.png"
    made_photo(1, 2, side=32).save(photo)
    network = find_backbone(BACKBONE, write_weights(tmp_path)).load()
    assert (network.preprocess.resize_pixels, network.preprocess.crop_pixels) == (32, 32)
    assert network.n_features == N_FEATURES
    assert network.text is not None
    pixels = torch.from_numpy(np.array(made_photo(1, 2, side=32))).permute(2, 0, 1)[None] / 255
    mean, std = (torch.tensor(values)[:, None, None] for values in (network.preprocess.mean, network.preprocess.std))
    with torch.inference_mode():
        vectors = network.module((pixels - mean) / std).numpy()
    np.testing.assert_allclose(vectors, image_vectors([photo]), atol=1e-5)
    np.testing.assert_allclose(network.text.logit_scale, 1 / 0.07, rtol=1e-5)


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    import torch

    write_weights(tmp_path)
    torch.save({"visual.proj": torch.zeros(2, 2)}, tmp_path / "other.pt")
    (tmp_path / "text.pt").write_text("not weights")
    for name in ("other.pt", "text.pt"):
        with pytest.raises(WeightsError, match=name):
            find_backbone(BACKBONE, tmp_path / name).load()


def test_the_stored_tokenizer_reads_as_the_networks_own(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    write_weights(tmp_path)
    own = open_clip().get_tokenizer(NETWORK)
    stored, cleaning = portable_tokenizer(NETWORK, own)
    tokenizer = Tokenizer.from_str(stored)
    for text in TEXTS:
        valid = text.encode("utf-8", "replace").decode()
        assert tokenizer.encode(CLEANINGS[cleaning](text)).ids == own([valid])[0].tolist(), text


def test_a_tokenizer_that_reads_otherwise_is_refused(tmp_path: Path) -> None:
    write_weights(tmp_path)
    own = open_clip().get_tokenizer(NETWORK)

    class Reversed(type(own)):  # type: ignore[misc]
        def encode(self, text: str) -> list[int]:
            return super().encode(text)[::-1]

    for odd in (Reversed(context_length=16), object()):
        with pytest.raises(WeightsError, match="tokenizer of tiny"):
            portable_tokenizer("tiny", odd)


def test_text_vectors_of_the_helper_differ() -> None:
    """What the other tests compare with tells texts apart."""
    open_clip()
    vectors = text_vectors(["a dog", "the sea", "blue"])
    assert (vectors @ vectors.T)[~np.eye(3, dtype=bool)].max() < 0.98
