// What the rater has done and the server has not yet acknowledged, sent in order, one at a time, until it has. It is
// kept in the browser too, each entry under a name of its own: a reload loses nothing, and a second window of the same
// rater sends the same entries under the same keys, which does no harm.

import { forget, keep, kept, names } from "./kept.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

export class Outbox {
  #entries = [];
  #timer = 0;
  #wait = FIRST_WAIT;
  #sending = false;
  #problem = null;
  #made = 0;

  /**
   * `send(entry)` promises the server's acknowledgement. `changed(count, problem)` is called whenever the number of
   * unsaved entries or the reason for it changes; `refused(entry, problem)` when the server will never take an entry.
   */
  constructor({ send, changed, refused }) {
    Object.assign(this, { send, changed, refused });
    addEventListener("online", () => this.retryNow());
    addEventListener("focus", () => this.retryNow()); // back from another window, perhaps signed in again there
  }

  get size() {
    return this.#entries.length;
  }

  /** What was left unsaved when this page was last open, oldest first; it is sent from now on. */
  restore() {
    this.#entries = names("out:").map((name) => ({ ...kept(name), name }));
    if (this.size) {
      this.changed(this.size, null);
      this.#flush();
    }
    return [...this.#entries];
  }

  put(entry) {
    const name = `out:${String(Date.now()).padStart(15, "0")}:${String((this.#made += 1)).padStart(6, "0")}:${entry.key}`;
    this.#entries.push({ ...entry, name });
    keep(name, entry);
    this.changed(this.size, this.#problem);
    if (!this.#timer) this.#flush();
  }

  retryNow() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#flush();
  }

  async #flush() {
    if (this.#sending) return;
    this.#sending = true;
    while (this.size && !this.#timer) await this.#deliver(this.#entries[0]);
    this.#sending = false;
  }

  async #deliver(entry) {
    try {
      await this.send(entry);
      this.#settle();
    } catch (problem) {
      if (problem.passing) this.#postpone(problem);
      else {
        this.#settle();
        this.refused(entry, problem);
      }
    }
  }

  #settle() {
    forget(this.#entries.shift().name);
    this.#wait = FIRST_WAIT;
    this.#problem = null;
    this.changed(this.size, null);
  }

  #postpone(problem) {
    this.#problem = problem;
    this.changed(this.size, problem);
    this.#timer = setTimeout(() => this.retryNow(), this.#wait * (0.8 + 0.4 * Math.random()));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}
