/** @import {PictureCache} from './picture-cache.js' */
/** @import {Probe} from './probe.js' */
/** @import {RunStore} from './runs.js' */
/** @import {Picture} from './picture.js' */

/**
 * A test image that is pointed at.
 * @typedef {{dataset: string, index: number, label: number}} Pointed
 */

/**
 * The test image that lights up in all panels: the one under the pointer, at the cursor, or pointed
 * at in the strip of selected images.
 */
export class LinkedImage {
  #probe;
  #runs;
  #cache;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {Pointed | null} */
  #pointed = null;
  /** @type {Pointed | null} */
  image = null;
  /** @type {Picture | null} null while it is on its way */
  picture = null;

  /**
   * @param {Probe} probe
   * @param {RunStore} runs
   * @param {PictureCache} cache
   */
  constructor(probe, runs, cache) {
    this.#probe = probe;
    this.#runs = runs;
    this.#cache = cache;
    probe.subscribe(() => this.#update());
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** @param {Pointed | null} image null: what the probe is near to */
  point(image) {
    this.#pointed = image;
    this.#update();
  }

  #update() {
    const next = this.#pointed ?? this.#near();
    const same = next?.index === this.image?.index && next?.dataset === this.image?.dataset;
    if (same) return;
    this.image = next;
    this.picture = null;
    this.#emit();
    if (next) this.#load(next);
  }

  /** @returns {Pointed | null} */
  #near() {
    const { place } = this.#probe;
    const dataset = place && this.#runs.get(place.run)?.config.dataset;
    return place?.near && dataset ? { dataset, ...place.near } : null;
  }

  /** @param {Pointed} image */
  async #load(image) {
    const picture = await this.#cache.image(image.dataset, image.index);
    if (this.image !== image || !picture) return;
    this.picture = picture;
    this.#emit();
  }

  #emit() {
    for (const listener of this.#listeners) listener();
  }
}
