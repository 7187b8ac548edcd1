from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from clustertags.library.catalogue import Catalogue
from clustertags.library.sharpness import sharpness_of
from tests.made.fitted import content, simple_library


def test_sharpness_is_measured_once_and_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    library = replace(simple_library(), root=tmp_path)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8))
    noise.save(tmp_path / "00000.jpg")
    noise.filter(ImageFilter.GaussianBlur(3)).save(tmp_path / "00001.jpg")
    (tmp_path / "00002.jpg").write_bytes(b"no photo")
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        first = sharpness_of(library, [0, 1, 2], catalogue)
        assert set(first) == {content(0), content(1)}
        assert first[content(0)] > first[content(1)]
        (tmp_path / "00000.jpg").unlink()
        assert sharpness_of(library, [0, 1], catalogue) == first
