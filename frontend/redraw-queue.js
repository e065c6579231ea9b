/** Pause after a redraw that nobody asked for by hand, in milliseconds. */
const PAUSE_MS = 40;

/**
 * Spreads the redraws of live training over time: one panel after the other, so that the pointer is
 * never held up by more than one of them.
 */
export class RedrawQueue {
  /** @type {Map<object, {redraw: () => void, pause: number}>} */
  #waiting = new Map();
  /** @type {WeakSet<object>} */
  #seen = new WeakSet();
  #working = false;

  /**
   * @param {object} owner replaces what it has queued before
   * @param {() => void} redraw
   * @param {number} [pause] none for what was asked for by hand
   */
  add(owner, redraw, pause = PAUSE_MS) {
    this.#waiting.set(owner, { redraw, pause });
    if (!this.#working) this.#work();
  }

  /** @param {object} owner */
  remove(owner) {
    this.#waiting.delete(owner);
  }

  async #work() {
    this.#working = true;
    while (this.#waiting.size > 0) {
      const [owner, { redraw, pause }] = /** @type {[object, {redraw: () => void, pause: number}]} */ (
        this.#waiting.entries().next().value
      );
      this.#waiting.delete(owner);
      redraw();
      // What is drawn for the first time is waited for: others follow at once.
      const again = this.#seen.has(owner);
      this.#seen.add(owner);
      await new Promise((resolve) => setTimeout(resolve, again ? pause : 0));
    }
    this.#working = false;
  }
}
