// Left and right arrows lead to the previous and the next cluster, as long as nothing else has the focus.
"use strict";
document.addEventListener("keydown", (event) => {
  const idle = document.activeElement === document.body || document.activeElement.id === "content";
  if (!idle || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const direction = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = direction && document.querySelector(`a[rel="${direction}"]`);
  if (link) link.click();
});
