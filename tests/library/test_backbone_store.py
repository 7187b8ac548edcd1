"""Converted networks: made once for all libraries, never trusted unchecked, and no library depends on the cache."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import WeightsError
from clustertags.features.backbones import Backbone
from clustertags.features.conversion import ConvertedBackbone
from clustertags.library import backbone_cache, backbone_store
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_cache import CACHE_VARIABLE, cached_backbones
from clustertags.library.backbone_store import link_backbone, open_runtime, prepare_backbone, remove_staging_folders
from clustertags.support.digests import file_sha256
from tests.library.tiny_backbone import TinyBackbone

ROOT = Path(__file__).parents[2]


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test alone, not made yet."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "user" / "cache"))
    return tmp_path / "user" / "cache"


def prepare(tmp_path: Path, library: str, tiny: TinyBackbone) -> ConvertedBackbone:
    return prepare_backbone(Artifacts(tmp_path / library), tiny.backbone)


def entry(cache: Path) -> Path:
    (folder,) = (path for path in (cache / "backbones").iterdir() if not path.name.startswith("."))
    return folder


def works(converted: ConvertedBackbone, backbone: Backbone) -> bool:
    pixels = np.full((1, 8, 8, 3), 200, np.uint8)
    return bool(open_runtime(converted, backbone, "cpu").infer(pixels).shape == (1, 4))


def test_a_second_library_takes_what_the_first_made(tmp_path: Path, own_cache: Path) -> None:
    tiny = TinyBackbone()
    first = prepare(tmp_path, "first", tiny)
    second = prepare(tmp_path, "second", tiny)
    assert (tiny.loaded, first.folder, second.folder) == (1, entry(own_cache), entry(own_cache))
    assert works(second, tiny.backbone)
    assert not (tmp_path / "first").exists()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (own_cache, own_cache / "backbones")} == {0o700}
    assert not list(own_cache.rglob(".staging-*"))


def test_other_weights_other_augmentations_and_other_programs_are_other_networks(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = [TinyBackbone(), TinyBackbone(weights="others"), TinyBackbone(n_augmentations=3)]
    folders = {prepare(tmp_path, "a", tiny).folder for tiny in kinds}
    for package in ("openvino", "torch", "timm"):
        with monkeypatch.context() as patched:
            patched.setattr(
                backbone_cache, "version", lambda name, newer=package: "99" if name == newer else "1", raising=True
            )
            folders.add(prepare(tmp_path, "a", kinds[0]).folder)
    monkeypatch.setattr(backbone_cache, "describe_processor", lambda: "another")
    folders.add(prepare(tmp_path, "a", kinds[0]).folder)
    assert len(folders) == 7
    assert own_cache in next(iter(folders)).parents


def test_on_another_processor_a_network_is_compiled_again_not_converted(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = TinyBackbone()
    first = prepare(tmp_path, "first", tiny)
    monkeypatch.setattr(backbone_cache, "describe_processor", lambda: "another")
    second = prepare(tmp_path, "second", tiny)
    assert tiny.loaded == 1
    assert second.folder != first.folder
    for name in second.files:
        assert (second.folder / name).read_bytes() == (first.folder / name).read_bytes()
        assert not (second.folder / name).samefile(first.folder / name)
    assert works(second, tiny.backbone)


@pytest.fixture
def without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where torch and the packages that need it are not installed."""
    packages = {"torch", "torchvision", "timm"}
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
    installed = backbone_cache.version

    def version(package: str) -> str:
        if package in packages:
            raise PackageNotFoundError(package)
        return installed(package)

    monkeypatch.setattr(backbone_cache, "version", version)


def test_a_converted_network_works_where_torch_was_removed(
    tmp_path: Path, own_cache: Path, request: pytest.FixtureRequest
) -> None:
    tiny = TinyBackbone()
    prepare(tmp_path, "first", tiny)
    request.getfixturevalue("without_torch")
    assert works(prepare(tmp_path, "second", tiny), tiny.backbone)
    assert tiny.loaded == 1


@pytest.mark.usefixtures("own_cache", "without_torch")
def test_what_a_network_needs_that_is_not_converted_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"tiny is not converted yet.*pip install torch torchvision timm "):
        prepare(tmp_path, "a", TinyBackbone())
    assert not list(tmp_path.rglob(".staging-*"))


@pytest.mark.parametrize("changed", ["openvino", "backbone", "conversion"])
def test_a_network_of_another_program_is_converted_again(
    tmp_path: Path, own_cache: Path, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = TinyBackbone()
    prepare(tmp_path, "first", tiny)
    made = json.loads((entry(own_cache) / "recipe.json").read_text())
    (entry(own_cache) / "recipe.json").write_text(json.dumps({**made, changed: "0", "processor": "another"}))
    rehash(entry(own_cache))
    monkeypatch.setattr(backbone_cache, "describe_processor", lambda: "yet another")
    prepare(tmp_path, "second", tiny)
    assert tiny.loaded == 2


def rehash(folder: Path) -> None:
    """As somebody would do it who wants a changed network to be believed."""
    hashes = {path.name: file_sha256(path) for path in folder.iterdir() if path.name != "hashes.json"}
    (folder / "hashes.json").write_text(json.dumps(hashes))


def truncate(folder: Path) -> None:
    os.truncate(folder / "backbone.bin", 10)


def flip(folder: Path) -> None:
    data = bytearray((folder / "backbone.compiled").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "backbone.compiled").write_bytes(data)


def be_of_another_network(folder: Path) -> None:
    description = json.loads((folder / "backbone.json").read_text())
    (folder / "backbone.json").write_text(json.dumps({**description, "key": "another"}))
    rehash(folder)


def be_of_another_program(folder: Path) -> None:
    recipe = json.loads((folder / "recipe.json").read_text())
    (folder / "recipe.json").write_text(json.dumps({**recipe, "openvino": "0"}))
    rehash(folder)


def be_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder")


def lead_nowhere(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.symlink_to("nowhere")


def hold_a_pipe(folder: Path) -> None:
    (folder / "backbone.xml").unlink()
    os.mkfifo(folder / "backbone.xml")


def with_hashes(text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / "hashes.json").write_text(text)

    return damage


DAMAGES = {
    "truncated": truncate,
    "a bit": flip,
    "another network": be_of_another_network,
    "another program": be_of_another_program,
    "a file": be_a_file,
    "a link": lead_nowhere,
    "a pipe": hold_a_pipe,
    "lost": lambda folder: (folder / "classifier.json").unlink(missing_ok=True) or (folder / "backbone.xml").unlink(),
    "empty": lambda folder: shutil.rmtree(folder) or folder.mkdir(),  # type: ignore[func-returns-value]
    "no hashes": with_hashes("{}"),
    "no JSON": with_hashes("{"),
    "deep JSON": with_hashes("[" * 100_000),
    "a list": with_hashes("[1]"),
    "outside": with_hashes(json.dumps({"../../../secret": "0"})),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_what_is_not_whole_and_right_is_made_anew(
    tmp_path: Path, own_cache: Path, damage: Callable[[Path], None]
) -> None:
    tiny = TinyBackbone()
    prepare(tmp_path, "first", tiny)
    damage(entry(own_cache))
    again = prepare(tmp_path, "second", tiny)
    assert (tiny.loaded, again.folder) == (2, entry(own_cache))
    assert works(again, tiny.backbone)
    prepare(tmp_path, "third", tiny)
    assert tiny.loaded == 2


def test_a_hash_is_taken_of_files_in_the_folder_alone(tmp_path: Path, own_cache: Path) -> None:
    """A manifest that vouches for the network by other files is not believed."""
    tiny = TinyBackbone()
    prepare(tmp_path, "first", tiny)
    folder = entry(own_cache)
    (own_cache / "secret").write_text("secret")
    hashes = json.loads((folder / "hashes.json").read_text())
    (folder / "hashes.json").write_text(json.dumps({**hashes, "../../secret": file_sha256(own_cache / "secret")}))
    prepare(tmp_path, "second", tiny)
    assert tiny.loaded == 2


def a_file_in_its_place(cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file")


def others_may_write(cache: Path) -> None:
    (cache / "backbones").mkdir(parents=True)
    (cache / "backbones").chmod(0o777)


def of_another_user(cache: Path) -> None:
    (cache / "backbones").mkdir(parents=True, mode=0o700)
    if os.geteuid() == 0:
        os.chown(cache / "backbones", 12345, 12345)
    else:
        a_file_in_its_place(cache / "backbones" / "below")
        shutil.rmtree(cache / "backbones")
        (cache / "backbones").write_text("")


@pytest.mark.parametrize("spoil", [a_file_in_its_place, others_may_write, of_another_user])
def test_without_a_cache_a_library_keeps_its_own(
    tmp_path: Path, own_cache: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(own_cache)
    tiny = TinyBackbone()
    for _ in range(2):
        own = prepare(tmp_path, "library", tiny)
    assert (tiny.loaded, own.folder) == (1, tmp_path / "library" / "backbones" / tiny.backbone.key)
    assert works(own, tiny.backbone)
    truncate(own.folder)
    assert works(prepare(tmp_path, "library", tiny), tiny.backbone)
    assert tiny.loaded == 2


@pytest.fixture
def read_only_home(tmp_path: Path) -> Iterator[Path]:
    """A home that cannot be written: by its permissions, or, since root may write anything, by its file system."""
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    if os.geteuid() != 0:
        yield home
        home.chmod(0o755)
        return
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", home], capture_output=True, check=False).returncode:
        pytest.skip("cannot mount a file system here")
    yield home
    subprocess.run(["umount", home], check=True)


def test_a_home_that_cannot_be_written_is_no_error(
    tmp_path: Path, read_only_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(read_only_home))
    tiny = TinyBackbone()
    assert prepare(tmp_path, "library", tiny).folder.is_relative_to(tmp_path / "library")
    prepare(tmp_path, "library", tiny)
    assert tiny.loaded == 1


def test_the_folder_is_the_users_unless_another_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(CACHE_VARIABLE, "here")
    assert cached_backbones() == tmp_path / "here" / "backbones"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv(CACHE_VARIABLE, "~/mine")
    assert cached_backbones() == tmp_path / "home" / "mine" / "backbones"
    monkeypatch.setenv(CACHE_VARIABLE, "")
    found = cached_backbones()
    assert found is not None
    assert found.is_relative_to(tmp_path / "home")
    assert found.parent.name == "clustertags"


def test_without_a_home_there_is_no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what Python does where nobody is known
    assert cached_backbones() is None
    tiny = TinyBackbone()
    assert prepare(tmp_path, "library", tiny).folder.is_relative_to(tmp_path / "library")
    assert [path.name for path in tmp_path.iterdir()] == ["library"]


def test_a_cache_without_room_is_no_error(tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried, sync = [], backbone_store.sync_files

    def full(folder: Path) -> None:
        tried.append(folder)
        if folder.is_relative_to(own_cache):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(folder)

    monkeypatch.setattr(backbone_store, "sync_files", full)
    tiny = TinyBackbone()
    assert prepare(tmp_path, "library", tiny).folder.is_relative_to(tmp_path / "library")
    assert len(tried) == 2
    assert [path.name for path in (own_cache / "backbones").iterdir()] == [".lock"]


def test_a_library_of_an_earlier_version_goes_on_with_its_own(tmp_path: Path, own_cache: Path) -> None:
    tiny = TinyBackbone()
    made = prepare(tmp_path, "elsewhere", tiny)
    earlier = tmp_path / "library" / "backbones" / tiny.backbone.key
    shutil.copytree(made.folder, earlier)
    (earlier / "recipe.json").unlink()
    rehash(earlier)
    shutil.rmtree(own_cache)
    assert prepare(tmp_path, "library", tiny).folder == earlier
    assert tiny.loaded == 1
    assert not own_cache.exists()
    flip(earlier)
    assert prepare(tmp_path, "library", tiny).folder == entry(own_cache)
    assert not earlier.exists()


def test_two_processes_at_once_make_it_once(tmp_path: Path, own_cache: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.library.test_backbone_store import prepare, works\n"
        "from tests.library.tiny_backbone import TinyBackbone\n"
        "tiny = TinyBackbone(seconds=1)\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "assert works(prepare(Path(sys.argv[1]), sys.argv[2], tiny), tiny.backbone); print(tiny.loaded)"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, tmp_path, library],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for library in ("first", "second")
    ]  # fmt: skip
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120) for process in both]
    assert sorted(out.strip() for out, _ in said) == ["0", "1"], said
    assert works(prepare(tmp_path, "third", TinyBackbone()), TinyBackbone().backbone)
    assert not list(own_cache.rglob(".staging-*"))


def test_what_a_killed_conversion_left_is_cleared_away(tmp_path: Path, own_cache: Path) -> None:
    import filelock

    prepare(tmp_path, "first", TinyBackbone())
    left = own_cache / "backbones" / ".staging-killed"
    left.mkdir()
    with filelock.FileLock(own_cache / "backbones" / ".lock"):  # somebody is at work
        remove_staging_folders(Artifacts(tmp_path / "second"))
        assert left.exists()
    started = time.perf_counter()
    remove_staging_folders(Artifacts(tmp_path / "second"))
    assert not left.exists()
    assert time.perf_counter() - started < 5
    assert entry(own_cache).exists()


def test_versions_share_a_network_also_beside_a_cache_on_another_file_system(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted = prepare(tmp_path, "library", TinyBackbone())
    link = os.link

    def within_one(source: Path, target: Path) -> None:
        if Path(source).is_relative_to(own_cache):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        link(source, target)

    monkeypatch.setattr(os, "link", within_one)
    versions = [tmp_path / name for name in ("0001", "0002", "0003")]
    for version in versions:
        version.mkdir()
    link_backbone(converted, versions[0])
    link_backbone(converted, versions[1], versions[0])
    assert (versions[0] / "backbone.bin").stat().st_nlink == 2
    flipped = bytearray((versions[1] / "backbone.bin").read_bytes())
    flipped[0] ^= 1
    (versions[1] / "backbone.bin").write_bytes(flipped)  # both names of it
    link_backbone(converted, versions[2], versions[1])
    assert (versions[2] / "backbone.bin").read_bytes() == (converted.folder / "backbone.bin").read_bytes()


def test_the_progress_of_a_conversion_has_a_total(tmp_path: Path, own_cache: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    prepare_backbone(Artifacts(tmp_path), TinyBackbone().backbone, lambda *step: seen.append(step))
    assert list(dict.fromkeys(seen)) == [("Preparing the network", done, 3) for done in range(4)]
    seen.clear()
    prepare_backbone(Artifacts(tmp_path), TinyBackbone().backbone, lambda *step: seen.append(step))
    assert not seen
