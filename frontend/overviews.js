/** @import {WirePanel} from './contract' */
import { api } from './api.js';
import { MAX_PANELS } from './state.js';

/**
 * @typedef {object} Waiting
 * @property {(panel: WirePanel | null) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/**
 * What the panels of runs show first. All that is asked for in the same turn travels together: a page that
 * opens asks the server once, not once for every panel.
 */
export class Overviews {
  /** @type {Map<string, Waiting[]>} */
  #waiting = new Map();

  /**
   * @param {string} id of a run
   * @returns {Promise<WirePanel | null>} null: it has no weights yet, or no plane
   */
  of(id) {
    if (this.#waiting.size === 0) queueMicrotask(() => this.#ask());
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), { resolve, reject }]);
    });
  }

  #ask() {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (let i = 0; i < all.length; i += MAX_PANELS) this.#load(all.slice(i, i + MAX_PANELS));
  }

  /** @param {[string, Waiting[]][]} asked */
  async #load(asked) {
    try {
      const { panels } = await api.overview(asked.map(([id]) => id));
      for (const [id, waiting] of asked) {
        for (const { resolve } of waiting) resolve(panels.find(({ run }) => run === id) ?? null);
      }
    } catch (error) {
      for (const [, waiting] of asked) for (const { reject } of waiting) reject(error);
    }
  }
}
