// A list that is loaded while the user scrolls: the next part is requested before the end comes into view.
import { part } from "./api.js";

export function continueList(list, more, added = () => {}) {
  let loading = false;
  async function load() {
    if (loading || !list.dataset.next) return;
    loading = true;
    more.hidden = false;
    try {
      const found = await part(list.dataset.next);
      list.append(...found.items);
      list.dataset.next = found.next;
      added(found.items);
      more.hidden = !found.next;
    } catch (error) {
      more.textContent = error.message;
      list.dataset.next = "";
    }
    loading = false;
    // The new items may not fill the viewport.
    if (list.dataset.next && more.getBoundingClientRect().top < 2 * innerHeight) await load();
  }
  new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && load(), {
    rootMargin: "1200px",
  }).observe(more);
  return load;
}
