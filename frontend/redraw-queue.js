/** Pause after a redraw that nobody asked for by hand. */
const PAUSE_MS = 140;

/**
 * Spreads the redraws of live training over time: one panel after the other, so that the pointer is
 * never held up by more than one of them.
 */
export class RedrawQueue {
  /** @type {Map<object, () => Promise<void>>} */
  #waiting = new Map();
  /** @type {WeakSet<object>} */
  #seen = new WeakSet();
  #working = false;

  /**
   * @param {object} owner replaces what it has queued before
   * @param {() => Promise<void>} redraw
   */
  add(owner, redraw) {
    this.#waiting.set(owner, redraw);
    if (!this.#working) this.#work();
  }

  /** @param {object} owner */
  remove(owner) {
    this.#waiting.delete(owner);
  }

  async #work() {
    this.#working = true;
    while (this.#waiting.size > 0) {
      const [owner, redraw] = /** @type {[object, () => Promise<void>]} */ (this.#waiting.entries().next().value);
      this.#waiting.delete(owner);
      await redraw();
      // What is drawn for the first time is waited for: others follow at once.
      const pause = this.#seen.has(owner) ? PAUSE_MS : 0;
      this.#seen.add(owner);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    this.#working = false;
  }
}
