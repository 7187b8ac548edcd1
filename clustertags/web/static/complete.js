// Completion of tags and cluster names. Where commas separate tags, only the last one is completed.
import { get } from "./api.js";

let count = 0;

export function completeFields(root) {
  for (const field of root.querySelectorAll("input[data-complete]")) {
    const list = document.createElement("datalist");
    list.id = `complete-${count++}`;
    field.after(list);
    field.setAttribute("list", list.id);
    let requested = null;
    const update = async () => {
      const end = field.dataset.complete === "tag" && field.id === "label-tag" ? field.value.lastIndexOf(",") + 1 : 0;
      const text = field.value.slice(end).trim();
      if (text === requested) return;
      requested = text;
      if (document.getElementById("by") && field.id === "q" && document.getElementById("by").value !== "tag") {
        list.replaceChildren();
        return;
      }
      const query = new URLSearchParams({ text, what: field.dataset.complete });
      const found = await get(`/api/complete?${query}`).catch(() => []);
      if (text !== requested) return;
      const before = end ? `${field.value.slice(0, end)} ` : "";
      list.replaceChildren(
        ...found.map((word) => {
          const option = document.createElement("option");
          option.value = before + word;
          return option;
        }),
      );
    };
    field.addEventListener("focus", update);
    field.addEventListener("input", update);
  }
}
