// What the rater has done and the server has not yet acknowledged, sent in order, one at a time, until it has.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

export class Outbox {
  #entries = [];
  #timer = 0;
  #wait = FIRST_WAIT;
  #sending = false;
  #problem = null;

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

  put(entry) {
    this.#entries.push(entry);
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
    this.#entries.shift();
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
