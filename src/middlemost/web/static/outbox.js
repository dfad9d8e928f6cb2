// What the rater has done and the server has not yet acknowledged, sent until it has: some at once, so that a slow line
// does not hold up a quick rater, but all that is about one item in its order. It is kept in the browser too, each entry under a name of its own: a reload loses nothing, and a second window of the same
// rater sends the same entries under the same keys, which does no harm.

import { forget, keep, kept, names } from "./kept.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
const AT_ONCE = 4; // browsers keep six lines to one server

export class Outbox {
  #entries = [];
  #timer = 0;
  #wait = FIRST_WAIT;
  #underway = new Set(); // the assignments of what is being sent
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
    this.#flush();
  }

  retryNow() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#flush();
  }

  #flush() {
    while (!this.#timer && this.#underway.size < AT_ONCE) {
      const next = this.#entries.find(({ assignment }) => !this.#underway.has(assignment.id));
      if (!next) return;
      this.#underway.add(next.assignment.id);
      this.#deliver(next).finally(() => {
        this.#underway.delete(next.assignment.id);
        this.#flush();
      });
    }
  }

  async #deliver(entry) {
    try {
      await this.send(entry);
      this.#settle(entry);
    } catch (problem) {
      if (problem.passing) this.#postpone(problem);
      else {
        this.#settle(entry);
        this.refused(entry, problem);
      }
    }
  }

  #settle(entry) {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    forget(entry.name);
    this.#wait = FIRST_WAIT;
    this.#problem = null;
    this.changed(this.size, null);
  }

  #postpone(problem) {
    this.#problem = problem;
    this.changed(this.size, problem);
    if (this.#timer) return; // what was sent at the same time has failed before
    this.#timer = setTimeout(() => this.retryNow(), this.#wait * (0.8 + 0.4 * Math.random()));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }
}
