// The left and right arrow keys lead to the previous and next cluster while nothing else has the focus.
"use strict";
document.addEventListener("keydown", (event) => {
  const idle = document.activeElement === document.body || document.activeElement.id === "content";
  if (!idle || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const direction = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = direction && document.querySelector(`a[rel="${direction}"]`);
  if (link) link.click();
});
