// Requests to the server. An error response becomes an `Error` with the sentence in its body.
export async function get(path) {
  return bodyOf(await send(path));
}

export async function post(path, body) {
  return bodyOf(await send(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }));
}

export async function upload(path, file) {
  const form = new FormData();
  form.append("file", file, file.name || "photo");
  for (let tries = 0; ; tries++) {
    const response = await send(path, { method: "POST", body: form });
    if (response.status !== 503 || tries > 20) return bodyOf(response);
    const seconds = Number(response.headers.get("retry-after")) || 1;
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  }
}

// A part of a list: its elements, and the URL of the part after it.
export async function part(path) {
  const response = await send(path);
  if (!response.ok) await bodyOf(response);
  const holder = document.createElement("template");
  holder.innerHTML = await response.text();
  return { items: Array.from(holder.content.children), next: response.headers.get("x-next"), total: Number(response.headers.get("x-total")) };
}

async function send(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Error("The server does not respond. Is clustertags serve still running?");
  }
}

async function bodyOf(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const detail = Array.isArray(body.detail) ? body.detail.map((item) => item.msg).join("; ") : body.detail;
  throw new Error(detail || `The server responded with status ${response.status}.`);
}
