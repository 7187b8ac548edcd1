// Starts the evaluation, and reloads the page when it is ready.
import { get, post } from "./api.js";

const root = document.getElementById("report");
const WAIT_MILLISECONDS = 800;

async function wait() {
  const words = document.getElementById("report-state");
  const bar = document.getElementById("report-bar");
  await post("/api/report", {}).catch(() => null);
  for (;;) {
    const state = await get("/api/report").catch((error) => ({ phase: "failed", error: error.message }));
    if (state.phase === "ready") return location.reload();
    if (state.phase === "failed") {
      words.textContent = state.error;
      bar.hidden = true;
      return undefined;
    }
    if (state.total) {
      bar.max = state.total;
      bar.value = state.done;
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS));
  }
}

if (root.dataset.phase === "working" && document.getElementById("report-state")) wait();
