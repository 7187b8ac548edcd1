// What is drawn over the points of the map: thumbnails when near, names of clusters, rings, the cross of the keyboard.
// A frame is { view, ratio, radius, dimmed, ink, paper }; all lengths are in device pixels.
"use strict";
globalThis.clustertagsMarks = (canvas, source, data, index, redraw) => {
  const THUMBS_FROM = 400; // thumbnails are drawn once no more points than this are in view
  const IMAGES_KEPT = 1000;
  const NAMES = 80;
  const NAME_LENGTH = 28;
  const context = canvas.getContext("2d", { alpha: false });
  const images = new Map();
  const labels = { font: "", known: new Map() };
  const centres = clusterCentres();
  const base = document.getElementById("map").dataset.base;
  const thumbOf = source.thumbOf || ((i) => source.thumb[i] && base + source.thumb[i]);
  const onScreen = ({ view }, i) => [data.x[i] * view.scale + view.left, data.y[i] * view.scale + view.top];

  // The middle of each cluster, and how far its points spread upwards and downwards (one standard deviation);
  // `first` is one of its points.
  function clusterCentres() {
    const sums = source.names.map(() => [0, 0, 0, 0, -1]);
    for (let i = 0; i < data.x.length; i++) {
      const sum = sums[source.cluster[i]];
      if (!sum) continue;
      sum[0] += data.x[i];
      sum[1] += data.y[i];
      sum[2] += data.y[i] ** 2;
      if (sum[3]++ === 0) sum[4] = i;
    }
    return sums.map(([sumX, sumY, squares, size, first]) => {
      const x = sumX / Math.max(1, size), y = sumY / Math.max(1, size);
      return { x, y, first, spread: Math.sqrt(Math.max(0, squares / Math.max(1, size) - y * y)) };
    });
  }

  function circle(frame, i, radius, width) {
    const [px, py] = onScreen(frame, i);
    context.strokeStyle = frame.ink;
    context.lineWidth = width * frame.ratio;
    context.beginPath();
    context.arc(px, py, radius, 0, 2 * Math.PI);
    context.stroke();
  }

  function rings(frame) {
    for (let i = 0; i < data.x.length; i++) {
      if (source.labelled[i] && !(frame.dimmed && frame.dimmed[i])) circle(frame, i, frame.radius + 1.5 * frame.ratio, 1.5);
    }
  }

  function cross({ ink, ratio }) {
    const x = canvas.width / 2, y = canvas.height / 2, arm = 9 * ratio;
    context.strokeStyle = ink;
    context.lineWidth = ratio;
    context.beginPath();
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
    context.stroke();
  }

  function line({ ink, ratio }, points) {
    context.strokeStyle = ink;
    context.lineWidth = 1.5 * ratio;
    context.setLineDash([6 * ratio, 4 * ratio]);
    context.beginPath();
    points.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.closePath();
    context.stroke();
    context.setLineDash([]);
  }

  function inView({ view }) {
    const found = [];
    const left = -view.left / view.scale, top = -view.top / view.scale;
    const right = left + canvas.width / view.scale, bottom = top + canvas.height / view.scale;
    index.inBox(left, top, right, bottom, (i) => found.push(i) <= THUMBS_FROM);
    return found;
  }

  // The fewer photos are in view, the larger they are drawn; one that would cover another stays a point.
  function thumbnails(frame) {
    const near = inView(frame);
    if (near.length > THUMBS_FROM) return;
    const side = (near.length > 120 ? 56 : near.length > 40 ? 84 : 112) * frame.ratio;
    const taken = [];
    for (const i of near) {
      const [px, py] = onScreen(frame, i);
      if (!thumbOf(i) || (frame.dimmed && frame.dimmed[i])) continue;
      if (taken.some(([x, y]) => Math.abs(x - px) < side && Math.abs(y - py) < side)) continue;
      taken.push([px, py]);
      const image = picture(thumbOf(i));
      if (!image.complete || !image.naturalWidth) continue;
      const shrink = (side - 3 * frame.ratio) / Math.max(image.naturalWidth, image.naturalHeight);
      const width = image.naturalWidth * shrink, height = image.naturalHeight * shrink;
      context.drawImage(image, px - width / 2, py - height / 2, width, height);
    }
  }

  function picture(href) {
    let image = images.get(href);
    if (!image) {
      if (images.size >= IMAGES_KEPT) images.clear();
      image = new Image();
      image.addEventListener("load", redraw);
      image.src = href;
      images.set(href, image);
    }
    return image;
  }

  // A name as it is drawn, and its width, which is measured once.
  function label(id, font) {
    if (labels.font !== font) {
      labels.font = font;
      labels.known.clear();
    }
    if (!labels.known.has(id)) {
      const name = source.names[id];
      const text = name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name;
      labels.known.set(id, { text, wide: context.measureText(text).width });
    }
    return labels.known.get(id);
  }

  // The names of the clusters, the largest first, each where it covers no other.
  function names(frame, family) {
    const { view, ratio, dimmed } = frame;
    const size = 12.5 * ratio, boxes = [];
    context.font = `600 ${size}px ${family}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 4 * ratio;
    context.strokeStyle = frame.paper;
    context.fillStyle = frame.ink;
    for (let id = 0; id < centres.length && boxes.length < NAMES; id++) {
      const { x, y, spread, first } = centres[id];
      if (dimmed && dimmed[first]) continue;
      let px = x * view.scale + view.left, py = y * view.scale + view.top;
      if (px < 0 || py < 0 || px > canvas.width || py > canvas.height) continue;
      // In the midst of a wide cluster; above a narrow one, whose few points it would hide.
      if (spread * view.scale < 1.5 * size) py = Math.max(size, py - 1.6 * spread * view.scale - size);
      const { text, wide } = label(id, context.font);
      const half = wide / 2 + 6 * ratio;
      px = Math.max(half, Math.min(canvas.width - half, px));
      if (boxes.some((box) => Math.abs(box.px - px) < box.half + half && Math.abs(box.py - py) < 1.5 * size)) continue;
      boxes.push({ px, py, half });
      context.strokeText(text, px, py);
      context.fillText(text, px, py);
    }
  }

  return { circle, rings, cross, line, thumbnails, names, thumbOf };
};
