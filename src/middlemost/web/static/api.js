// One way to talk to the server: JSON in, JSON out, problems (RFC 9457) as `Problem`.

export class Problem extends Error {
  constructor(status, details) {
    super(details.detail || details.title || `The server answered ${status}.`);
    this.status = status;
    this.mend = details.mend || "";
  }

  /** Whether the same request may succeed later: nobody answered, the server is busy, or we are signed out. */
  get passing() {
    return [0, 401, 403, 408, 425, 429].includes(this.status) || this.status >= 500;
  }

  get signedOut() {
    return this.status === 401 || this.status === 403;
  }
}

let csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Problem(0, { detail: "The server cannot be reached." });
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, body);
  return body;
}

/** POST `body` as JSON; `key` makes a retry of the same request harmless. */
export function post(path, body, key) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf };
  if (key) headers["Idempotency-Key"] = key;
  return request(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Who is signed in now; after signing in again in another tab this page goes on under the new session. */
export async function renewSession() {
  const session = await request("/api/session", { headers: { Accept: "application/json" } });
  csrf = session.csrf;
  return session;
}

/** A key that no other request has. `randomUUID` is missing where the page is not served over https or from localhost. */
export function freshKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
