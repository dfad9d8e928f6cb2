// One way to talk to the server: JSON in, JSON out, problems (RFC 9457) as `Problem`.

export class Problem extends Error {
  /** `now`: who this browser is by now, where that is not whoever this page belongs to. */
  constructor(status, details, now = null) {
    super(details.detail || details.title || `The server answered ${status}.`);
    this.status = status;
    this.mend = details.mend || "";
    this.now = now;
  }

  /** Whether nobody answered, or the server cannot just now. */
  get busy() {
    return [0, 408, 425, 429].includes(this.status) || this.status >= 500;
  }

  /** Whether the same request may succeed later: the server is busy, or we are signed out. */
  get passing() {
    return this.busy || this.signedOut;
  }

  get signedOut() {
    return this.status === 401 || this.status === 403;
  }
}

const PATIENCE = 30_000; // a line that is dead may say nothing for minutes: then the request is made anew

let csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const owner = document.body.dataset.pseudonym; // whom this page was made for
let doubtful = false; // whether this browser may be somebody else, or nobody, by now

async function request(path, options) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  try {
    const response = await fetch(path, { credentials: "same-origin", cache: "no-store", signal: patience.signal, ...options });
    const text = await response.text();
    if (!response.ok) throw new Problem(response.status, parsed(text) ?? {});
    const body = parsed(text);
    if (body !== null) return body;
  } catch (problem) {
    if (problem instanceof Problem) throw problem;
  } finally {
    clearTimeout(timer);
  }
  throw new Problem(0, { detail: "The server cannot be reached." }); // nobody answered, or broke off in the middle
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * POST `body` as JSON; `key` makes a retry of the same request harmless. While the browser is signed in as somebody other
 * than the page's owner nothing is sent: it would be sent as theirs.
 */
export async function post(path, body, key) {
  if (doubtful) await renewSession();
  try {
    return await send(path, body, key);
  } catch (problem) {
    if (!problem.signedOut) throw problem;
    await renewSession();
    return send(path, body, key);
  }
}

function send(path, body, key) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf };
  if (key) headers["Idempotency-Key"] = key;
  return request(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** After signing in again in another tab the page goes on under the new session, if it is the same person's. */
async function renewSession() {
  doubtful = true;
  const { pseudonym, csrf: fresh } = await request("/api/session", { headers: { Accept: "application/json" } });
  if (pseudonym !== owner) {
    const detail = `This page is for ${owner}, but this browser is now ${pseudonym}.`;
    throw new Problem(403, { detail, mend: "Open your own link again in another window." }, pseudonym);
  }
  csrf = fresh;
  doubtful = false;
}

/** A key that no other request has. `randomUUID` is missing where the page is not served over https or from localhost. */
export function freshKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
