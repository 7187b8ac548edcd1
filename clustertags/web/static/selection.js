// Selection in a grid of photos as in a file manager: click, Ctrl, Shift, a box, the keyboard; taps on touch screens.
export function selectable(grid, changed) {
  const chosen = new Set();
  let anchor = null; // start of a range
  let current = null; // the tile with the keyboard focus

  const all = () => Array.from(grid.querySelectorAll("[data-photo]"));
  const mark = (tile, on) => {
    if (on) chosen.add(tile);
    else chosen.delete(tile);
    tile.setAttribute("aria-selected", String(on));
  };
  const notify = () => changed(Array.from(chosen));

  function only(tiles) {
    for (const tile of Array.from(chosen)) mark(tile, false);
    for (const tile of tiles) mark(tile, true);
  }

  function range(to) {
    const tiles = all();
    const from = Math.max(0, tiles.indexOf(anchor || tiles[0]));
    const end = tiles.indexOf(to);
    return tiles.slice(Math.min(from, end), Math.max(from, end) + 1);
  }

  function focus(tile) {
    if (current) current.tabIndex = -1;
    current = tile;
    grid.tabIndex = -1;
    tile.tabIndex = 0;
    tile.focus({ preventScroll: true });
    tile.scrollIntoView({ block: "nearest" });
  }

  function choose(tile, { toggle, extend }) {
    if (extend) {
      only(range(tile));
    } else if (toggle) {
      mark(tile, !chosen.has(tile));
      anchor = tile;
    } else {
      only([tile]);
      anchor = tile;
    }
    notify();
  }

  const open = (tile) => location.assign(`/photos/${tile.dataset.photo}`);

  let boxed = false; // a drag has just ended; ignore its click
  grid.addEventListener("click", (event) => {
    const tile = event.target.closest("[data-photo]");
    if (boxed || !tile) return;
    const touch = event.pointerType === "touch";
    focus(tile);
    choose(tile, { toggle: touch || event.ctrlKey || event.metaKey, extend: event.shiftKey });
  });
  grid.addEventListener("dblclick", (event) => {
    const tile = event.target.closest("[data-photo]");
    if (tile) open(tile);
  });

  // The tile that an arrow key leads to; up and down find the nearest one in the next row.
  function neighbour(tile, key) {
    const tiles = all(), at = tiles.indexOf(tile);
    if (key === "ArrowLeft") return tiles[at - 1];
    if (key === "ArrowRight") return tiles[at + 1];
    if (key === "Home") return tiles[0];
    if (key === "End") return tiles.at(-1);
    const here = tile.getBoundingClientRect(), middle = here.left + here.width / 2;
    const down = key === "ArrowDown";
    const rest = down ? tiles.slice(at + 1) : tiles.slice(0, at).reverse();
    let row = null, best = null, least = Infinity;
    for (const other of rest) {
      const box = other.getBoundingClientRect();
      if (down ? box.top < here.bottom - 1 : box.bottom > here.top + 1) continue;
      if (row === null) row = box.top;
      if (Math.abs(box.top - row) > 4) break;
      const distance = Math.abs(box.left + box.width / 2 - middle);
      if (distance < least) [best, least] = [other, distance];
    }
    return best;
  }

  grid.addEventListener("focus", () => {
    const first = current && current.isConnected ? current : all()[0];
    if (first) focus(first);
  });
  grid.addEventListener("keydown", (event) => {
    const tile = event.target.closest("[data-photo]");
    if (!tile || event.altKey) return;
    const held = event.ctrlKey || event.metaKey;
    if (held && event.key.toLowerCase() === "a") {
      only(all());
      notify();
    } else if (event.key === "Escape") {
      only([]);
      notify();
    } else if (event.key === " ") {
      choose(tile, { toggle: true, extend: event.shiftKey });
    } else if (event.key === "Enter") {
      open(tile);
    } else if (/^(Arrow|Home|End)/.test(event.key)) {
      const next = neighbour(tile, event.key);
      if (next) {
        if (event.shiftKey && !anchor) anchor = tile;
        focus(next);
        if (event.shiftKey) choose(next, { extend: true });
      }
    } else {
      return;
    }
    event.preventDefault();
  });

  // A box is drawn from empty space, or from a photo with Shift or Ctrl held or after a few pixels.
  let start = null, box = null;
  addEventListener("pointerdown", (event) => {
    boxed = false;
    const within = event.target.closest("main");
    if (event.pointerType !== "mouse" || event.button || !within || event.target.closest("a, button, input, label, summary, form, .actions")) return;
    start = { x: event.pageX, y: event.pageY, kept: event.ctrlKey || event.metaKey || event.shiftKey ? Array.from(chosen) : [] };
  });
  addEventListener("pointermove", (event) => {
    if (!start) return;
    const left = Math.min(start.x, event.pageX), top = Math.min(start.y, event.pageY);
    const width = Math.abs(start.x - event.pageX), height = Math.abs(start.y - event.pageY);
    if (!box && width + height < 8) return;
    if (!box) {
      box = document.createElement("div");
      box.className = "box";
      document.body.append(box);
      document.body.classList.add("boxing");
    }
    Object.assign(box.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    const right = left + width - scrollX, bottom = top + height - scrollY;
    const inside = all().filter((tile) => {
      const at = tile.getBoundingClientRect();
      return at.right > left - scrollX && at.left < right && at.bottom > top - scrollY && at.top < bottom;
    });
    only([...start.kept, ...inside]);
    notify();
  });
  addEventListener("pointerup", () => {
    if (box) {
      box.remove();
      document.body.classList.remove("boxing");
      boxed = true;
    }
    start = box = null;
  });
  grid.addEventListener("dragstart", (event) => event.preventDefault());

  return {
    clear: () => (only([]), notify()),
    // Remove tiles from the list; the keyboard focus moves to the next one.
    remove(tiles) {
      const order = all();
      const after = order.slice(order.indexOf(tiles[0])).find((tile) => !tiles.includes(tile));
      for (const tile of tiles) {
        mark(tile, false);
        tile.remove();
      }
      if (current && !current.isConnected) current = null;
      if (after) focus(after);
      else grid.tabIndex = 0;
      notify();
    },
  };
}
