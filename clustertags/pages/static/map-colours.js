// How the points of the map are coloured: by cluster, by how sure the best tag is, or by where one tag is the best.
"use strict";
globalThis.clustertagsColours = (source, shade) => {
  const choice = document.getElementById("map-colour");
  const { dark } = globalThis.clustertagsPaint;

  // From quiet to the accent, so that what is sure stands out.
  function recolour() {
    const low = dark.matches ? [70, 70, 68] : [214, 211, 205];
    const high = dark.matches ? [127, 204, 196] : [15, 110, 104];
    const between = (share) => low.map((from, at) => Math.round(from + share * (high[at] - from)));
    const shades = Array.from({ length: 256 }, (_, value) => between(value / 255));
    source.colourOf = null;
    if (choice.value === "certainty") {
      source.colourOf = (i) => shades[source.certainty[i]];
    } else if (choice.value.startsWith("tag:")) {
      const tag = Number(choice.value.slice(4));
      source.colourOf = (i) => (source.best[i] === tag ? shades[Math.max(90, source.certainty[i])] : low);
    }
    shade();
  }

  choice.addEventListener("change", recolour);
  dark.addEventListener("change", recolour);
  recolour();
};
