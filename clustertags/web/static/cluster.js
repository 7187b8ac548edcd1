// The page of a cluster: rename, merge, split, hide, and the grid of its photos.
import { edit, say, sayAfterwards } from "./app.js";
import "./grid.js";

const cluster = document.getElementById("cluster").dataset.key;
const byId = (id) => document.getElementById(id);

function goTo(done) {
  sayAfterwards(done.sentence);
  location.assign(done.clusters.length ? done.clusters[0].href : "/");
}

byId("rename").addEventListener("submit", async (event) => {
  event.preventDefault();
  const done = await edit({ kind: "rename", cluster, name: byId("new-name").value.trim() });
  if (!done) return;
  const [renamed] = done.clusters;
  byId("cluster-name").textContent = byId("new-name").value = renamed.name;
  document.title = document.title.replace(/^[^·]*/, `${renamed.name} `);
});

byId("merge").addEventListener("submit", async (event) => {
  event.preventDefault();
  const done = await edit({ kind: "merge", clusters: [cluster, byId("merge-with").value.trim()] });
  if (done) goTo(done);
});

byId("split").addEventListener("click", async () => {
  byId("split").disabled = true;
  say("Splitting: clustering its photos again …", { kept: true });
  const done = await edit({ kind: "split", cluster });
  byId("split").disabled = false;
  if (done) goTo(done);
});

byId("hide-cluster").addEventListener("click", async () => {
  const done = await edit({ kind: "hide_cluster", cluster });
  if (!done) return;
  sayAfterwards(done.sentence);
  location.assign("/");
});
