// The map of all photos: move, zoom, look at a photo, go to its cluster. The data is in map-data.js, or comes from the app,
// which also says where photos are (`hrefOf`, `thumbOf`), what is known of them (`detailsOf`, a value or a promise),
// and what to do with those inside a lasso (`lasso`). How they are coloured is in map-colours.js (`colourOf`).
"use strict";
globalThis.clustertagsStartMap = (source) => {
  const root = document.getElementById("map");

  const EXTENT = 65535;
  const NEAR_PIXELS = 14; // how far from a point the pointer may be
  const MIDDLE_PIXELS = 90; // the same for the keyboard, from the middle of the view
  const MAX_ZOOM = 200;

  const data = { x: Float32Array.from(source.x), y: Float32Array.from(source.y) };
  const cluster = Int32Array.from(source.cluster);
  const index = globalThis.clustertagsIndex(data.x, data.y, EXTENT);
  const paint = globalThis.clustertagsPaint;
  const n = cluster.length;
  const byId = (id) => document.getElementById(`map-${id}`);
  const canvas = byId("canvas"), card = byId("card"), said = byId("said"), ring = byId("labelled"), keys = byId("keys");
  const context = canvas.getContext("2d", { alpha: false });
  const base = root.dataset.base;
  const bounds = boundsOf(data);
  const view = { scale: 1, left: 0, top: 0 };
  const marks = globalThis.clustertagsMarks(canvas, source, data, index, draw);
  let shades = new Uint8Array(3 * n);
  let dimmed = null;
  let shown = -1;
  let byKeyboard = false;
  let ratio = 1;
  let wholeScale = 1;
  let waiting = false;
  let line = []; // the lasso, in device pixels
  let moved = true; // the points have to be drawn again, not only the marks above them

  function boundsOf({ x, y }) {
    const low = (values) => values.reduce((least, value) => Math.min(least, value), EXTENT);
    const high = (values) => values.reduce((most, value) => Math.max(most, value), 0);
    return { left: low(x), top: low(y), right: high(x), bottom: high(y) };
  }

  function shade() {
    const table = source.names.map((_, id) => paint.colour(id));
    const unclustered = paint.colour(-1);
    const ofCluster = (i) => (cluster[i] < 0 ? unclustered : table[cluster[i]]);
    for (let i = 0; i < n; i++) shades.set((source.colourOf && source.colourOf(i)) || ofCluster(i), 3 * i);
    for (const button of keys.querySelectorAll("button")) {
      const swatch = button.querySelector("canvas").getContext("2d");
      swatch.fillStyle = `rgb(${table[Number(button.dataset.cluster)].join(" ")})`;
      swatch.fillRect(0, 0, 12, 12);
    }
    drawAll();
  }

  const onScreen = (i) => [data.x[i] * view.scale + view.left, data.y[i] * view.scale + view.top];
  const toMap = (px, py) => [(px - view.left) / view.scale, (py - view.top) / view.scale];

  function drawAll() {
    moved = true;
    draw();
  }

  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      render();
    });
  }

  function render() {
    const zoom = view.scale / wholeScale;
    const small = n > 30000 ? 1.1 : n > 5000 ? 1.7 : n > 1000 ? 2.6 : 3.6;
    const radius = Math.min(7, small * Math.pow(zoom, 0.35)) * ratio;
    const style = getComputedStyle(canvas);
    const background = style.backgroundColor.match(/\d+/g).map(Number);
    const frame = { view, ratio, radius, dimmed, ink: style.getPropertyValue("--ink"), paper: style.backgroundColor };
    paint.points(context, view, data, shades, dimmed, radius, background, !moved);
    moved = false;
    if (ring.checked) marks.rings(frame);
    if (zoom > 1.5) marks.thumbnails(frame);
    marks.names(frame, style.fontFamily);
    if (shown >= 0) marks.circle(frame, shown, radius + 3 * ratio, 2);
    if (byKeyboard) marks.cross(frame);
    if (line.length > 1) marks.line(frame, line);
    if (shown >= 0) place(shown);
    canvas.dataset.drawn = String(n);
  }

  function resize() {
    ratio = Math.min(2, devicePixelRatio || 1);
    const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    if (width === canvas.width && height === canvas.height && canvas.dataset.drawn) return;
    const atWhole = !canvas.dataset.drawn || view.scale === wholeScale;
    canvas.width = width;
    canvas.height = height;
    const room = 0.9; // of the view, the rest is a margin
    const wide = Math.max(1, bounds.right - bounds.left), high = Math.max(1, bounds.bottom - bounds.top);
    wholeScale = Math.min((width * room) / wide, (height * room) / high, 1);
    if (atWhole) showAll();
    drawAll();
  }

  function showAll() {
    view.scale = wholeScale;
    view.left = (canvas.width - (bounds.left + bounds.right) * wholeScale) / 2;
    view.top = (canvas.height - (bounds.top + bounds.bottom) * wholeScale) / 2;
    drawAll();
  }

  function move(dx, dy) {
    // Some point stays on each side of the middle, so that the map cannot be moved out of view.
    const kept = (value, least, most) => Math.max(least, Math.min(most, value));
    const x = canvas.width / 2, y = canvas.height / 2;
    view.left = kept(view.left + dx, x - bounds.right * view.scale, x - bounds.left * view.scale);
    view.top = kept(view.top + dy, y - bounds.bottom * view.scale, y - bounds.top * view.scale);
    drawAll();
  }

  function zoom(factor, px, py) {
    const scale = Math.max(wholeScale * 0.7, Math.min(wholeScale * MAX_ZOOM, view.scale * factor));
    view.left = px - ((px - view.left) * scale) / view.scale;
    view.top = py - ((py - view.top) * scale) / view.scale;
    view.scale = scale;
    drawAll();
  }

  const hrefOf = (i) => {
    if (source.hrefOf) return source.hrefOf(i);
    const page = cluster[i] < 0 ? source.unclustered_href : source.hrefs[cluster[i]];
    return `${base}${page.replace("{page}", source.page[i])}#p${i}`;
  };

  function show(i) {
    if (i === shown) return;
    shown = i;
    card.hidden = i < 0;
    canvas.classList.toggle("on-photo", i >= 0);
    if (i >= 0) {
      const of = cluster[i] < 0 ? "Unclustered" : source.names[cluster[i]];
      const details = source.detailsOf ? source.detailsOf(i) : { name: source.name[i], tags: source.tags[i] };
      fill(i, of, details.then ? { name: "", tags: "" } : details);
      if (details.then) details.then((later) => shown === i && fill(i, of, later));
    }
    draw();
  }

  function fill(i, of, { name, tags }) {
    const frame = byId("picture");
    const thumb = marks.thumbOf(i);
    if (thumb && frame.dataset.shows !== thumb) {
      const image = document.createElement("img");
      image.src = thumb;
      frame.replaceChildren(image);
    } else if (!thumb) {
      frame.replaceChildren();
    }
    frame.dataset.shows = thumb;
    for (const image of frame.children) image.alt = name;
    if (byKeyboard && name) said.textContent = `${of}. ${name}. ${tags}`;
    byId("link").textContent = of;
    byId("link").href = hrefOf(i);
    byId("name").textContent = name;
    byId("tags").textContent = tags;
  }

  function place(i) {
    const [px, py] = onScreen(i).map((value) => value / ratio);
    if (px < 0 || py < 0 || px > canvas.clientWidth || py > canvas.clientHeight) return show(-1);
    const width = card.offsetWidth, height = card.offsetHeight, gap = 16;
    const roomRight = canvas.clientWidth - px > width + 2 * gap;
    const x = roomRight ? px + gap : px - width - gap;
    const y = Math.min(canvas.clientHeight - height - gap / 2, Math.max(gap / 2, py - height / 2));
    card.style.transform = `translate(${Math.round(Math.max(gap / 2, x))}px, ${Math.round(y)}px)`;
    return undefined;
  }

  const nearest = (px, py, reach) => index.nearest(...toMap(px, py), (reach * ratio) / view.scale);
  const pointerAt = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  };

  const fingers = new Map();
  let travelled = 0;

  function onDown(event) {
    byKeyboard = false;
    travelled = 0;
    fingers.set(event.pointerId, pointerAt(event));
    canvas.setPointerCapture(event.pointerId);
    line = source.lasso && (source.lasso.active || event.shiftKey) && fingers.size === 1 ? [pointerAt(event)] : [];
  }

  function onMove(event) {
    const at = pointerAt(event), before = fingers.get(event.pointerId);
    if (!before) {
      byKeyboard = false;
      show(nearest(...at, NEAR_PIXELS));
      return;
    }
    const other = [...fingers.entries()].find(([id]) => id !== event.pointerId);
    fingers.set(event.pointerId, at);
    travelled += Math.hypot(at[0] - before[0], at[1] - before[1]);
    if (line.length && !other) {
      line.push(at);
      draw();
    } else if (other) {
      const spread = (point) => Math.max(1, Math.hypot(point[0] - other[1][0], point[1] - other[1][1]));
      zoom(spread(at) / spread(before), (at[0] + other[1][0]) / 2, (at[1] + other[1][1]) / 2);
      move((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    } else if (travelled > 4 * ratio) {
      move(at[0] - before[0], at[1] - before[1]);
    }
    if (travelled > 4 * ratio) show(-1);
  }

  // A click opens the photo; a tap, which has no hover before it, shows it first.
  function onUp(event) {
    const was = fingers.delete(event.pointerId);
    if (line.length > 2) {
      const inside = within(line.map(([px, py]) => toMap(px, py)));
      line = [];
      source.lasso.done(inside);
      return drawAll();
    }
    line = [];
    if (!was || fingers.size || travelled > 4 * ratio || event.button > 0) return;
    const reach = event.pointerType === "mouse" ? NEAR_PIXELS : 2 * NEAR_PIXELS;
    const i = nearest(...pointerAt(event), reach);
    if (i >= 0 && (event.pointerType === "mouse" || i === shown)) location.href = hrefOf(i);
    else show(i);
    return undefined;
  }

  // The points inside a polygon of map coordinates: those that a ray to the right leaves an odd number of times.
  function within(polygon) {
    const xs = polygon.map(([x]) => x), ys = polygon.map(([, y]) => y);
    const low = (values) => values.reduce((least, value) => Math.min(least, value), Infinity);
    const high = (values) => values.reduce((most, value) => Math.max(most, value), -Infinity);
    const found = [];
    index.inBox(low(xs), low(ys), high(xs), high(ys), (i) => {
      const x = data.x[i], y = data.y[i];
      let inside = false;
      for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
        if (ys[a] > y !== ys[b] > y && x < ((xs[b] - xs[a]) * (y - ys[a])) / (ys[b] - ys[a]) + xs[a]) inside = !inside;
      }
      if (inside) found.push(i);
    });
    return found;
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 60 * ratio, x = canvas.width / 2, y = canvas.height / 2;
    const actions = {
      ArrowLeft: () => move(step, 0), ArrowRight: () => move(-step, 0),
      ArrowUp: () => move(0, step), ArrowDown: () => move(0, -step),
      "+": () => zoom(1.4, x, y), "=": () => zoom(1.4, x, y), "-": () => zoom(1 / 1.4, x, y), 0: showAll,
      Enter: () => shown >= 0 && (location.href = hrefOf(shown)),
      Escape: () => show(-1),
    };
    if (!Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
    byKeyboard = true;
    if (event.key !== "Escape" && event.key !== "Enter") {
      shown = -2;
      show(nearest(x, y, MIDDLE_PIXELS));
    }
  }

  const chosen = () => Array.from(keys.querySelectorAll('[aria-pressed="true"]'), (key) => Number(key.dataset.cluster));

  function onKeyOfLegend(event) {
    const button = event.target.closest("button");
    if (!button) return;
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    const wanted = new Set(chosen());
    dim(wanted.size ? Uint8Array.from(cluster, (id) => (wanted.has(id) ? 0 : 1)) : null);
  }

  // `mask`: 1 for each point that is to be drawn faintly, or null.
  function dim(mask) {
    dimmed = mask;
    drawAll();
  }

  canvas.addEventListener("pointerdown", onDown);
  canvas.addEventListener("pointermove", onMove);
  canvas.addEventListener("pointerup", onUp);
  canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && !card.contains(event.relatedTarget)) show(-1);
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0018)), ...pointerAt(event));
  }, { passive: false });
  canvas.addEventListener("keydown", onKey);
  canvas.addEventListener("blur", () => {
    byKeyboard = false;
    draw();
  });
  keys.addEventListener("click", onKeyOfLegend);
  ring.addEventListener("change", draw);
  byId("in").addEventListener("click", () => zoom(1.6, canvas.width / 2, canvas.height / 2));
  byId("out").addEventListener("click", () => zoom(1 / 1.6, canvas.width / 2, canvas.height / 2));
  byId("all").addEventListener("click", showAll);
  new ResizeObserver(resize).observe(canvas);
  resize();
  globalThis.clustertagsColours(source, shade);
  return { dim };
};
if (globalThis.clustertagsMap && document.getElementById("map")) globalThis.clustertagsStartMap(globalThis.clustertagsMap);
