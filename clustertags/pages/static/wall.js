// The wall of clusters: filter by words, sort, group. Without this script it shows all clusters, largest first.
"use strict";
(() => {
  const wall = document.getElementById("wall");
  if (!wall) return;
  const filter = document.getElementById("wall-filter");
  const sort = document.getElementById("wall-sort");
  const group = document.getElementById("wall-group"); // null where there is no level above the clusters
  const found = document.getElementById("wall-found");
  const none = document.getElementById("wall-none");
  const tools = document.getElementById("wall-tools");
  const compareNames = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;

  const list = wall.firstElementChild;
  const cards = Array.from(list.children, (element, place) => ({
    element,
    place,
    search: element.dataset.search,
    name: element.dataset.name,
    size: Number(element.dataset.size),
    labelled: Number(element.dataset.labelled),
    groups: (element.dataset.groups || "").split(" "),
  }));
  // For each level, the heading and the list of each of its groups.
  const levels = Array.from(document.getElementsByClassName("wall-headings"), (headings) =>
    Array.from(headings.children, (heading) => ({ heading, list: list.cloneNode(false) })),
  );

  const orders = {
    size: (a, b) => b.size - a.size,
    name: (a, b) => compareNames(a.name, b.name),
    labelled: (a, b) => b.labelled - a.labelled || b.size - a.size,
    unlabelled: (a, b) => (a.labelled > 0) - (b.labelled > 0) || b.size - a.size,
  };

  // The cards to show replace the content of the wall. Hiding the others in place took Chromium 0.5 to 1.5 s for 1,200
  // cards, because of `content-visibility`; this takes 0.1 s.
  function update() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const order = orders[sort.value] || orders.size;
    const shown = cards.filter((card) => words.every((word) => card.search.includes(word)));
    shown.sort((a, b) => order(a, b) || a.place - b.place);
    const groups = group && levels[group.value];
    if (groups) {
      const parts = groups.map((part, number) => ({
        ...part,
        cards: shown.filter((card) => card.groups[group.value] === String(number)),
      }));
      const full = parts.filter((part) => part.cards.length);
      for (const part of full) part.list.replaceChildren(...part.cards.map((card) => card.element));
      wall.replaceChildren(...full.flatMap((part) => [part.heading, part.list]));
    } else {
      list.replaceChildren(...shown.map((card) => card.element));
      wall.replaceChildren(list);
    }
    none.hidden = shown.length > 0;
    found.textContent = words.length ? `${shown.length.toLocaleString("en")} of ${cards.length.toLocaleString("en")}` : "";
  }

  filter.addEventListener("input", update);
  sort.addEventListener("change", update);
  if (group) group.addEventListener("change", update);
  tools.addEventListener("submit", (event) => event.preventDefault());
  // When the user returns to the page, the browser restores the fields without an event.
  const isChanged = () => filter.value || sort.value !== "size" || (group && group.value);
  window.addEventListener("pageshow", () => isChanged() && update());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement === document.body) {
      event.preventDefault();
      filter.focus();
    }
  });
  tools.hidden = false;
  if (isChanged()) update();
})();
