// Sidecars: first what would be written, then the button that writes it; undo.
import { get, post } from "./api.js";

const WAIT_MILLISECONDS = 400;
const form = document.getElementById("export");
const said = document.getElementById("sidecars-state");
const bar = document.getElementById("sidecars-bar");
const left = document.getElementById("sidecars-left");
const shown = document.getElementById("sidecars-shown");
const buttons = { show: document.getElementById("sidecars-show"), write: document.getElementById("sidecars-write"), undo: document.getElementById("sidecars-undo") };

const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

function order(action, dryRun) {
  const chosen = new FormData(form);
  const precision = chosen.get("precision");
  return { action, dry_run: dryRun, tags: chosen.get("tags"), precision: precision ? Number(precision) : null };
}

async function run(action, dryRun) {
  for (const button of Object.values(buttons)) button.disabled = true;
  said.textContent = "";
  left.replaceChildren();
  shown.replaceChildren();
  let state;
  try {
    state = await post("/api/sidecars", order(action, dryRun));
    while (state.phase === "working") {
      bar.hidden = !state.total;
      bar.max = state.total || 1;
      bar.value = state.done;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS));
      state = await get("/api/sidecars");
    }
  } catch (error) {
    state = { phase: "failed", error: error.message };
  }
  bar.hidden = true;
  buttons.show.disabled = buttons.undo.disabled = false;
  if (state.phase === "failed") said.textContent = state.error;
  else tell(state);
}

function tell(state) {
  const n = state.created + state.changed + state.removed;
  if (state.action === "undo") said.textContent = `${plural(n, "sidecar")} undone: ${state.removed.toLocaleString("en")} removed, ${state.changed.toLocaleString("en")} kept with all else that they hold.`;
  else {
    const done = state.dry_run ? "would be written" : "written";
    said.textContent = `${plural(n, "sidecar")} ${done}: ${state.created.toLocaleString("en")} new, ${state.changed.toLocaleString("en")} changed.`;
    buttons.write.disabled = !state.dry_run || !n;
  }
  for (const item of state.left) left.append(line("li", `${item.sidecar}: ${item.reason}`));
  if (state.n_left > state.left.length) left.append(line("li", `and ${state.n_left - state.left.length} more`));
  for (const item of state.shown) {
    const details = document.createElement("details");
    details.append(line("summary", item.sidecar), line("pre", item.difference));
    shown.append(details);
  }
  if (state.dry_run && n > state.shown.length) shown.append(line("p", `and ${plural(n - state.shown.length, "more sidecar")}`));
}

function line(name, text) {
  const element = document.createElement(name);
  element.textContent = text;
  if (name !== "p") element.dir = "auto";
  return element;
}

buttons.show.addEventListener("click", () => run("write", true));
buttons.write.addEventListener("click", () => run("write", false));
buttons.undo.addEventListener("click", () => run("undo", false));
form.addEventListener("change", () => { buttons.write.disabled = true; });
