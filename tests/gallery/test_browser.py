"""The written site in Debian's Chromium, opened from the disk: wide, narrow, dark, and with hostile names."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from clustertags.gallery.site import write_gallery
from clustertags.library.model import FittedLibrary
from clustertags.types import SkippedFile
from tests.chromium import OVERFLOW, hover_a_photo, shoot, watched
from tests.made.coloured import Build

VIEWS = {
    "wide": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "narrow": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
    "dark": {"viewport": {"width": 1024, "height": 768}, "color_scheme": "dark"},
}
PAGES = ("index.html", "clusters/0000-1.html", "unclustered-1.html", "skipped-1.html", "map.html")
COLOURS = """() => {
  const canvas = document.getElementById("map-canvas");
  const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(image.data.buffer)).size;
}"""
HOSTILE = (
    "<img src=x onerror=alert(1)>.jpg",
    '"><svg onload=alert(1)>.jpg',
    "' onmouseover='alert(1).jpg",
    "--><script>alert(1)<!--.jpg",
    "</script><script>alert(1)</script>",
    "{{7*7}}.jpg",
    "\u202egnp.exe.jpg",
    "a\u2028b.jpg",
    "__proto__",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E.jpg",
    "A" * 240 + ".jpg",
)


def opened(browser: Any, address: str, view: str = "wide") -> AbstractContextManager[Any]:
    """A page of the disk, which asks for nothing beyond it."""
    return watched(browser, ("file:", "data:", "about:"), opens=address, **VIEWS[view])


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_in_every_view(browser: Any, library: FittedLibrary, tmp_path: Path, view: str) -> None:
    write_gallery(library, tmp_path / "site")
    with opened(browser, "about:blank", view) as page:
        for name in PAGES:
            page.goto((tmp_path / "site" / name).as_uri())
            assert page.evaluate(OVERFLOW) <= 0, name
            assert page.locator("h1").count() == 1
            unloaded = "[...document.images].filter((i) => i.loading !== 'lazy' && !i.naturalWidth).length"
            assert page.evaluate(unloaded) == 0, name
            if name == "map.html":
                page.wait_for_selector("#map-canvas[data-drawn='15']")
            shoot(page, tmp_path, f"gallery-{view}-{name}")


def test_lazy_pictures_load_when_scrolled_to_and_nothing_jumps(browser: Any, build: Build, tmp_path: Path) -> None:
    write_gallery(build(sizes=(60,), side_pixels=300), tmp_path / "site")
    with opened(browser, (tmp_path / "site" / "clusters" / "0000-1.html").as_uri(), "narrow") as page:
        before = page.evaluate("document.documentElement.scrollHeight")
        last = page.locator(".photo").last
        last.scroll_into_view_if_needed()
        page.wait_for_function("() => [...document.images].at(-1).naturalWidth > 0")
        assert page.evaluate("document.documentElement.scrollHeight") == before


def test_the_wall_filters_and_sorts(browser: Any, library: FittedLibrary, tmp_path: Path) -> None:
    write_gallery(library, tmp_path / "site")
    with opened(browser, (tmp_path / "site" / "index.html").as_uri()) as page:
        names = page.locator(".card:visible h3")
        assert names.all_inner_texts() == ["harbour", "cat", "tree"]
        page.select_option("#wall-sort", "name")
        assert names.all_inner_texts() == ["cat", "harbour", "tree"]
        page.fill("#wall-filter", "CAT")
        assert names.all_inner_texts() == ["cat"]
        assert page.inner_text("#wall-found") == "1 of 3"
        page.fill("#wall-filter", "zebra")
        assert page.locator("#wall-none").is_visible()
        page.fill("#wall-filter", "")
        page.locator(".card h3 a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/clusters/0001-1.html")
        page.keyboard.press("ArrowRight")
        page.wait_for_url("**/clusters/0002-1.html")


GROUPED = {
    "sizes": (8, 7, 6, 5, 4, 3),
    "cluster_names": ("boat", "cat", "dog", "ship", "lion", "wolf"),
    "vocabulary": ("<b>water</b>", "felines", "canines"),
    "parents": ((0, 1, 2, 0, 1, 2), (1, 0, 0, 1, 0, 0)),
}
ON_THE_WALL = "[...document.querySelectorAll('#wall h2 bdi, #wall h3')].map((item) => item.textContent)"


def test_the_wall_in_groups(browser: Any, build: Build, tmp_path: Path) -> None:
    write_gallery(build(**GROUPED), tmp_path / "site")
    with opened(browser, (tmp_path / "site" / "index.html").as_uri()) as page:
        flat = ["boat", "cat", "dog", "ship", "lion", "wolf"]
        assert page.evaluate(ON_THE_WALL) == flat
        assert page.locator("h2.group:visible").count() == 0
        top = page.locator("#wall-tools").bounding_box()
        page.get_by_label("Group by").select_option(label="3 groups")
        water, felines, canines = GROUPED["vocabulary"]
        first = [water, "boat", "ship", felines, "cat", "lion", canines, "dog", "wolf"]
        assert page.evaluate(ON_THE_WALL) == first
        assert page.locator("#wall").get_by_role("heading", level=2).count() == 3
        assert page.locator("h2.group .figure:visible").all_inner_texts()[0] == "13 photos in 2 clusters"
        assert page.locator("#wall-tools").bounding_box() == top
        assert page.evaluate(OVERFLOW) <= 0
        shoot(page, tmp_path, "gallery-wall-grouped")
        page.select_option("#wall-sort", "name")
        page.get_by_label("Group by").select_option(label="2 groups")
        assert page.evaluate(ON_THE_WALL)[1:] == ["cat", "dog", "lion", "wolf", water, "boat", "ship"]
        page.fill("#wall-filter", "lion")
        assert page.evaluate(ON_THE_WALL)[1:] == ["lion"]
        assert page.inner_text("#wall-found") == "1 of 6"
        page.fill("#wall-filter", "zebra")
        assert page.evaluate(ON_THE_WALL) == []
        assert page.locator("#wall-none").is_visible()
        page.fill("#wall-filter", "")
        page.select_option("#wall-sort", "size")
        page.get_by_label("Group by").select_option(label="Nothing")
        assert page.evaluate(ON_THE_WALL) == flat


def test_the_grouped_wall_after_coming_back(browser: Any, build: Build, tmp_path: Path) -> None:
    write_gallery(build(**GROUPED), tmp_path / "site")
    with opened(browser, (tmp_path / "site" / "index.html").as_uri(), "narrow") as page:
        # What a browser does that fills the fields in again: no event but this one.
        page.evaluate("document.getElementById('wall-group').value = '0'; dispatchEvent(new Event('pageshow'))")
        assert page.locator("#wall h2.group").count() == 3
        assert page.evaluate(OVERFLOW) <= 0


def test_the_map_by_mouse(browser: Any, library: FittedLibrary, tmp_path: Path) -> None:
    write_gallery(library, tmp_path / "site")
    with opened(browser, (tmp_path / "site" / "map.html").as_uri()) as page:
        at = hover_a_photo(page)
        assert page.evaluate(COLOURS) > 4
        page.wait_for_function("() => document.querySelector('#map-picture img')?.naturalWidth > 0")
        assert page.inner_text("#map-link") == "harbour"
        assert page.inner_text("#map-name") in {f"{i:03d}.jpg" for i in range(6)}
        shoot(page, tmp_path, "gallery-map-hover")
        page.mouse.click(*at)
        page.wait_for_url("**/clusters/0000-1.html#p*")


def test_the_map_s_colours(browser: Any, library: FittedLibrary, tmp_path: Path) -> None:
    write_gallery(library, tmp_path / "site")
    pixels = "document.getElementById('map-canvas').toDataURL()"
    with opened(browser, (tmp_path / "site" / "map.html").as_uri()) as page:
        page.wait_for_selector("#map-canvas[data-drawn]")
        words = page.locator("#map-colour option").all_inner_texts()
        assert words == ["Cluster", "Certainty of the best tag", "boat", "cat", "harbour", "tree"]
        seen = {page.evaluate(pixels)}
        for choice in ("certainty", "tag:1", "tag:3"):
            page.select_option("#map-colour", choice)
            page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            seen.add(page.evaluate(pixels))
        assert len(seen) == 4
        page.select_option("#map-colour", label="cat")
        shades = page.evaluate("clustertagsMap.best.map((tag, i) => [tag, String(clustertagsMap.colourOf(i))])")
        assert len({shade for tag, shade in shades if tag == 1} & {shade for tag, shade in shades if tag != 1}) == 0


def test_the_map_by_keyboard(browser: Any, build: Build, tmp_path: Path) -> None:
    write_gallery(build(sizes=(30, 20, 10), n_unclustered=0), tmp_path / "site")
    with opened(browser, (tmp_path / "site" / "map.html").as_uri()) as page:
        page.focus("#map-canvas")
        for _ in range(12):
            page.keyboard.press("ArrowLeft")
            if page.locator("#map-card").is_visible():
                break
        assert page.inner_text("#map-said").startswith(("harbour. ", "cat. ", "tree. "))
        page.keyboard.press("+")
        page.keyboard.press("0")
        for _ in range(12):
            if page.locator("#map-card").is_visible():
                break
            page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        page.wait_for_url("**/clusters/*.html#p*")


def test_the_map_by_touch_shows_first_and_opens_then(browser: Any, library: FittedLibrary, tmp_path: Path) -> None:
    write_gallery(library, tmp_path / "site")
    with opened(browser, (tmp_path / "site" / "map.html").as_uri(), "narrow") as page:
        at = hover_a_photo(page)
        page.mouse.move(1, 1)
        page.locator("#map-card").wait_for(state="hidden")
        page.touchscreen.tap(*at)
        page.locator("#map-card").wait_for(state="visible")
        page.touchscreen.tap(*at)
        page.wait_for_url("**/clusters/*.html#p*")


def test_hostile_names_and_tags_run_nothing(browser: Any, build: Build, tmp_path: Path) -> None:
    library = build(
        names=HOSTILE,
        cluster_names=HOSTILE[:3],
        vocabulary=tuple(sorted(HOSTILE)),
        skipped=tuple(SkippedFile(name, f"because {name}", is_photo=True) for name in HOSTILE),
        copies=((1, HOSTILE[4]),),
        write=False,
    )
    write_gallery(library, tmp_path / "site")
    with opened(browser, "about:blank", "narrow") as page:
        for name in PAGES:
            page.goto((tmp_path / "site" / name).as_uri())
            if name == "map.html":
                hover_a_photo(page)
                assert page.inner_text("#map-link") == HOSTILE[0]
                assert page.evaluate("clustertagsMap.name[8]") == "__proto__"
            assert page.evaluate(OVERFLOW) <= 0, name
            assert page.evaluate("[...document.scripts].every((script) => script.src.startsWith('file:'))")
            shoot(page, tmp_path, f"gallery-hostile-{name}")


def test_an_injected_script_would_be_stopped(browser: Any, library: FittedLibrary, tmp_path: Path) -> None:
    """The policy of the pages is one that the browser heeds on pages opened from the disk."""
    write_gallery(library, tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    index.write_text(index.read_text("utf-8").replace("</main>", "<script>document.title = 'run'</script></main>"))
    context = browser.new_context()
    page = context.new_page()
    page.goto(index.as_uri())
    assert page.title() != "run"
    assert page.locator("#wall-tools").is_visible()  # the site's own script ran
    context.close()
