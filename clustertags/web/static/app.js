// Part of every page: sending edits, undo and redo, messages, and the progress of the learning that follows an edit.
import { get, post } from "./api.js";
import { completeFields } from "./complete.js";

const toast = document.getElementById("toast");
const said = document.getElementById("said");
const learning = document.getElementById("learning");
const undo = document.getElementById("undo");
const redo = document.getElementById("redo");
const POLL_MILLISECONDS = 700;
const SHOWN_MILLISECONDS = 6000;
let hiding = 0;
let rounds = null;
let polling = false;

// Show a message, also to screen readers. With `kept` it stays until the next one.
export function say(text, { wrong = false, kept = false } = {}) {
  said.textContent = text;
  toast.classList.toggle("wrong", wrong);
  toast.hidden = !text && !learning.textContent;
  clearTimeout(hiding);
  if (!kept) hiding = setTimeout(hush, wrong ? 2 * SHOWN_MILLISECONDS : SHOWN_MILLISECONDS);
}

function hush() {
  said.textContent = "";
  toast.classList.remove("wrong");
  toast.hidden = !learning.textContent;
}

// Show a message after the next page has loaded.
export function sayAfterwards(text) {
  sessionStorage.setItem("clustertags-said", text);
}

// Send an edit. Returns the response, or undefined where it was refused; the reason is then shown.
export async function edit(request) {
  return change("/api/edits", request);
}

async function change(path, body) {
  try {
    const done = await post(path, body);
    updateUndo(done);
    say([done.sentence, ...done.notices].join(". "));
    poll();
    return done;
  } catch (error) {
    say(error.message, { wrong: true });
    return undefined;
  }
}

function updateUndo(state) {
  undo.disabled = !state.undo;
  redo.disabled = !state.redo;
  undo.title = state.undo ? `Undo: ${state.undo} (Ctrl+Z)` : "Nothing to undo";
  redo.title = state.redo ? `Redo: ${state.redo} (Ctrl+Shift+Z)` : "Nothing to redo";
}

async function step(path) {
  const done = await change(path, {});
  if (!done) return;
  sayAfterwards(done.sentence);
  const here = location.pathname.startsWith("/clusters/");
  const still = done.clusters.some((cluster) => cluster.href === location.pathname);
  if (here && !still && done.clusters.length) location.assign(done.clusters[0].href);
  else location.reload();
}

// Poll the learning until it is done; a completed one is announced to the page by the event `learnt`.
export async function poll() {
  if (polling) return;
  polling = true;
  try {
    for (;;) {
      const state = await get("/api/learning");
      updateUndo(state);
      show(state);
      if (rounds !== null && state.rounds > rounds) {
        document.dispatchEvent(new CustomEvent("learnt", { detail: { ...state.gain, learnt: state.learnt } }));
      }
      rounds = state.rounds;
      if (state.phase !== "learning") break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    }
  } catch (error) {
    learning.textContent = "";
    say(error.message, { wrong: true });
  } finally {
    polling = false;
  }
}

function show({ phase, step: stage, done, total, error }) {
  const share = total ? ` ${Math.round((100 * done) / total)}%` : "";
  const words = { learning: `Learning from it: ${stage.toLowerCase()}${share}`, failed: error, idle: "" };
  learning.textContent = words[phase];
  toast.hidden = !said.textContent && !learning.textContent;
}

document.addEventListener("learnt", ({ detail }) => {
  const changed = detail.n_changed === 1 ? "1 photo has" : `${detail.n_changed.toLocaleString("en")} photos have`;
  if (!document.getElementById("label")) say(`Learnt in ${detail.seconds.toFixed(1)} s: ${changed} another best tag.`);
});

undo.addEventListener("click", () => step("/api/undo"));
redo.addEventListener("click", () => step("/api/redo"));
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest && event.target.closest("input, textarea, select");
  if (writes || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  const wanted = key === "y" || (key === "z" && event.shiftKey) ? redo : key === "z" ? undo : null;
  if (!wanted || wanted.disabled) return;
  event.preventDefault();
  wanted.click();
});

completeFields(document);
// On a narrow screen the row of pages scrolls; scroll to the current one.
const here = document.querySelector(".bar nav [aria-current]");
if (here) {
  const nav = here.closest("nav");
  nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
}
const earlier = sessionStorage.getItem("clustertags-said");
if (earlier) {
  sessionStorage.removeItem("clustertags-said");
  say(earlier);
}
poll();
