// A page with a grid of photos: selection, actions, and loading while the user scrolls.
import { part } from "./api.js";
import { offerActions } from "./actions.js";
import { sayAfterwards } from "./app.js";
import { continueList } from "./paging.js";
import { selectable } from "./selection.js";

const grid = document.getElementById("grid");

if (grid) {
  const more = document.getElementById("more");
  const bar = document.getElementById("actions");
  let chosen = [];
  const hashes = () => chosen.map((tile) => tile.dataset.photo);
  const stays = location.pathname === "/search" || location.pathname === "/duplicates";
  const update = offerActions(bar, hashes, done);
  const selection = selectable(grid, (tiles) => {
    chosen = tiles;
    update(tiles.length);
  });

  async function done(kind, photos, result) {
    if (kind === "clear") return selection.clear();
    if (kind === "gathered" && result.clusters.length) {
      sayAfterwards(result.sentence);
      return location.assign(result.clusters[0].href);
    }
    if (kind === "gone" && !stays) {
      selection.remove(chosen);
      if (!grid.querySelector("[data-photo]") && !grid.dataset.next) location.reload();
    } else {
      selection.clear();
      await renew(photos);
    }
    return undefined;
  }

  // Update the tiles of some photos.
  async function renew(photos) {
    const wanted = photos.slice(0, 200);
    const query = new URLSearchParams(wanted.map((photo) => ["photo", photo]));
    const found = await part(`/parts/tiles?${query}`);
    for (const tile of found.items) {
      const old = grid.querySelector(`[data-photo="${tile.dataset.photo}"]`);
      if (!old) continue;
      old.querySelector(".tile-words").replaceWith(tile.querySelector(".tile-words"));
      old.classList.toggle("labelled", tile.classList.contains("labelled"));
      old.setAttribute("aria-label", tile.getAttribute("aria-label"));
    }
  }

  document.addEventListener("learnt", () => {
    const seen = Array.from(grid.querySelectorAll("[data-photo]"), (tile) => tile.dataset.photo);
    renew(seen);
  });
  if (more) continueList(grid, more);

  // Near-duplicates are shown at once, and sorted by sharpness once it has been measured.
  const state = document.getElementById("bursts-state");
  if (state && state.dataset.measure) {
    part(state.dataset.measure)
      .then(({ items }) => {
        if (!chosen.length) grid.replaceChildren(...items);
        document.getElementById("measuring").textContent = "sharpest first";
      })
      .catch((error) => (document.getElementById("measuring").textContent = error.message));
  }
}
