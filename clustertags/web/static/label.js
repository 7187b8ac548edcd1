// Label next: one photo after the other, with a key for each likely tag; after a batch, what it changed.
import { get } from "./api.js";
import { edit, poll, say } from "./app.js";

const byId = (id) => document.getElementById(id);
const root = byId("label");
const card = byId("label-card");
const state = byId("label-state");
const field = byId("label-tag");
const batchList = byId("batch");
const labels = new Map(); // content hash to tags
const none = new Set(); // content hashes of photos that show none of the tags
let photos = [];
let at = 0;
let sent = 0; // number of the journal row of the batch, while it is being learnt
let sending = false;

async function begin() {
  byId("gain").hidden = true;
  card.hidden = true;
  state.textContent = "Choosing photos …";
  try {
    photos = (await get(`/api/suggestions?n=${root.dataset.batch}`)).photos;
  } catch (error) {
    state.textContent = error.message;
    return;
  }
  labels.clear();
  none.clear();
  at = 0;
  sent = 0;
  batchList.replaceChildren(...photos.map(small));
  if (!photos.length) {
    state.textContent = "You have tagged every photo. There is nothing left to label.";
    return;
  }
  state.textContent = "";
  card.hidden = false;
  show();
}

function small(photo, number) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const image = document.createElement("img");
  Object.assign(image, { src: photo.thumbnail, alt: "", width: 256, height: 256 });
  button.type = "button";
  button.setAttribute("aria-label", `Photo ${number + 1}, ${photo.name}`);
  button.append(image);
  button.addEventListener("click", () => go(number));
  item.append(button);
  return item;
}

function show() {
  const photo = photos[at];
  byId("label-picture").src = photo.picture;
  byId("label-picture").alt = photo.name;
  byId("label-count").textContent = `Photo ${at + 1} of ${photos.length}`;
  byId("label-name").textContent = photo.name;
  byId("label-reason").textContent = `It ${photo.reason.replace(/^it /i, "")}.`;
  byId("choices").replaceChildren(...photo.choices.map(choice));
  byId("label-back").disabled = at === 0;
  byId("label-next").textContent = at === photos.length - 1 ? "Done, learn from them" : "Next";
  field.value = "";
  update();
  for (const [number, item] of Array.from(batchList.children).entries()) {
    const button = item.firstElementChild;
    if (number === at) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    item.classList.toggle("done", isLabelled(photos[number].hash));
  }
  const following = photos[at + 1];
  if (following) new Image().src = following.picture;
}

function choice({ tag, score }, number) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const key = document.createElement("kbd");
  const name = document.createElement("bdi");
  key.textContent = number + 1;
  name.textContent = tag;
  button.type = "button";
  button.dataset.tag = tag;
  button.append(key, name);
  if (score) {
    const words = document.createElement("span");
    words.className = "score";
    words.textContent = score;
    button.append(words);
  }
  button.addEventListener("click", () => toggle(tag));
  item.append(button);
  return item;
}

const isLabelled = (hash) => none.has(hash) || Boolean(labels.get(hash)?.length);
const tagsOf = () => labels.get(photos[at].hash) || [];
const same = (one, other) => one.toLowerCase() === other.toLowerCase();

function toggle(tag) {
  const tags = tagsOf();
  const left = tags.filter((other) => !same(other, tag));
  labels.set(photos[at].hash, left.length < tags.length ? left : [...tags, tag]);
  none.delete(photos[at].hash);
  update();
}

function toggleNone() {
  const { hash } = photos[at];
  labels.delete(hash);
  field.value = "";
  if (!none.delete(hash)) none.add(hash);
  update();
}

function update() {
  const tags = tagsOf();
  for (const button of byId("choices").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(tags.some((tag) => same(tag, button.dataset.tag))));
  }
  byId("label-none").setAttribute("aria-pressed", String(none.has(photos[at].hash)));
  byId("label-given").replaceChildren(
    ...tags.map((tag) => {
      const item = document.createElement("li");
      const name = document.createElement("bdi");
      item.className = "tag own";
      name.textContent = tag;
      item.append(name);
      return item;
    }),
  );
}

// Add the tags in the text field.
function addTyped() {
  const typed = field.value.split(",").map((tag) => tag.trim()).filter(Boolean);
  for (const tag of typed) if (!tagsOf().some((other) => same(other, tag))) toggle(tag);
  field.value = "";
}

function go(to) {
  addTyped();
  if (to >= photos.length) return finish();
  at = Math.max(0, to);
  show();
  return undefined;
}

function skip() {
  labels.delete(photos[at].hash);
  none.delete(photos[at].hash);
  field.value = "";
  go(at + 1);
}

async function finish() {
  if (sent || sending) return;
  const hashes = photos.map((photo) => photo.hash).filter(isLabelled);
  const answers = Object.fromEntries(hashes.map((hash) => [hash, labels.get(hash) || []]));
  const n = Object.keys(answers).length;
  if (!n) {
    say("No photo of this batch has a label. Here are others.");
    begin();
    return;
  }
  sending = true;
  const done = await edit({ kind: "answer", answers });
  sending = false;
  if (!done) return;
  sent = done.number;
  card.hidden = true;
  state.textContent = `${n === 1 ? "1 photo" : `${n} photos`} labelled. Learning from them …`;
  poll();
}

document.addEventListener("learnt", ({ detail }) => {
  if (!sent || detail.learnt < sent) return;
  sent = 0;
  const number = (value) => value.toLocaleString("en");
  const share = (value) => `${Math.round((100 * value) / Math.max(1, detail.n_photos))}%`;
  const figures = [
    ["Photos tagged by you", number(detail.n_labelled), `before ${number(detail.n_labelled_before)}`],
    ["Photos with a predicted tag", share(detail.n_sure), `before ${share(detail.n_sure_before)}`],
    ["Photos with another best tag", number(detail.n_changed), `learnt in ${detail.seconds.toFixed(1)} s`],
  ];
  byId("gain-figures").replaceChildren(
    ...figures.map(([words, value, note]) => {
      const part = document.createElement("div");
      const term = document.createElement("dt"), figure = document.createElement("dd");
      const big = document.createElement("span"), small = document.createElement("span");
      term.textContent = words;
      big.className = "big";
      big.textContent = value;
      small.className = "words";
      small.textContent = note;
      figure.append(big, " ", small);
      part.append(term, figure);
      return part;
    }),
  );
  state.textContent = "";
  byId("gain").hidden = false;
  byId("gain").focus();
});

card.addEventListener("submit", (event) => {
  event.preventDefault();
  go(at + 1);
});
byId("label-skip").addEventListener("click", skip);
byId("label-none").addEventListener("click", toggleNone);
byId("label-back").addEventListener("click", () => go(at - 1));
byId("label-more").addEventListener("click", begin);
addEventListener("keydown", (event) => {
  if (card.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const writing = event.target === field && field.value;
  const button = event.target.closest && event.target.closest("button");
  if (/^[1-9]$/.test(event.key) && !writing) {
    const photo = photos[at];
    const picked = photo.choices[Number(event.key) - 1];
    if (picked) toggle(picked.tag);
  } else if (event.key === "0" && !writing) toggleNone();
  else if (event.key === "ArrowRight" && !writing) skip();
  else if (event.key === "ArrowLeft" && !writing) go(at - 1);
  else if (event.key === "Enter" && !button && event.target !== field) go(at + 1);
  else if (event.key.length === 1 && !writing && event.target !== field && !button && event.key !== " ") {
    field.focus();
    return;
  } else return;
  event.preventDefault();
});
begin();
