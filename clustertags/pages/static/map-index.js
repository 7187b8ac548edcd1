// A grid over the points of the map, so that the one under the pointer is found without looking at all of them.
"use strict";
globalThis.clustertagsIndex = (x, y, extent) => {
  const n = x.length;
  const side = Math.max(1, Math.min(512, Math.ceil(Math.sqrt(n / 4))));
  const cellOf = (value) => Math.max(0, Math.min(side - 1, Math.floor((value / (extent + 1)) * side)));
  const starts = new Uint32Array(side * side + 1);
  const cells = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    cells[i] = cellOf(y[i]) * side + cellOf(x[i]);
    starts[cells[i] + 1]++;
  }
  for (let c = 0; c < side * side; c++) starts[c + 1] += starts[c];
  const next = starts.slice(0, -1);
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[next[cells[i]]++] = i;

  // Call `visit` with every point of the cells that touch the box; it may return false to stop.
  function inBox(left, top, right, bottom, visit) {
    if (right < 0 || bottom < 0 || left > extent || top > extent) return;
    const firstColumn = cellOf(left), lastColumn = cellOf(right), lastRow = cellOf(bottom);
    for (let row = cellOf(top); row <= lastRow; row++) {
      for (let k = starts[row * side + firstColumn]; k < starts[row * side + lastColumn + 1]; k++) {
        if (visit(order[k]) === false) return;
      }
    }
  }

  // The point nearest to a place, at most `radius` away (map units), or -1.
  function nearest(atX, atY, radius) {
    let best = -1, bestSquared = radius * radius;
    inBox(atX - radius, atY - radius, atX + radius, atY + radius, (i) => {
      const squared = (x[i] - atX) ** 2 + (y[i] - atY) ** 2;
      if (squared <= bestSquared) {
        best = i;
        bestSquared = squared;
      }
    });
    return best;
  }
  return { inBox, nearest };
};
