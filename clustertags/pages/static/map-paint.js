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

  // A disc with a soft rim, as the pixels that it covers in an image of the given width: how far each lies from the
  // upper left corner of its square, and its coverage in 0..256.
  function disc(radius, width) {
    const reach = Math.ceil(radius + 0.5), side = 2 * reach + 1;
    const offsets = [], covers = [];
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const distance = Math.hypot(row - reach, column - reach);
        const cover = Math.round(236 * Math.max(0, Math.min(1, radius + 0.5 - distance)));
        if (cover) {
          offsets.push(row * width + column);
          covers.push(cover);
        }
      }
    }
    return { offsets: Int32Array.from(offsets), covers: Int32Array.from(covers), side, reach };
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
    const { offsets, covers, side, reach } = disc(radius, width);
    const { x, y } = data;
    const right = width - side, bottom = height - side;
    for (let i = 0; i < x.length; i++) {
      const left = Math.round(x[i] * view.scale + view.left) - reach;
      const top = Math.round(y[i] * view.scale + view.top) - reach;
      if (left < 0 || top < 0 || left > right || top > bottom) continue;
      const red = shades[3 * i], green = shades[3 * i + 1], blue = shades[3 * i + 2];
      const strength = dimmed && dimmed[i] ? 40 : 256;
      const corner = top * width + left;
      for (let m = 0; m < offsets.length; m++) {
        const cover = (covers[m] * strength) >> 8, rest = 256 - cover;
        const at = corner + offsets[m], under = pixels[at];
        pixels[at] =
          (255 << 24) |
          (((blue * cover + ((under >> 16) & 255) * rest) << 8) & 0xff0000) |
          ((green * cover + ((under >> 8) & 255) * rest) & 0xff00) |
          ((red * cover + (under & 255) * rest) >> 8);
      }
    }
    return context.putImageData(image, 0, 0);
  }

  return { colour, points, dark };
})();
