// Actions on the selected photos, in a grid or on the map.
import { edit } from "./app.js";

// `photos` returns the content hashes; `done` is called with the kind of action, its photos and the server's response.
export function offerActions(bar, photos, done) {
  const chosen = bar.querySelector("#chosen");

  // `request` is an edit without its photos, or a function from content hashes to an edit.
  async function act(request, kind) {
    const hashes = photos();
    if (!hashes.length) return;
    bar.setAttribute("aria-busy", "true");
    const result = await edit(typeof request === "function" ? request(hashes) : { ...request, photos: hashes });
    bar.removeAttribute("aria-busy");
    if (result) done(kind, hashes, result);
  }

  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const field = form.querySelector("input");
    const text = field.value.trim();
    if (!text) return;
    if (form.dataset.do === "move") act({ kind: "move", cluster: text }, "gone");
    else act({ kind: event.submitter && event.submitter.value === "reject" ? "reject" : "accept", tags: [text] }, "tagged");
    field.value = "";
  });
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    const kinds = {
      none: () => act((hashes) => ({ kind: "answer", answers: Object.fromEntries(hashes.map((hash) => [hash, []])) }), "tagged"),
      complete: () => act({ kind: "complete" }, "tagged"),
      gather: () => act({ kind: "gather" }, "gathered"),
      out: () => act({ kind: "move" }, "gone"),
      hide: () => act({ kind: "hide" }, "gone"),
      show: () => act({ kind: "show" }, "gone"),
      open: () => location.assign(`/photos/${photos()[0]}`),
      clear: () => done("clear", [], null),
    };
    kinds[button.dataset.do]();
  });

  return function update(n) {
    bar.hidden = n === 0;
    document.body.classList.toggle("choosing", n > 0);
    chosen.textContent = n ? `${n.toLocaleString("en")} selected` : "";
    const open = bar.querySelector('[data-do="open"]');
    open.disabled = n !== 1;
  };
}
