// The items that are lent to this rater and not yet shown. Asks for more before they run out.

const MOST_LOW = 8;

export class Supply {
  #ready = [];
  #known = new Set();
  #asking = null;

  /**
   * `ask(want)` promises `{assignments}`, `want` being how many should lie ready; `arrived()` is called after each answer
   * of the server, `failed(problem)` when there was none. Asks when fewer than `low` are left, for `high`; both rise where
   * the next ones are still on their way when they are wanted, since more are lent to one only where that is needed.
   */
  constructor({ ask, arrived, failed, low = 3, high = 5 }) {
    Object.assign(this, { ask, arrived, failed, low, high });
  }

  get size() {
    return this.#ready.length;
  }

  /** The next assignment, or undefined while there is none. */
  take() {
    this.#dropLapsed();
    const next = this.#ready.shift();
    if (!next && this.#asking && this.low < MOST_LOW) {
      this.low += 2;
      this.high += 3;
    }
    if (this.size < this.low) this.refill();
    return next;
  }

  /** Puts an assignment back to the front: it was shown, and is to be shown again. */
  giveBack(assignment) {
    this.#ready.unshift({ ...assignment, lapses: Infinity });
  }

  /** Marks an assignment as shown already: where the server lends it again, it is not shown again. */
  passOver(id) {
    this.#known.add(id);
  }

  /** Asks the server for more, unless it is being asked already. */
  refill() {
    this.#asking ??= this.#fetch().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #fetch() {
    try {
      const batch = await this.ask(this.high);
      for (const assignment of batch.assignments) this.#add(assignment);
      this.arrived();
    } catch (problem) {
      this.failed(problem);
    }
  }

  #add(assignment) {
    if (this.#known.has(assignment.id)) return;
    this.#known.add(assignment.id);
    this.#ready.push({ ...assignment, lapses: Date.now() + 1000 * assignment.expires_in });
  }

  // After a night with the lid closed the leases have lapsed: others may have these items by now. Ours to show is what
  // the server lends afresh. The time left is the server's, so that a wrong clock here does no harm.
  #dropLapsed() {
    const lapsed = this.#ready.filter((assignment) => assignment.lapses < Date.now());
    for (const { id } of lapsed) this.#known.delete(id);
    this.#ready = this.#ready.filter((assignment) => !lapsed.includes(assignment));
  }
}
