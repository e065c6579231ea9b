/**
 * One thing at a time, and of what is asked meanwhile only the latest: keeps a pointer that moves
 * faster than the server answers from building a queue of stale questions.
 */
export class LatestOnly {
  /** @type {(() => Promise<void>) | null} */
  #waiting = null;
  #busy = false;

  /** @param {() => Promise<void>} task must handle its own errors */
  async submit(task) {
    this.#waiting = task;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#waiting) {
        const next = this.#waiting;
        this.#waiting = null;
        await next();
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Forgets what has not begun. */
  clear() {
    this.#waiting = null;
  }
}
