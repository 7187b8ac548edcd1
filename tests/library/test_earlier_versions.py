"""Versions that earlier programs wrote: keys that came later are read as what their absence meant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from clustertags.errors import DamagedError
from clustertags.library.artifacts import Artifacts
from clustertags.library.manifests import MANIFEST_FILE
from clustertags.library.saving import load_library
from clustertags.support.digests import file_sha256
from clustertags.workflows.restore import list_versions
from tests.made.fitted import simple_library
from tests.made.published import publish_made

LATER = {
    "tags.json": ("demoted", "rules", "none", "given_none"),
    "photos.json": ("companions", "blank"),
    "layout.safetensors": ("top_shares", "seed_partial", "seed_rejected", "near", "nearness", "duplicates"),
    "base.safetensors": ("seed_partial",),
    MANIFEST_FILE: ("made_by", "made_of", "published", "manifest_sha256"),
}
"""What the first program with a journal of edits did not write."""
NEEDED = {"tags.json": ("edits",), "photos.json": ("cluster_keys",), "layout.safetensors": ("hidden",)}
"""What no program with a journal went without."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "artifacts"
    publish_made(simple_library(), folder)
    return folder


def without(folder: Path, target: Path, keys: dict[str, tuple[str, ...]]) -> Artifacts:
    """A copy of the library whose version lacks these keys, with the hashes that its files have then."""
    artifacts = Artifacts(Path(shutil.copytree(folder, target)))
    version = artifacts.current().folder
    for name, left_out in keys.items():
        path = version / name
        if path.suffix == ".json":
            content = json.loads(path.read_text())
            path.write_text(json.dumps({key: value for key, value in content.items() if key not in left_out}))
        else:
            arrays = {key: array for key, array in load_file(path).items() if key not in left_out}
            save_file(arrays, path)
    manifest = json.loads((version / MANIFEST_FILE).read_text())
    manifest.pop("manifest_sha256", None)
    manifest["files"] = {name: file_sha256(version / name) for name in manifest["files"]}
    (version / MANIFEST_FILE).write_text(json.dumps(manifest))
    return artifacts


def test_a_version_without_what_came_later_opens_with_the_same_photos_and_tags(made: Path, tmp_path: Path) -> None:
    today = load_library(Artifacts(made).current())
    artifacts = without(made, tmp_path / "old", LATER)
    old = load_library(artifacts.current())
    assert old.photos == today.photos
    assert old.seeds.vocabulary == today.seeds.vocabulary
    np.testing.assert_array_equal(old.clusters.labels, today.clusters.labels)
    np.testing.assert_array_equal(old.top_tags.scores, today.top_tags.scores)
    assert (old.neighbours, old.duplicate_groups, dict(old.blank), dict(old.demoted)) == (None, None, {}, {})
    assert len(old.seeds.none) == 0
    assert [item.damage for item in list_versions(artifacts.folder).kept] == [""]


@pytest.mark.parametrize("name", NEEDED)
def test_one_that_no_program_can_complete_is_one_line(made: Path, tmp_path: Path, name: str) -> None:
    artifacts = without(made, tmp_path / "old", {name: NEEDED[name]})
    with pytest.raises(DamagedError, match="written by another clustertags: fit again"):
        load_library(artifacts.current())
