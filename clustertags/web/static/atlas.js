// The map in the app: loads the points from the server, and selects photos with a lasso.
import { get } from "./api.js";
import { offerActions } from "./actions.js";
import { say, sayAfterwards } from "./app.js";

const root = document.getElementById("map");
const lassoBox = document.getElementById("map-lasso");
const canvas = document.getElementById("map-canvas");
const TYPES = { "<u2": Uint16Array, "<i4": Int32Array, "|u1": Uint8Array };

// The binary format of `GET /api/map`: a JSON header, then columns of numbers.
async function load() {
  const response = await fetch("/api/map");
  if (!response.ok) throw new Error(`The map cannot be loaded: the server responded with status ${response.status}.`);
  const buffer = await response.arrayBuffer();
  const size = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  let at = 4 + size;
  const columns = {};
  for (const [name, type, each] of header.columns) {
    columns[name] = new TYPES[type](buffer, at, header.n * each);
    at += Math.ceil(columns[name].byteLength / 4) * 4;
  }
  return { header, columns };
}

// The first tags of a photo with their scores, the user's own first, then suggestions: `cat, pet 60%; suggested: dog 30%`.
function tagsOf({ own_tags: own, tags }) {
  const words = ({ tag, score }) => `${tag} ${Math.round(100 * score)}%`;
  const others = tags.filter(({ tag }) => !own.includes(tag)).slice(0, Math.max(0, 4 - own.length));
  const has = [...own, ...others.filter((tag) => !tag.suggested).map(words)].join(", ");
  const suggested = others.filter((tag) => tag.suggested).map(words).join(", ");
  return [has, suggested && `suggested: ${suggested}`].filter(Boolean).join("; ");
}

function start({ header, columns }) {
  const hex = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));
  const hashOf = (i) => Array.from(columns.hash.subarray(32 * i, 32 * i + 32), (byte) => hex[byte]).join("");
  const details = new Map();
  let selected = [];

  const thumbs = new Map();
  function thumbOf(i) {
    if (!thumbs.has(i)) {
      const hash = hashOf(i);
      thumbs.set(i, `/thumbs/${hash.slice(0, 2)}/${hash}.webp`);
    }
    return thumbs.get(i);
  }

  async function detailsOf(i) {
    if (!details.has(i)) {
      const photo = await get(`/api/photos/${hashOf(i)}`).catch(() => null);
      details.set(i, { name: photo ? photo.paths[0] : "", tags: photo ? tagsOf(photo) : "" });
    }
    return details.get(i);
  }

  const lasso = { active: false, done: choose };
  const map = globalThis.clustertagsStartMap({
    x: columns.x,
    y: columns.y,
    cluster: columns.cluster,
    labelled: columns.labelled,
    names: header.names,
    hrefOf: (i) => `/photos/${hashOf(i)}`,
    thumbOf,
    detailsOf,
    best: columns.tag,
    certainty: columns.certainty,
    lasso,
  });

  const bar = document.getElementById("actions");
  const update = offerActions(bar, () => selected.map(hashOf), (kind, photos, result) => {
    if (result && kind !== "tagged") {
      sayAfterwards(result.sentence);
      location.reload();
    } else {
      choose([]);
    }
  });

  function choose(points) {
    selected = points;
    update(points.length);
    if (points.length) {
      const mask = new Uint8Array(header.n).fill(1);
      for (const i of points) mask[i] = 0;
      map.dim(mask);
      say(`${points.length.toLocaleString("en")} photos selected.`);
    } else {
      map.dim(null);
    }
  }

  lassoBox.addEventListener("change", () => {
    lasso.active = lassoBox.checked;
    canvas.classList.toggle("lasso", lassoBox.checked);
  });
  canvas.addEventListener("keydown", (event) => event.key === "Escape" && choose([]));
}

if (root) {
  canvas.setAttribute("aria-busy", "true");
  load()
    .then(start)
    .catch((error) => say(error.message, { wrong: true, kept: true }))
    .finally(() => canvas.removeAttribute("aria-busy"));
}
