// Try a photo: dropped, pasted or chosen, one or several; its tags with the evidence for them.
import { upload } from "./api.js";
import { edit } from "./app.js";

const form = document.getElementById("try");
const files = document.getElementById("files");
const looks = document.getElementById("looks");
const template = document.getElementById("look");
const said = document.getElementById("try-said");
const PARTS = { head: "the trained classifier", cluster: "its cluster", neighbours: "the nearest tagged photos", graph: "similar photos", name: "the tag's name" };
const AT_ONCE = 2;
const waiting = [];
let working = 0;

function take(list) {
  const photos = Array.from(list).filter((file) => file.size);
  for (const file of photos.reverse()) {
    const look = template.content.firstElementChild.cloneNode(true);
    const picture = look.querySelector(".look-photo img");
    picture.src = URL.createObjectURL(file);
    picture.alt = file.name || "pasted photo";
    picture.addEventListener("error", () => picture.closest(".look-photo").classList.add("no-preview"));
    look.querySelector(".name bdi").textContent = file.name || "pasted photo";
    looks.prepend(look);
    waiting.unshift({ file, look });
  }
  if (photos.length) looks.firstElementChild.scrollIntoView({ block: "nearest" });
  next();
}

async function next() {
  while (working < AT_ONCE && waiting.length) {
    working++;
    const { file, look } = waiting.shift();
    show(file, look).finally(() => {
      working--;
      next();
    });
  }
}

async function show(file, look) {
  const started = performance.now();
  const state = look.querySelector(".look-state");
  try {
    const found = await upload("/api/look", file);
    const seconds = (performance.now() - started) / 1000;
    fill(look, found, seconds);
    const tags = found.answer.tags.slice(0, 3).map((tag) => tag.tag).join(", ");
    said.textContent = `${file.name}: ${tags || "no tags"}`;
  } catch (error) {
    state.textContent = error.message;
    state.classList.add("wrong");
    said.textContent = `${file.name}: ${error.message}`;
  }
  look.removeAttribute("aria-busy");
}

function fill(look, found, seconds) {
  const { answer: prediction } = found;
  const state = look.querySelector(".look-state");
  state.textContent = prediction.abstained ? `No tags: ${prediction.reason}.` : `Tagged in ${seconds.toFixed(2)} s.`;
  look.querySelector(".look-found").hidden = false;
  const list = look.querySelector(".judged");
  const rejected = new Set(found.rejected);
  const own = found.own_tags.filter((tag) => !prediction.tags.some((other) => other.tag === tag));
  list.append(...own.map((tag) => row(look, found, { tag, score: null }, true)));
  list.append(...prediction.tags.filter(({ tag }) => !rejected.has(tag.toLowerCase())).map((tag) => row(look, found, tag, found.own_tags.includes(tag.tag))));
  const worth = prediction.tags.length ? Number(form.dataset.suggest) : 0;
  const suggestions = prediction.withheld.filter(({ tag, score }) => score >= worth && !rejected.has(tag.toLowerCase()) && !found.own_tags.includes(tag));
  list.append(...suggestions.map((tag) => row(look, found, tag, false, true)));
  const joins = look.querySelector(".joins");
  joins.textContent = found.photo
    ? "This photo is in the library: what you accept or reject is learnt at once."
    : `This photo is not in the library, and no copy of it is kept. What you accept or reject is remembered by its content: put it into the folder “${form.dataset.title}” and run “clustertags fit”, and it joins with these tags.`;
  look.querySelector(".copy").addEventListener("click", () => copy(look));
  why(look, found);
}

function row(look, found, { tag, score, parts = [], demoted }, own, suggested = false) {
  const item = element("li");
  item.dataset.tag = tag;
  if (suggested) item.classList.add("suggestion");
  const name = element("span", `tag${own ? " own" : suggested ? " suggested" : ""}`);
  name.append(textIn("bdi", tag));
  const bar = element("span", "meter");
  const fill = element("span", "meter-fill");
  fill.style.inlineSize = `${Math.round(100 * (score || 0))}%`;
  bar.append(fill);
  const words = element("span");
  words.append(name);
  if (suggested) words.append(textIn("span", " suggestion", "notes"));
  item.append(words, bar, textIn("span", score === null ? "yours" : percent(score), "score"));
  const judge = element("span", "judge");
  for (const [kind, words] of [["accept", "Right"], ["reject", "Wrong"]]) {
    const button = textIn("button", words);
    button.type = "button";
    button.setAttribute("aria-label", `${tag} is ${words.toLowerCase()}`);
    button.setAttribute("aria-pressed", String(kind === "accept" && own));
    button.addEventListener("click", () => judgeTag(found, item, tag, kind));
    button.dataset.judge = kind;
    judge.append(button);
  }
  item.append(judge);
  const lines = parts.map(({ part, share, detail }) => `${percent(share)} ${PARTS[part] || part}${detail ? `: ${detail}` : ""}`);
  if (demoted) lines.push(`demoted: ${demoted}`);
  if (lines.length) {
    const why = element("details", "reasons");
    const shares = element("ul");
    shares.append(...lines.map((line) => textIn("li", line)));
    why.append(textIn("summary", `Why ${tag}`), shares);
    item.append(why);
  }
  return item;
}

async function judgeTag(found, item, tag, kind) {
  const pressed = item.querySelector(`[data-judge="${kind}"]`);
  const again = pressed.getAttribute("aria-pressed") === "true";
  const request = { kind: again ? "withdraw" : kind, photos: [found.hash], tags: [tag], elsewhere: !found.photo };
  if (!(await edit(request))) return;
  for (const button of item.querySelectorAll("button[data-judge]")) {
    button.setAttribute("aria-pressed", String(!again && button === pressed));
  }
  item.classList.toggle("rejected", kind === "reject" && !again);
  const accepted = kind === "accept" && !again, name = item.querySelector(".tag");
  name.classList.toggle("own", accepted);
  if (item.classList.contains("suggestion")) {
    name.classList.toggle("suggested", !accepted);
    name.nextElementSibling.hidden = accepted;
  }
}

function why(look, found) {
  const holder = look.querySelector(".look-why");
  holder.hidden = false;
  const own = holder.querySelector(".why-cluster");
  if (found.cluster) {
    const link = textIn("a", found.cluster.name);
    link.href = found.cluster.href;
    own.querySelector(".why-name").append(link, ` ${found.cluster.n_photos.toLocaleString("en")} photos, ${found.cluster.score} of the votes`);
    own.querySelector("ul").append(...found.cluster.pictures.map((item) => picture({ ...item, href: found.cluster.href })));
  } else {
    own.querySelector(".why-name").textContent = "It belongs to no cluster.";
  }
  pictures(holder.querySelector(".why-labelled"), found.labelled, (item) => item.tags.join(", "));
  pictures(holder.querySelector(".why-alike"), found.alike, (item) => `similarity ${item.likeness.toFixed(2)}`);
}

function pictures(section, items, words) {
  section.hidden = !items.length;
  section.querySelector("ul").append(...items.map((item) => picture(item, words(item))));
}

function picture({ href, thumbnail, name }, words = "") {
  const item = element("li");
  const link = element("a");
  link.href = href;
  const image = element("img");
  Object.assign(image, { src: thumbnail, alt: name, width: 256, height: 256, loading: "lazy" });
  link.append(image);
  item.append(link);
  if (words) item.append(textIn("span", words, "notes"));
  return item;
}

// The tags that the photo has: those given or accepted, and predicted ones; no suggestions.
async function copy(look) {
  const rows = Array.from(look.querySelectorAll(".judged > li:not(.rejected)")).filter((item) => !item.querySelector(".tag.suggested"));
  const tags = rows.map((item) => `#${item.dataset.tag.normalize("NFKC").replace(/[^\p{L}\p{M}\p{N}_]+/gu, "")}`);
  const text = Array.from(new Set(tags)).filter((tag) => tag !== "#").join(" ");
  const done = look.querySelector(".copied");
  try {
    await navigator.clipboard.writeText(text);
    done.textContent = `Copied: ${text}`;
  } catch {
    done.textContent = text; // for copying by hand
  }
  said.textContent = done.textContent;
}

function element(name, className = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}

function textIn(name, text, className = "") {
  const made = element(name, className);
  made.textContent = text;
  return made;
}

function percent(share) {
  const text = `${Math.round(100 * share)}%`;
  return share > 0 && text === "0%" ? "<1%" : share < 1 && text === "100%" ? ">99%" : text;
}

files.addEventListener("change", () => {
  take(files.files);
  files.value = "";
});
addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) take(event.clipboardData.files);
});
addEventListener("dragover", (event) => {
  event.preventDefault();
  form.classList.add("over");
});
addEventListener("dragleave", (event) => event.relatedTarget || form.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  take(event.dataTransfer.files);
});
form.addEventListener("submit", (event) => event.preventDefault());
