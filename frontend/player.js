/** Milliseconds for one stored epoch at the usual speed. */
const STEP_MS = 280;

/** A frame that takes so much longer than it should is waited for visibly. */
const PATIENCE_MS = 200;

/**
 * Walks through the stored epochs, one after the other: none is left out. Where the panels need longer
 * than the speed allows, it waits for them.
 */
export class Player {
  #parts;
  /** Of the walk under way; a new one ends the old. */
  #walk = 0;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  playing = false;
  /** Whether frames are waited for. */
  waiting = false;
  speed = 1;

  /**
   * @param {{
   *   next: () => number | null,
   *   show: (epoch: number) => void,
   *   settled: () => Promise<void>,
   * }} parts `next`: the epoch after the one shown, if there is one; `settled`: the panels show what they are to show
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** @param {number | null} from where it begins; null: with the epoch after the one shown */
  async play(from = null) {
    const walk = ++this.#walk;
    this.#set(true, false);
    for (let next = from ?? this.#parts.next(); next !== null; next = this.#parts.next()) {
      const due = performance.now() + STEP_MS / this.speed;
      this.#parts.show(next);
      const late = setTimeout(() => this.#walk === walk && this.#set(true, true), STEP_MS / this.speed + PATIENCE_MS);
      await this.#parts.settled();
      clearTimeout(late);
      if (this.#walk !== walk) return;
      this.#set(true, false);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      if (this.#walk !== walk) return;
    }
    this.#set(false, false);
  }

  stop() {
    this.#walk += 1;
    this.#set(false, false);
  }

  /**
   * @param {boolean} playing
   * @param {boolean} waiting
   */
  #set(playing, waiting) {
    if (this.playing === playing && this.waiting === waiting) return;
    this.playing = playing;
    this.waiting = waiting;
    for (const listener of this.#listeners) listener();
  }
}
