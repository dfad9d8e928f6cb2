// Which sections of the guidelines were in view for a second while an item was open. That goes along with the answer to
// the item, so that the lead learns which of them precede doubt, and nowhere else.

const ENOUGH = 1_000;
const MOST = 50;
const HALF = 0.5;

export class Reading {
  #item = null;
  #read = new Map(); // by assignment: the sections that were read
  #seen = new Map(); // by section: by how many signs it is in view
  #timers = new Map();

  /** `dialog` holds the guidelines, each section marked with its id in `data-section`. */
  constructor(dialog) {
    // A section is in view where half of it is, or where it is so long that it fills the middle.
    const half = new IntersectionObserver((entries) => this.#note(entries, 1), { root: dialog, threshold: HALF });
    const middle = new IntersectionObserver((entries) => this.#note(entries, 2), { root: dialog, rootMargin: "-50% 0px" });
    for (const section of dialog.querySelectorAll("[data-section]")) {
      half.observe(section);
      middle.observe(section);
    }
  }

  /** From now on it is the item of this assignment that is open; null: none is. */
  turnTo(assignment) {
    this.#item = assignment;
  }

  /** What was read while the open item was there, as the server takes it; it is told once. */
  take() {
    const read = [...(this.#read.get(this.#item) ?? [])].slice(0, MOST);
    this.#read.delete(this.#item);
    return read.length ? { read } : {};
  }

  #note(entries, sign) {
    for (const { target, isIntersecting, intersectionRatio } of entries) {
      const section = target.dataset.section;
      const shown = sign === 1 ? intersectionRatio >= HALF : isIntersecting;
      const before = this.#seen.get(section) ?? 0;
      const now = shown ? before | sign : before & ~sign;
      this.#seen.set(section, now);
      if (now && !this.#timers.has(section)) this.#timers.set(section, setTimeout(() => this.#keep(section), ENOUGH));
      if (!now) this.#stop(section);
    }
  }

  #keep(section) {
    this.#timers.delete(section);
    if (this.#item === null || document.hidden) return;
    if (!this.#read.has(this.#item)) this.#read.set(this.#item, new Set());
    this.#read.get(this.#item).add(section);
  }

  #stop(section) {
    clearTimeout(this.#timers.get(section));
    this.#timers.delete(section);
  }
}
