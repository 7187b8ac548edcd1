"""Ways to bring a photo to Try a photo, what can be taken from it, and the photo that joins the library later."""

from __future__ import annotations

import base64
import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clustertags
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.tagging.model import TagModel
from tests.conftest import Library
from tests.made.photos import made_photo
from tests.web.serving import opened, said, serving

pytestmark = pytest.mark.slow

BRING = """([kind, names, data]) => {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const carried = new DataTransfer();
  for (const name of names) carried.items.add(new File([bytes], name, { type: "image/jpeg" }));
  const at = document.getElementById("try");
  const over = new DragEvent("dragover", { dataTransfer: carried, bubbles: true, cancelable: true });
  if (kind === "drop" && at.dispatchEvent(over)) throw new Error("the drop is not taken");
  const was = at.className;
  at.dispatchEvent(kind === "drop"
    ? new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
  return [was, at.className];
}"""


def test_photos_are_pasted_and_dropped(browser: Any, own_artifacts: Path, photo_bytes: bytes) -> None:
    data = base64.b64encode(photo_bytes).decode()
    with serving(own_artifacts) as address, opened(browser, address) as page:
        page.goto("/try")
        page.wait_for_load_state()
        page.evaluate(BRING, ["paste", ["image.png"], data])
        page.locator(".look-found:not([hidden])").wait_for()
        assert page.locator(".look .name").all_inner_texts() == ["image.png"]
        during, after = page.evaluate(BRING, ["drop", ["one.jpg", "two.jpg", "three.jpg"], data])
        assert (during, after) == ("drop over", "drop")
        page.wait_for_function("() => document.querySelectorAll('.look-found:not([hidden])').length === 4")
        assert page.locator(".look .name").all_inner_texts() == ["one.jpg", "two.jpg", "three.jpg", "image.png"]
        assert page.locator(".look [data-tag] bdi").first.inner_text() == "kind0"


def test_tags_are_copied_as_hashtags_without_suggestions_and_wrong_ones(
    browser: Any, own_artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = np.array([[0.9, 0.8, 0.45, 0.05]])
    monkeypatch.setattr(TagModel, "probabilities", lambda _, fused, __: np.repeat(scores, len(fused), axis=0))
    with serving(own_artifacts) as address, opened(browser, address) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto("/try")
        page.set_input_files("#files", {"name": "new.jpg", "mimeType": "image/jpeg", "buffer": a_new_photo()})
        page.locator(".judged > li").first.wait_for()
        names = "items => items.map((item) => item.dataset.tag)"
        tags = page.locator(".judged > li:not(.suggestion)").evaluate_all(names)
        suggested = page.locator(".judged > li.suggestion").evaluate_all(names)
        assert (tags, suggested) == (["kind0", "kind1"], ["kind2"]), "what scores below 10% is not worth suggesting"
        assert page.locator(".judged > li.suggestion").first.inner_text().split()[:2] == [suggested[0], "suggestion"]
        page.get_by_role("button", name="Copy as hashtags").click()
        page.locator(".copied", has_text="Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == " ".join(f"#{tag}" for tag in tags)
        page.get_by_role("button", name=f"{tags[0]} is wrong").click()
        said(page, "rejected")
        page.get_by_role("button", name="Copy as hashtags").click()
        page.wait_for_function("tag => !document.querySelector('.copied').textContent.includes(tag)", arg=tags[0])
        assert page.evaluate("navigator.clipboard.readText()") == " ".join(f"#{tag}" for tag in tags[1:])
        page.get_by_role("button", name=f"{suggested[0]} is right").click()
        said(page, "tagged")
        page.get_by_role("button", name="Copy as hashtags").click()
        page.wait_for_function("tag => document.querySelector('.copied').textContent.includes(tag)", arg=suggested[0])


def test_a_photo_that_was_tried_joins_with_its_tags_once_it_is_in_the_folder(
    browser: Any, fitted: Library, own_artifacts: Path, tmp_path: Path
) -> None:
    before = sorted(own_artifacts.rglob("*.jp*g"))
    with serving(own_artifacts) as address, opened(browser, address) as page:
        page.goto("/try")
        page.set_input_files("#files", {"name": "new.jpg", "mimeType": "image/jpeg", "buffer": a_new_photo()})
        page.get_by_role("button", name="is right").first.click()
        said(page, "tagged")
        assert "no copy of it is kept" in page.locator(".joins").inner_text()
        tag = page.locator(".judged > li").first.get_attribute("data-tag")
    assert sorted(own_artifacts.rglob("*.jp*g")) == before
    photos = Path(shutil.copytree(fitted.photos, tmp_path / "photos"))
    (photos / "new.jpg").write_bytes(a_new_photo())
    clustertags.fit(photos, tags=fitted.seeds, artifacts=own_artifacts)
    library = load_library(Artifacts(own_artifacts).current())
    joined = next(at for at, photo in enumerate(library.photos) if photo.path == "new.jpg")
    assert library.seed_tags_of(joined) == (tag,)


def a_new_photo() -> bytes:
    """Of a kind that the library knows, and none of its photos."""
    buffer = io.BytesIO()
    made_photo(77, kind=1).save(buffer, "JPEG", quality=91)
    return buffer.getvalue()
