// The page of a photo: accept, reject, withdraw or add tags, or say that these are all.
import { edit } from "./app.js";

const photo = document.getElementById("photo").dataset.photo;

document.getElementById("photo").addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-judge]");
  if (!button) return;
  const tag = button.closest("[data-tag]").dataset.tag;
  if (await edit({ kind: button.dataset.judge, photos: [photo], tags: [tag] })) await renew(tag);
});

document.getElementById("photo").addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = document.getElementById("new-tag");
  const tag = field.value.trim();
  if (await edit({ kind: "accept", photos: [photo], tags: [tag] })) {
    field.value = "";
    await renew(tag);
    field.focus();
  }
});

document.getElementById("none").addEventListener("click", async () => {
  if (!(await edit({ kind: "answer", answers: { [photo]: [] } }))) return;
  await renew();
  document.getElementById("new-tag").focus();
});

async function complete() {
  if (await edit({ kind: "complete", photos: [photo] })) await renew();
}

document.getElementById("how-much").addEventListener("click", (event) => {
  if (event.target.closest("#complete")) complete();
});

addEventListener("keydown", (event) => {
  const writing = event.target.closest && event.target.closest("input, textarea, select");
  if (event.key !== "a" || writing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.getElementById("complete")) complete();
});

// Update the tags and their reasons; the focus stays on the tag.
async function renew(tag) {
  const response = await fetch(location.href);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const list = document.getElementById("judged");
  list.replaceChildren(...page.getElementById("judged").children);
  document.getElementById("how-much").replaceChildren(...page.getElementById("how-much").children);
  document.getElementById("none").hidden = page.getElementById("none").hidden;
  const why = document.getElementById("why"), closed = why.querySelector("details:not([open])");
  why.replaceChildren(...page.getElementById("why").children);
  if (closed && why.firstElementChild) why.firstElementChild.open = false;
  const same = Array.from(list.children).find((item) => item.dataset.tag === tag);
  if (same) same.querySelector("button").focus();
}

document.addEventListener("learnt", () => renew(document.activeElement.closest("[data-tag]")?.dataset.tag));
