// The first page: filters apply at once, and the list is loaded while the user scrolls.
import { continueList } from "./paging.js";

const tools = document.getElementById("wall-tools");
const wall = document.getElementById("wall");
const WAIT_MILLISECONDS = 350;

function address() {
  const given = Array.from(new FormData(tools)).filter(([name, value]) => value && !(name === "order" && value === "size") && value !== "0");
  const query = new URLSearchParams(given).toString();
  return query ? `/?${query}` : "/";
}

if (tools) {
  const text = tools.elements.text;
  let waiting = 0;
  tools.addEventListener("change", (event) => event.target !== text && location.assign(address()));
  tools.addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(address());
  });
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, WAIT_MILLISECONDS);
  });
  tools.querySelector(".go").hidden = true;

  // Only the list is replaced, so that the field keeps its text and focus.
  async function filter() {
    const response = await fetch(address()).catch(() => null);
    if (!response || !response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const list = page.getElementById("wall");
    if (!list || !wall) return location.assign(address());
    wall.replaceChildren(...list.children);
    wall.dataset.next = list.dataset.next;
    document.getElementById("more").hidden = !list.dataset.next;
    document.getElementById("wall-found").textContent = page.getElementById("wall-found").textContent;
    history.replaceState(null, "", address());
    return undefined;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement === document.body) {
      event.preventDefault();
      text.focus();
    }
  });
}
if (wall) continueList(wall, document.getElementById("more"));
