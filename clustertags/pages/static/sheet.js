// The form of photos to label: completion per tag, predicted tags as buttons, and the labels as a CSV file to save.
"use strict";
(() => {
  const form = document.getElementById("sheet");
  const fields = Array.from(form.querySelectorAll("input[data-image]"));
  const list = document.getElementById("tags-known");
  const done = document.getElementById("done");
  const vocabulary = Array.from(document.getElementById("vocabulary").children, (item) => item.textContent);
  const known = new Set(vocabulary.map((tag) => tag.toLowerCase()));
  const MOST_SHOWN = 50;
  const NONE = "-";
  let saved = true;

  // A known tag may contain a comma; otherwise commas separate tags.
  function split(text) {
    const parts = text.split("|").flatMap((part) => (known.has(part.trim().toLowerCase()) ? [part] : part.split(",")));
    return parts.map((part) => part.trim()).filter(Boolean);
  }

  function complete(field) {
    const end = Math.max(field.value.lastIndexOf(","), field.value.lastIndexOf("|")) + 1;
    const before = end ? `${field.value.slice(0, end)} ` : "";
    const begun = field.value.slice(end).trim().toLowerCase();
    const given = new Set(split(before).map((tag) => tag.toLowerCase()));
    const fitting = vocabulary.filter((tag) => tag.toLowerCase().startsWith(begun) && !given.has(tag.toLowerCase()));
    list.replaceChildren(
      ...fitting.slice(0, MOST_SHOWN).map((tag) => {
        const option = document.createElement("option");
        option.value = before + tag;
        return option;
      }),
    );
  }

  function predicted(field) {
    return Array.from(field.parentElement.querySelectorAll("button[data-tag]"));
  }

  function update(field) {
    const tags = new Set(split(field.value).map((tag) => tag.toLowerCase()));
    for (const button of predicted(field)) {
      button.setAttribute("aria-pressed", String(tags.has(button.dataset.tag.toLowerCase())));
    }
    const filled = fields.filter((other) => split(other.value).length).length;
    done.textContent = `${filled} of ${fields.length} filled in`;
  }

  function press(field, tag) {
    const tags = split(field.value).filter((other) => (other === NONE) === (tag === NONE));
    const at = tags.findIndex((other) => other.toLowerCase() === tag.toLowerCase());
    if (at >= 0) tags.splice(at, 1);
    else tags.push(tag);
    field.value = tags.join(tags.some((other) => other.includes(",")) ? " | " : ", ");
    saved = false;
    update(field);
  }

  // The format of `clustertags suggest --take`; `./` and an apostrophe keep a spreadsheet from reading formulas.
  function csv() {
    const guarded = (text) => (/^'*[=+\-@]/.test(text) && text !== NONE ? `'${text}` : text);
    const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
    const lines = fields.map((field) => {
      const image = JSON.parse(field.dataset.image);
      return `${quoted(/^[=+\-@\s]/.test(image) ? `./${image}` : image)},${quoted(guarded(split(field.value).join("|")))}`;
    });
    return `image,tags\r\n${lines.join("\r\n")}\r\n`;
  }

  fields.forEach((field, at) => {
    field.addEventListener("focus", () => complete(field));
    field.addEventListener("input", () => {
      saved = false;
      complete(field);
      update(field);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      (fields[at + 1] || document.getElementById("save")).focus();
    });
    for (const button of predicted(field)) button.addEventListener("click", () => press(field, button.dataset.tag));
    update(field);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    link.download = "answers.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    saved = true;
    done.textContent = "Saved. Give the file to: clustertags suggest --take answers.csv";
  });

  window.addEventListener("beforeunload", (event) => {
    if (!saved) event.preventDefault();
  });
})();
