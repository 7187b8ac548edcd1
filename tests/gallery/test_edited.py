"""What a person put right is so in the gallery too, whether or not its tags were learnt since."""

from __future__ import annotations

import re
from pathlib import Path

from clustertags.editing import new_edits
from clustertags.gallery.site import write_gallery
from clustertags.workflows.edit import Editor, load_edited


def written(artifacts: Path, site: Path) -> dict[str, str]:
    """The gallery's pages and data as text."""
    write_gallery(load_edited(artifacts), site)
    return {
        str(file.relative_to(site)): file.read_text("utf-8")
        for file in site.rglob("*")
        if file.suffix in {".html", ".js"} and "static" not in file.parts
    }


def cards_of(pages: dict[str, str]) -> list[str]:
    return re.findall(r'<h3><a href="clusters/[^"]*"><bdi>([^<]*)</bdi>', pages["index.html"])


def test_names_merges_and_hidden_photos(own_artifacts: Path, tmp_path: Path) -> None:
    editor = Editor(own_artifacts)
    n_clusters, hidden = editor.library.clusters.n_clusters, editor.library.photos[-1]
    editor.do(new_edits.rename(editor.library, 0, "Harbour at night"))
    editor.do(new_edits.merge(editor.library, [1, 2], "Both"))
    editor.do(new_edits.hide_photos(editor.library, [editor.library.n_photos - 1]))
    for state in ("seen", "learnt"):
        if state == "learnt":
            editor.publish()
        pages = written(own_artifacts, tmp_path / state)
        names = cards_of(pages)
        assert {"Harbour at night", "Both"} <= set(names)
        assert len(names) == n_clusters - 1
        assert f"{editor.library.n_photos - 1} photos" in pages["index.html"]
        assert "Harbour at night" in pages["map-data.js"]
        for page in pages.values():
            assert hidden.path not in page
            assert hidden.content_hash not in page
        assert not list((tmp_path / state / "thumbs").rglob(f"{hidden.content_hash}*"))
    while editor.journal.to_undo:
        editor.undo()
    pages = written(own_artifacts, tmp_path / "undone")
    assert not {"Harbour at night", "Both"} & set(cards_of(pages))
    assert hidden.path in pages["map-data.js"]


def test_tags_given_and_rejected_and_what_is_not_learnt_yet(own_artifacts: Path, tmp_path: Path) -> None:
    editor = Editor(own_artifacts)
    library = editor.library
    labels = library.clusters.labels
    photo = next(n for n in library.clusters.members(0).tolist() if not library.seed_tags_of(n))
    wrong = library.tags_of(photo)[0][0]
    editor.do(new_edits.give_tags(library, [photo], ["aardvark"]))  # a new first tag: all others have another number
    editor.do(new_edits.reject_tags(editor.library, [photo], [wrong]))
    editor.do(new_edits.split(editor.library, int(labels[photo]), n_parts=3))
    pages = written(own_artifacts, tmp_path / "site")
    page = next(text for text in pages.values() if f">{library.photos[photo].path}</bdi>" in text)
    item = page[page.index(f'id="p{photo}"') :].split('</li>\n<li class="photo')[0]
    assert "aardvark" in item
    assert "not given: you rejected it" in item
    assert "of its" not in page  # counted before the split: it would be told of the wrong clusters
