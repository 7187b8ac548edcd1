// Points drawn straight into the pixels: a soft disc blended for each, which stays smooth at 100,000 of them.
"use strict";
globalThis.clustertagsPaint = (() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function fromHsl(hue, saturation, lightness) {
    const part = (n) => {
      const k = (n + hue / 30) % 12;
      const a = saturation * Math.min(lightness, 1 - lightness);
      return Math.round(255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
    };
    return [part(0), part(8), part(4)];
  }

  // Hues a golden angle apart: neighbours in number are far apart in colour. Unclustered photos (-1) are grey.
  function colour(cluster) {
    if (cluster < 0) return dark.matches ? [104, 104, 102] : [176, 174, 170];
    const hue = (cluster * 137.508 + 174) % 360;
    const turn = (Math.floor(cluster / 12) % 3) * 0.09;
    return dark.matches ? fromHsl(hue, 0.55, 0.58 + turn) : fromHsl(hue, 0.55, 0.5 - turn);
  }

  // Coverage of a disc with a soft rim, 0..255, in a square of the given side.
  function disc(radius) {
    const reach = Math.ceil(radius + 0.5), side = 2 * reach + 1;
    const mask = new Uint8Array(side * side);
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const distance = Math.hypot(row - reach, column - reach);
        mask[row * side + column] = Math.round(235 * Math.max(0, Math.min(1, radius + 0.5 - distance)));
      }
    }
    return { mask, side, reach };
  }

  let image = null;
  let pixels = null;

  // `shades` holds three bytes a point. `dimmed[i]` 1 draws a point faintly. With `again` the points are where they were.
  function points(context, view, data, shades, dimmed, radius, background, again) {
    const { width, height } = context.canvas;
    if (again && image) return context.putImageData(image, 0, 0);
    if (!image || image.width !== width || image.height !== height) {
      image = context.createImageData(width, height);
      pixels = new Uint32Array(image.data.buffer);
    }
    const [backRed, backGreen, backBlue] = background;
    pixels.fill((255 << 24) | (backBlue << 16) | (backGreen << 8) | backRed);
    const { mask, side, reach } = disc(radius);
    const { x, y } = data;
    for (let i = 0; i < x.length; i++) {
      const left = Math.round(x[i] * view.scale + view.left) - reach;
      const top = Math.round(y[i] * view.scale + view.top) - reach;
      if (left < 0 || top < 0 || left + side > width || top + side > height) continue;
      const red = shades[3 * i], green = shades[3 * i + 1], blue = shades[3 * i + 2];
      const strength = dimmed && dimmed[i] ? 40 : 256;
      for (let row = 0, m = 0; row < side; row++) {
        let at = (top + row) * width + left;
        for (let column = 0; column < side; column++, m++, at++) {
          const alpha = (mask[m] * strength) >> 8;
          if (alpha === 0) continue;
          const under = pixels[at], rest = 255 - alpha;
          pixels[at] =
            (255 << 24) |
            (((blue * alpha + ((under >> 16) & 255) * rest) / 255) << 16) |
            (((green * alpha + ((under >> 8) & 255) * rest) / 255) << 8) |
            ((red * alpha + (under & 255) * rest) / 255);
        }
      }
    }
    return context.putImageData(image, 0, 0);
  }

  return { colour, points, dark };
})();
