"""Photos that join a fitted library: where they go, what they cost, and that all else stays as it was."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import clustertags
from clustertags.editing import new_edits
from clustertags.errors import LockedError, NotFittedError, PhotosError
from clustertags.features.conversion import MODEL_FILE, read_converted
from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.library.publishing import publish
from clustertags.library.saving import PHOTOS_FILE, TAG_MODEL_FILE, load_library
from clustertags.types import UNCLUSTERED
from clustertags.workflows.add import AddSummary, add
from clustertags.workflows.added_photos import added_photos
from clustertags.workflows.edit import Editor
from clustertags.workflows.relocate import relocate
from clustertags.workflows.tag import Tagger
from tests.conftest import Library
from tests.made.features import ColourHistogram
from tests.made.folders import digests
from tests.made.labels import write_seeds
from tests.made.photos import made_photo, write_photos
from tests.made.published import publish_photos, use_histogram

N = 18
KINDS = 3
STRANGE = 7


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Three kinds of six photos, two of each tagged, a cluster a kind."""
    folder = tmp_path_factory.mktemp("published")
    kinds = write_photos(folder / "photos", n_kinds=KINDS, n_each=6)
    seeds = write_seeds(folder / "seeds.csv", kinds, per_kind=2)
    with pytest.MonkeyPatch.context() as patched:
        use_histogram(patched)
        publish_photos(folder / "photos", seeds, kinds, folder / "artifacts")
    return Library(folder / "photos", seeds, folder / "artifacts", kinds)


@pytest.fixture
def own(published: Library, tmp_path: Path) -> Library:
    """A copy of it, at a place of its own."""
    photos = Path(shutil.copytree(published.photos, tmp_path / "photos"))
    artifacts = Path(shutil.copytree(published.artifacts, tmp_path / "artifacts"))
    relocate(photos, artifacts)
    return Library(photos, published.seeds, artifacts, published.kinds)


@pytest.fixture(autouse=True)
def histogram(monkeypatch: pytest.MonkeyPatch) -> ColourHistogram:
    return use_histogram(monkeypatch)


def write_new(folder: Path, kinds: Sequence[int], first: int = 50) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"new{number}-{kind}.jpg" for number, kind in enumerate(kinds, start=first)]
    for number, (path, kind) in enumerate(zip(paths, kinds, strict=True), start=first):
        made_photo(number, kind).save(path, quality=90)
    return paths


def in_use(artifacts: Path) -> FittedLibrary:
    return load_library(Artifacts(artifacts).current())


def clusters_of(library: FittedLibrary) -> dict[str, str]:
    """The cluster's name of each photo by path, "" for none."""
    names = [*(item.name for item in library.descriptions), ""]
    return {
        photo.path: names[label] for photo, label in zip(library.photos, library.clusters.labels.tolist(), strict=True)
    }


def test_new_photos_join_the_cluster_of_their_kind_with_its_tag(own: Library) -> None:
    before = in_use(own.artifacts)
    write_new(own.photos / "october", [0, 1, 2, 1])
    files = digests(own.photos)
    summary = add([own.photos / "october"], own.artifacts)
    assert (summary.n_joined, summary.n_nowhere, summary.n_known) == (4, 0, 0)
    assert dict(summary.clusters) == {"kind1": 2, "kind0": 1, "kind2": 1}
    library = in_use(own.artifacts)
    assert (library.n_photos, library.n_added) == (N + 4, 4)
    assert [library.is_added(photo) for photo in range(N + 4)] == [False] * N + [True] * 4
    clusters = clusters_of(library)
    for photo in range(N, N + 4):
        kind = f"kind{library.photos[photo].path[-5]}"
        assert clusters[library.photos[photo].path] == kind
        assert library.tags_of(photo)[0][0] == kind
    assert library.cluster_sizes().sum() == N + 4
    assert library.photos[:N] == before.photos
    assert np.array_equal(library.clusters.labels[:N], before.clusters.labels)
    assert np.array_equal(library.top_tags.scores[:N], before.top_tags.scores)
    assert Artifacts(own.artifacts).current().manifest["counts"]["added"] == 4
    assert digests(own.photos) == files, "photos are only read"


def test_a_photo_joins_the_cluster_and_gets_the_tags_that_tag_foretold(own: Library) -> None:
    paths = write_new(own.photos, [0, 2, STRANGE])
    predicted = list(Tagger(own.artifacts).tag_all(paths))
    add(paths, own.artifacts)
    again = list(Tagger(own.artifacts).tag_all(paths))
    library = in_use(own.artifacts)
    at = {photo.path: index for index, photo in enumerate(library.photos)}
    for path, before, after in zip(paths, predicted, again, strict=True):
        label = int(library.clusters.labels[at[path.name]])
        assert (before.cluster.id if before.cluster else UNCLUSTERED) == label
        assert after.tags == before.tags
        scores = dict(library.tags_of(at[path.name]))
        assert {item.tag: item.score for item in before.tags} == pytest.approx(
            {tag: scores[tag] for tag in scores if scores[tag] >= 0.5}, abs=1e-6
        )


def test_only_new_photos_are_decoded(own: Library, histogram: ColourHistogram) -> None:
    write_new(own.photos / "a", [0, 1])
    assert add([own.photos], own.artifacts).n_decoded == histogram.n_inferred == 2
    write_new(own.photos / "b", [2], first=60)
    summary = add([own.photos], own.artifacts)
    assert (summary.n_joined, summary.n_known, summary.n_decoded) == (1, N + 2, 1)
    assert histogram.n_inferred == 3
    version = summary.version
    assert add([own.photos], own.artifacts).version == version, "nothing new, no new version"


def test_one_by_one_or_all_at_once_is_the_same(own: Library, tmp_path: Path) -> None:
    paths = write_new(own.photos, [0, 1, 2, STRANGE, STRANGE, 1])
    other = Path(shutil.copytree(own.artifacts, tmp_path / "other"))
    add(paths, own.artifacts)
    for path in reversed(paths):
        add([path], other)
    once, stepwise = in_use(own.artifacts), in_use(other)
    assert clusters_of(once) == clusters_of(stepwise)
    at = {photo.path: index for index, photo in enumerate(stepwise.photos)}
    order = [at[photo.path] for photo in once.photos]
    assert np.array_equal(once.top_tags.scores, stepwise.top_tags.scores[order])
    assert np.array_equal(once.map, stepwise.map[order])


def test_what_does_not_change_is_shared_with_the_version_before(own: Library) -> None:
    before = Artifacts(own.artifacts).current()
    add(write_new(own.photos, [0]), own.artifacts)
    after = Artifacts(own.artifacts).current()
    after.verify()
    assert (after.folder / TAG_MODEL_FILE).samefile(before.folder / TAG_MODEL_FILE)
    assert (after.folder / MODEL_FILE).samefile(before.folder / MODEL_FILE)
    assert not (after.folder / PHOTOS_FILE).samefile(before.folder / PHOTOS_FILE)


def test_a_copy_is_a_path_more_and_a_moved_photo_another_path(own: Library, histogram: ColourHistogram) -> None:
    (own.photos / "more").mkdir()
    shutil.copyfile(own.photos / "000-0.jpg", own.photos / "more" / "copy.jpg")
    (own.photos / "000-1.jpg").rename(own.photos / "more" / "moved.jpg")
    summary = add([own.photos / "more"], own.artifacts)
    assert (summary.n_joined, summary.n_copies, summary.n_moved, histogram.n_inferred) == (0, 1, 1, 0)
    library = in_use(own.artifacts)
    assert (library.n_photos, library.n_added) == (N, 0)
    paths = {photo.paths for photo in library.photos}
    assert ("000-0.jpg", "more/copy.jpg") in paths
    assert ("more/moved.jpg",) in paths


def test_a_photo_that_was_overwritten_waits_for_the_next_fit(own: Library) -> None:
    before = in_use(own.artifacts)
    made_photo(70, 1).save(own.photos / "000-0.jpg", quality=90)
    summary = add([own.photos], own.artifacts)
    assert (summary.n_joined, summary.n_changed) == (0, 1)
    assert in_use(own.artifacts).photos == before.photos


def test_a_photo_that_cannot_be_read_is_skipped_with_the_reason(own: Library) -> None:
    (path,) = write_new(own.photos, [0])
    broken = own.photos / "broken.jpg"
    broken.write_bytes(path.read_bytes()[:200])
    summary = add([path, broken], own.artifacts)
    assert summary.n_joined == 1
    assert [file.path for file in summary.unreadable] == ["broken.jpg"]
    library = in_use(own.artifacts)
    assert [(file.path, file.reason) for file in library.skipped] == [
        (file.path, file.reason) for file in summary.unreadable
    ]
    shutil.copyfile(path, broken)
    summary = add([broken], own.artifacts)
    assert (summary.n_copies, in_use(own.artifacts).skipped) == (1, ())


def test_a_raw_file_goes_with_the_photo_that_is_there(own: Library) -> None:
    (own.photos / "000-0.dng").write_bytes(b"never opened")
    (own.photos / "001-0.mov").write_bytes(b"nor this")
    summary = add([own.photos / "000-0.dng", own.photos / "001-0.mov"], own.artifacts)
    assert (summary.n_joined, summary.unreadable) == (0, ())
    companions = {photo.path: photo.companions for photo in in_use(own.artifacts).photos if photo.companions}
    assert companions == {"000-0.jpg": ("000-0.dng",), "001-0.jpg": ("001-0.mov",)}


def test_photos_outside_or_absent_are_refused_before_anything_is_read(own: Library, tmp_path: Path) -> None:
    (outside,) = write_new(tmp_path / "elsewhere", [0])
    before = Artifacts(own.artifacts).current().name
    with pytest.raises(PhotosError, match=r"outside .*: move or copy it there first"):
        add([outside], own.artifacts)
    with pytest.raises(PhotosError, match="does not exist"):
        add([own.photos / "nothing.jpg"], own.artifacts)
    with pytest.raises(NotFittedError):
        add([own.photos], tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    own.photos.rename(tmp_path / "gone")
    with pytest.raises(PhotosError, match="clustertags relocate NEW"):
        add([own.photos], own.artifacts)
    assert Artifacts(own.artifacts).current().name == before


def test_what_the_fit_leaves_out_does_not_join(own: Library) -> None:
    write_new(own.photos / ".thumbnails", [0])
    gallery = own.photos / "gallery" / "pictures"
    write_new(gallery, [1])
    for name in ("gallery.json", "index.html"):
        (gallery.parent / name).write_text("")
    (own.photos / "linked").symlink_to(own.photos.parent)
    places = [own.photos / ".thumbnails", gallery, own.photos / ".thumbnails" / "new50-0.jpg", own.photos / "linked"]
    for asked in (places, [own.photos]):
        assert add(asked, own.artifacts).n_joined == 0


def test_a_folder_is_known_by_each_of_its_names(own: Library, tmp_path: Path) -> None:
    write_new(own.photos / "october", [0, 1])
    link = tmp_path / "link"
    link.symlink_to(own.photos)
    assert add([link / "october"], own.artifacts).n_joined == 2
    assert add([link], own.artifacts).n_known == N + 2


def test_edits_hold_and_new_photos_join_edited_clusters(own: Library) -> None:
    editor = Editor(own.artifacts)
    a, b, c = (clusters_of(editor.library)[f"000-{kind}.jpg"] for kind in range(3))
    cluster = {name: [item.name for item in editor.library.descriptions].index(name) for name in (a, b, c)}
    editor.do(new_edits.merge(editor.library, [cluster[a], cluster[b]], "Both"))
    editor.do(new_edits.move(editor.library, [0], None))
    editor.publish()
    before = editor.library
    paths = write_new(own.photos, [0, 1, 2])
    summary = add(paths, own.artifacts)
    assert dict(summary.clusters) == {"Both": 2, c: 1}
    library = in_use(own.artifacts)
    assert library.clusters.labels[0] == UNCLUSTERED, "moved by the person"
    assert library.edits == before.edits
    assert library.cluster_keys == before.cluster_keys
    after = Editor(own.artifacts)
    assert after.is_published
    after.undo()
    after.undo()
    clusters = clusters_of(after.library)
    theirs = [clusters[f"003-{kind}.jpg"] for kind in range(KINDS)]
    assert len(set(theirs)) == KINDS
    assert [clusters[path.name] for path in paths] == theirs, "without the edits they are where their kind is"


def test_an_edit_that_is_not_learnt_yet_holds_and_stays_unlearnt(own: Library) -> None:
    editor = Editor(own.artifacts)
    editor.do(new_edits.rename(editor.library, 1, "Rex"))
    add(write_new(own.photos, [0]), own.artifacts)
    after = Editor(own.artifacts)
    assert not after.is_published
    assert after.library.descriptions[1].name == "Rex"
    assert after.library.n_added == 1


def test_an_added_photo_can_be_moved_hidden_and_labelled(own: Library) -> None:
    add(write_new(own.photos, [0, 0, 1]), own.artifacts)
    editor = Editor(own.artifacts)
    start = [item.name for item in editor.library.descriptions]
    other = start.index("kind2")
    editor.do(new_edits.move(editor.library, [N], other))
    editor.do(new_edits.hide_photos(editor.library, [N + 1]))
    editor.do(new_edits.give_tags(editor.library, [N + 2], ["harbour"]))
    editor.publish()
    library = in_use(own.artifacts)
    assert library.descriptions[library.clusters.labels[N]].name == "kind2"
    assert library.hidden.tolist() == [N + 1]
    assert library.seed_tags_of(N + 2) == ("harbour",)
    assert "harbour" in library.seeds.vocabulary
    assert [item.name for item in library.descriptions] == start
    add(write_new(own.photos, [1], first=90), own.artifacts)
    again = in_use(own.artifacts)
    assert again.n_added == 4
    assert dict(again.tags_of(N + 3)).keys() >= {"harbour", "kind1"}
    assert again.hidden.tolist() == [N + 1]


def test_copies_of_a_scene_are_near_duplicates(own: Library) -> None:
    artifacts = Artifacts(own.artifacts)
    library = load_library(artifacts.current())
    with artifacts.writing():
        with_groups = replace(library, duplicate_groups=np.full(N, -1, np.int32))
        publish(artifacts, with_groups, library.space, read_converted(artifacts.current().folder), "made")
    with Image.open(own.photos / "003-1.jpg") as image:
        image.save(own.photos / "smaller-1.jpg", quality=60)
        image.save(own.photos / "smallest-1.jpg", quality=40)
    add([own.photos], own.artifacts)
    grown = in_use(own.artifacts)
    groups = {photo.path: int(grown.duplicate_groups[at]) for at, photo in enumerate(grown.photos)}
    assert groups["smaller-1.jpg"] == groups["smallest-1.jpg"] == groups["003-1.jpg"] != -1
    assert groups["003-2.jpg"] == -1


def test_a_new_kind_makes_a_refit_worthwhile(own: Library) -> None:
    summary: AddSummary = add(write_new(own.photos / "usual", [0, 1, 2] * 4), own.artifacts)
    assert (summary.added.n_nowhere, summary.added.refit) == (0, False)
    library = in_use(own.artifacts)
    labels = library.clusters.labels.copy()
    labels[N : N + 9] = UNCLUSTERED
    few = replace(library, clusters=replace(library.clusters, labels=labels))
    assert (added_photos(few).n_nowhere, added_photos(few).refit) == (9, False), "too few to be a kind"
    labels[N:] = UNCLUSTERED
    many = replace(library, clusters=replace(library.clusters, labels=labels))
    assert (added_photos(many).n_added, added_photos(many).n_nowhere, added_photos(many).refit) == (12, 12, True)
    assert added_photos(many).usual_share == 0


def test_another_writer_is_waited_for_by_nobody(own: Library) -> None:
    (path,) = write_new(own.photos, [0])
    with Artifacts(own.artifacts).writing(), pytest.raises(LockedError):
        add([path], own.artifacts)


def test_a_kill_before_the_end_leaves_the_version_before(
    own: Library, histogram: ColourHistogram, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_new(own.photos, [0, 1])
    before = Artifacts(own.artifacts).current().name
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            add(paths, own.artifacts)
    assert Artifacts(own.artifacts).current().name == before
    assert in_use(own.artifacts).n_added == 0
    summary = add(paths, own.artifacts)
    assert (summary.n_joined, summary.n_decoded, histogram.n_inferred) == (2, 0, 2), "what was extracted is kept"


def test_the_python_interface_takes_one_path_or_several(own: Library) -> None:
    paths = write_new(own.photos, [0, 1, 2])
    assert clustertags.add(str(paths[0]), artifacts=own.artifacts).n_joined == 1
    assert clustertags.add(paths[1:], artifacts=str(own.artifacts)).n_joined == 2


def test_a_library_of_an_earlier_version_takes_photos(own: Library) -> None:
    """Which kept neither the rules of its files nor whether photos were added."""
    assert "files" not in in_use(own.artifacts).settings
    assert add(write_new(own.photos, [0]), own.artifacts).n_joined == 1
