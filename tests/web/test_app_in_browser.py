"""The app in Debian's Chromium: the whole journey, every page in every view, hostile words, and what axe-core finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.chromium import OVERFLOW, shoot
from tests.conftest import Library
from tests.web.serving import PATHS, VIEWS, opened, said, serving, settled

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

pytestmark = pytest.mark.slow
OVERLAPPING = """() => {
  const items = document.querySelectorAll("#actions button, #actions input");
  const all = Array.from(items, (item) => [item.textContent, item.getBoundingClientRect()]);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return all.filter(([, a]) => all.some(([, b]) => a !== b && meet(a, b))).map(([words]) => words);
}"""


def serious(page: Any) -> list[str]:
    """What axe-core finds wrong in earnest."""
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {item['nodes'][0]['html'][:200]}" for item in found if item["impact"] in {"serious", "critical"}
    ]


def test_every_page_in_every_view_with_nothing_for_axe_to_complain_of(
    browser: Any, fitted: Library, tmp_path: Path
) -> None:
    with serving(fitted.artifacts) as address:
        for view in VIEWS:
            with opened(browser, address, view, allowed=("404", "415")) as page:
                page.goto("/")
                paths = PATHS | {"cluster": page.locator(".card h3 a").first.get_attribute("href")}
                page.goto(paths["cluster"])
                paths["photo"] = f"/photos/{page.locator('.tile').first.get_attribute('data-photo')}"
                for name, path in paths.items():
                    page.goto(path)
                    settled(page)
                    assert page.evaluate(OVERFLOW) <= 0, (view, name)
                    assert page.locator("h1").count() == 1
                    assert serious(page) == [], (view, name)
                    shoot(page, tmp_path, f"app-{view}-{name}")
                page.goto("/try")
                page.set_input_files("#files", [str(fitted.photos / "003-1.jpg"), str(fitted.seeds)])
                page.locator(".judged li").first.wait_for()
                page.locator(".look-state", has_text="not a photo in a format").wait_for()
                page.locator(".reasons summary").first.click()
                assert serious(page) == []
                assert page.evaluate(OVERFLOW) <= 0
                shoot(page, tmp_path, f"app-{view}-tried")
                page.goto(paths["cluster"])
                page.locator(".tile").nth(1).click()
                assert serious(page) == []
                assert page.evaluate(OVERLAPPING) == [], view
                shoot(page, tmp_path, f"app-{view}-selected")


def try_a_photo(page: Any, photo: Path) -> None:
    """Its tags, the evidence for them, and a judgement that is learnt."""
    page.get_by_role("link", name="Try a photo").click()
    page.set_input_files("#files", str(photo))
    first = page.locator(".judged > li").first
    assert first.locator("bdi").inner_text() == "kind2"
    first.locator("summary").click()
    assert "%" in first.locator(".reasons li").first.inner_text()
    assert page.locator(".why-cluster img").count() >= 3
    assert "kind2" in page.locator(".why-labelled li .notes").first.inner_text()
    first.get_by_role("button", name="kind2 is right").click()
    said(page, "tagged kind2")
    said(page, "Learnt in")


def rename_undo_redo(page: Any) -> None:
    page.wait_for_load_state()
    page.get_by_label("New name").fill("Harbour")
    page.get_by_role("button", name="Rename").click()
    page.locator("h1", has_text="Harbour").wait_for()
    page.locator("h2").first.focus()
    page.locator("body").click(position={"x": 5, "y": 400})
    page.keyboard.press("Control+z")
    said(page, "undone")
    page.locator("h1:not(:has-text('Harbour'))").wait_for()
    page.get_by_role("button", name="Redo").click()
    page.locator("h1", has_text="Harbour").wait_for()


def gather_merge_split(page: Any, other: str) -> None:
    """Three photos become a cluster, go back, and the cluster is merged with another and split again."""
    home, size = page.url, page.locator(".tile").count()
    page.locator(".tile").first.click()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator("#chosen").inner_text() == "3 selected"
    page.get_by_role("button", name="New cluster").click()
    page.wait_for_url(lambda url: url != home)
    page.wait_for_load_state()
    assert page.locator(".tile").count() == 3
    merge(page, "harbour")
    page.wait_for_function("size => document.querySelectorAll('.tile').length === size", arg=size)
    merge(page, other)
    page.wait_for_function("size => document.querySelectorAll('.tile').length > size", arg=size)
    page.wait_for_load_state()
    both = page.locator(".tile").count()
    page.get_by_role("button", name="Split").click()
    page.wait_for_function(
        "both => { const n = document.querySelectorAll('.tile').length; return n && n < both; }", arg=both
    )
    said(page, "split into")


def merge(page: Any, other: str) -> None:
    page.wait_for_load_state()
    page.get_by_label("Merge with cluster").fill(other)
    page.get_by_role("button", name="Merge", exact=True).click()


def tag_and_remove(page: Any) -> None:
    page.wait_for_load_state()
    before = page.locator(".tile").count()
    page.locator(".tile").nth(2).click()
    page.get_by_label("Tag", exact=True).fill("evening")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.locator(".tile.labelled", has_text="evening").first.wait_for()
    page.locator(".tile").nth(3).click()
    page.locator(".tile").nth(4).click(modifiers=["Control"])
    page.get_by_role("button", name="Remove from cluster").click()
    page.wait_for_function("n => document.querySelectorAll('.tile').length === n", arg=before - 2)


def label_a_batch(page: Any, tmp_path: Path) -> str:
    """With the number keys; how many photos are tagged then."""
    page.wait_for_selector("#label-card:not([hidden])")
    for at in range(8):
        page.keyboard.press("1")
        if at == 5:
            page.keyboard.press("0")
            assert page.get_by_role("button", name="None of my tags", pressed=True).count() == 1
            assert not page.locator("#label-given li").count(), "it takes the tag away"
        page.keyboard.press("Enter")
    page.wait_for_selector("#gain:not([hidden])", timeout=60_000)
    assert "before" in page.locator("#gain-figures").inner_text()
    shoot(page, tmp_path, "app-journey-gain")
    return str(page.locator("#gain-figures .big").first.inner_text())


def test_the_whole_journey(browser: Any, fitted: Library, own_artifacts: Path, tmp_path: Path) -> None:
    with serving(own_artifacts) as address, opened(browser, address) as page:
        page.goto("/")
        names = page.locator(".card h3").all_inner_texts()
        try_a_photo(page, fitted.photos / "009-2.jpg")
        page.goto("/")
        page.locator(".card h3 a").first.click()
        rename_undo_redo(page)
        gather_merge_split(page, names[1])
        page.goto("/")
        page.locator(".card h3 a").nth(1).click()
        tag_and_remove(page)
        page.goto("/label")
        tagged = label_a_batch(page, tmp_path)
        page.goto("/search?by=tag&q=evening")
        assert page.locator(".tile").count() >= 1
        page.goto("/")
        edited = page.locator(".card h3").all_inner_texts()
    # A refit, as `clustertags fit` does it, and a new server: the edits are still there.
    import clustertags

    clustertags.fit(fitted.photos, tags=fitted.seeds, artifacts=own_artifacts, seed=1)
    with serving(own_artifacts) as address, opened(browser, address) as page:
        page.goto("/")
        assert f"{tagged} tagged by you" in page.locator(".summary").inner_text()
        assert set(page.locator(".card h3").all_inner_texts()) & set(edited) - set(names)
        page.goto("/search?by=tag&q=evening")
        assert page.locator(".tile").count() >= 1


def test_the_map_s_lasso_selects_and_its_points_lead_on(browser: Any, own_artifacts: Path, tmp_path: Path) -> None:
    with serving(own_artifacts) as address, opened(browser, address) as page:
        page.goto("/map")
        page.wait_for_selector("#map-canvas[data-drawn]")
        page.get_by_label("Colour by").select_option("certainty")
        page.get_by_label("Lasso").check()
        box = page.locator("#map-canvas").bounding_box()
        left, top, right, bottom = box["x"] + 4, box["y"] + 4, box["x"] + box["width"] - 4, box["y"] + box["height"] - 4
        page.mouse.move(left, top)
        page.mouse.down()
        for x, y in ((right, top), (right, bottom), (left, bottom)):
            page.mouse.move(x, y, steps=3)
        page.mouse.up()
        assert page.locator("#chosen").inner_text() == "48 selected"
        shoot(page, tmp_path, "app-map-lasso")
        page.get_by_role("button", name="Clear").click()
        assert not page.locator("#actions").is_visible()


def test_a_box_drawn_with_the_mouse_selects(browser: Any, fitted: Library) -> None:
    with serving(fitted.artifacts) as address, opened(browser, address) as page:
        page.goto("/")
        page.locator(".card h3 a").first.click()
        page.wait_for_load_state()
        first, third = page.locator(".tile").first.bounding_box(), page.locator(".tile").nth(2).bounding_box()
        page.mouse.move(third["x"] + third["width"] / 2, first["y"] - 12)
        page.mouse.down()
        page.mouse.move(first["x"] + 10, first["y"] + 40, steps=5)
        page.mouse.up()
        assert page.locator("#chosen").inner_text() == "3 selected"
        page.keyboard.press("Tab")
        page.locator(".tile").first.focus()
        page.keyboard.press("Control+a")
        assert page.locator('.tile[aria-selected="true"]').count() == page.locator(".tile").count()
        page.keyboard.press("Escape")
        assert not page.locator("#actions").is_visible()


def test_hostile_words_run_nothing(browser: Any, hostile_artifacts: Path, tmp_path: Path) -> None:
    with serving(hostile_artifacts) as address, opened(browser, address, "phone", allowed=("404",)) as page:
        page.goto("/")
        cluster = page.locator(".card h3 a").first.get_attribute("href")
        page.goto(cluster)
        photo = f"/photos/{page.locator('.tile').first.get_attribute('data-photo')}"
        for path in (*PATHS.values(), cluster, photo):
            page.goto(path)
            page.wait_for_timeout(200)
            assert page.evaluate("document.title") != "run"
            assert page.evaluate(OVERFLOW) <= 0, path
            assert page.evaluate("[...document.scripts].every((script) => script.src)")
        page.goto("/map")
        page.wait_for_selector("#map-canvas[data-drawn]")
        page.goto("/try")
        page.set_input_files(
            "#files",
            {
                "name": "<img src=x onerror=alert(1)>.jpg",
                "mimeType": "image/jpeg",
                "buffer": next((hostile_artifacts.parent / "photos").iterdir()).read_bytes(),
            },
        )
        page.locator(".look-found:not([hidden])").wait_for()
        assert "<img src=x" in page.locator(".look .name").inner_text()
