// How long an item was really looked at: time counts while the page is visible and somebody has stirred in the last minute.

const IDLE_AFTER = 60_000;

export class Stopwatch {
  #active = 0;
  #since = null;
  #stirred = 0;
  #held = false;

  constructor() {
    document.addEventListener("visibilitychange", () => (document.hidden || this.#held ? this.#pause() : this.#resume()));
    for (const event of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"])
      addEventListener(event, () => this.#stir(), { passive: true, capture: true });
  }

  start() {
    this.#active = 0;
    this.#since = null;
    this.startedAt = Date.now() / 1000;
    if (!document.hidden && !this.#held) this.#resume();
  }

  /** Stops the time until `goOn`. */
  hold() {
    this.#pause();
    this.#held = true;
  }

  goOn() {
    this.#held = false;
    this.#resume();
  }

  get activeMs() {
    const running = this.#since === null ? 0 : this.#runningUntil() - this.#since;
    return Math.round(this.#active + Math.max(0, running));
  }

  #runningUntil() {
    return Math.min(performance.now(), this.#stirred + IDLE_AFTER);
  }

  #resume() {
    this.#since = this.#stirred = performance.now();
  }

  #pause() {
    this.#active = this.activeMs;
    this.#since = null;
  }

  #stir() {
    if (this.#since === null) return;
    if (performance.now() > this.#stirred + IDLE_AFTER) {
      this.#pause();
      this.#resume();
    }
    this.#stirred = performance.now();
  }
}
