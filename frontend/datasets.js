/** @import {DatasetInfo} from './contract' */
/** @import {Features} from './feature-bars.js' */
import { api } from './api.js';
import { featuresOf } from './feature-bars.js';

/** The server's data sets as the page knows them. */
export class Datasets {
  /** @type {Map<string, DatasetInfo>} */
  #known = new Map();
  /** @type {Map<string, Features>} */
  #features = new Map();
  /** Looked for in vain. @type {Set<string>} */
  #missed = new Set();
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #asked = 0;
  #answered = 0;

  /**
   * @param {() => void} listener hears when data sets have come or gone
   * @returns {() => void} ends it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get all() {
    return [...this.#known.values()];
  }

  /**
   * @param {string | undefined} id
   * @returns {DatasetInfo | null} null until it is known
   */
  get(id) {
    return this.#known.get(id ?? '') ?? null;
  }

  /**
   * What the values of its vectors are. The same object before and after the data set is known, so
   * that vectors can be read before.
   * @param {string | undefined} id
   * @returns {Features}
   */
  features(id = '') {
    const features = this.#features.get(id) ?? { ...featuresOf(this.get(id)) };
    this.#features.set(id, features);
    return features;
  }

  /**
   * Reads the list anew if one of these is not in it. Each is looked for once.
   * @param {string[]} ids
   */
  want(ids) {
    if (this.#known.size === 0) return;
    const missing = ids.filter((id) => !this.#known.has(id) && !this.#missed.has(id));
    if (missing.length === 0) return;
    for (const id of missing) this.#missed.add(id);
    // The next list of runs asks again: a lost server has its banner.
    this.load().catch(() => this.#missed.clear());
  }

  /** Reads the list anew; an older answer never replaces a newer one. */
  async load() {
    const number = ++this.#asked;
    const all = await api.datasets();
    if (number < this.#answered) return;
    this.#answered = number;
    this.#known = new Map(all.map((dataset) => [dataset.id, dataset]));
    for (const [id, features] of this.#features) Object.assign(features, featuresOf(this.get(id)));
    for (const listener of this.#listeners) listener();
  }
}
