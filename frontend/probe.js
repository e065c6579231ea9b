/** @import {Neighbour} from './holes.js' */
/** @import {Picture} from './picture.js' */
import { LatestOnly } from './latest.js';

/**
 * A place that is being looked at. A pointer's place ends when the pointer leaves; the others stay
 * until something replaces them.
 * @typedef {object} Place
 * @property {string} run
 * @property {number[]} z
 * @property {'pointer' | 'keys' | 'typed' | 'tap' | 'sample' | 'pin' | 'path' | 'plane'} source
 * @property {{index: number, label: number} | null} near the test image under the pointer
 * @property {number | null} nearestClass
 */

/**
 * What comes out of a place. In passing only the nearest training image is asked for, no draws, and
 * the picture is not encoded again.
 * @typedef {object} Decoded
 * @property {Picture} picture
 * @property {number} logPrior
 * @property {number} logPosterior of the aggregated posterior
 * @property {Neighbour[]} nearest training images, the nearest first
 * @property {{loc: number[], drift: number} | null} reencoded where the encoder puts the picture, and how far that is from the place
 * @property {Picture[]} draws from the likelihood
 */

/** The place under the pointer and its picture: at most one request under way, the latest wins. */
export class Probe {
  #decode;
  #requests = new LatestOnly();
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @type {Place | null} */
  place = null;
  /** The last one near a test image. It stays when the pointer goes, also for parts of the page that come later. */
  /** @type {Place | null} */
  lastNear = null;
  /** What the pointer leaves behind when it goes: the place that was pinned last. */
  /** @type {Place | null} */
  #kept = null;
  /** @type {Decoded | null} */
  decoded = null;
  problem = '';

  /** @param {(run: string, z: number[], detailed: boolean) => Promise<Decoded>} decode whether detailed or in brief */
  constructor(decode) {
    this.#decode = decode;
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /**
   * Comes back to a place whenever the pointer has gone.
   * @param {Place | null} place
   */
  keep(place) {
    this.#kept = place;
  }

  get kept() {
    return this.#kept;
  }

  /** @param {Place} place */
  show(place) {
    if (place.run !== this.place?.run) this.decoded = null;
    this.place = place;
    if (place.near) this.lastNear = place;
    this.problem = '';
    this.#emit();
    this.#requests.submit(() => this.#ask(place));
  }

  /** Decodes the same place again, after the run has learned more. */
  refresh() {
    const { place } = this;
    if (place) this.#requests.submit(() => this.#ask(place));
  }

  /** @param {Place['source'][]} [sources] only if the place came from one of these: then a kept one comes back */
  end(sources) {
    if (!this.place || (sources && !sources.includes(this.place.source))) return;
    if (sources && this.#kept) {
      this.show(this.#kept);
      return;
    }
    this.#kept = null;
    this.#requests.clear();
    this.place = null;
    this.decoded = null;
    this.problem = '';
    this.#emit();
  }

  /** @param {Place} place */
  async #ask(place) {
    try {
      const decoded = await this.#decode(place.run, place.z, place.source !== 'pointer' && place.source !== 'sample' && place.source !== 'plane');
      if (this.place?.run !== place.run) return;
      this.decoded = decoded;
      this.problem = '';
    } catch (error) {
      if (this.place?.run !== place.run) return;
      this.decoded = null;
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.#emit();
  }

  #emit() {
    for (const listener of this.#listeners) listener();
  }
}
