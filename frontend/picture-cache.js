/** @import {Picture} from './picture.js' */
/** @import {Run, WireArray} from './contract' */
/** @import {Datasets} from './datasets.js' */
/** @import {Features} from './feature-bars.js' */
/** @import {Decoded} from './probe.js' */
import { api } from './api.js';
import { NO_FEATURES } from './feature-bars.js';
import { neighboursOf } from './holes.js';
import { floats, picturesOrVectors } from './typed-array.js';

/** Enough for every pin and every test image that a visit hovers over. */
const CAPACITY = 2000;

/** Images per request, at most. */
const BATCH = 100;

/** Pictures that were asked for once: images of the data sets, and decoded pins. */
export class PictureCache {
  #datasets;
  /** @type {Map<string, Promise<Picture | null>>} */
  #pictures = new Map();

  /** @param {Datasets} datasets */
  constructor(datasets) {
    this.#datasets = datasets;
  }

  /**
   * @param {string} dataset
   * @param {number} index row in file order
   * @returns {Promise<Picture | null>} null if it cannot be had
   */
  image(dataset, index) {
    return this.#once(`image ${dataset} ${index}`, async () => (await this.#load(dataset, [index]))[0]);
  }

  /**
   * @param {string} dataset
   * @param {number[]} indices
   */
  async #load(dataset, indices) {
    const { images, values } = await api.images(dataset, indices);
    return picturesOrVectors(images, values, this.#datasets.features(dataset));
  }

  /**
   * Several at once, with few requests.
   * @param {string} dataset
   * @param {number[]} indices
   * @returns {Promise<Picture | null>[]} each null if it cannot be had
   */
  images(dataset, indices) {
    const missing = indices.filter((index) => !this.#pictures.has(`image ${dataset} ${index}`));
    for (let i = 0; i < missing.length; i += BATCH) {
      const batch = missing.slice(i, i + BATCH);
      const answer = this.#load(dataset, batch);
      batch.forEach((index, at) => this.#once(`image ${dataset} ${index}`, async () => (await answer)[at]));
    }
    return indices.map((index) => this.image(dataset, index));
  }

  /**
   * The same place gives another picture once the run has learned more.
   * @param {Run} run
   * @param {number[]} z
   * @returns {Promise<Picture | null>}
   */
  decoded(run, z) {
    const key = `decoded ${run.id} ${run.checkpoint} ${z.join()}`;
    return this.#once(key, async () => (await decodeOne(run.id, z, { detailed: false, features: this.#datasets.features(run.config.dataset) })).picture);
  }

  /**
   * @param {string} key
   * @param {() => Promise<Picture | undefined>} load
   */
  #once(key, load) {
    let picture = this.#pictures.get(key);
    if (!picture) {
      picture = load().then(
        (loaded) => loaded ?? null,
        () => {
          this.#pictures.delete(key);
          return null;
        },
      );
      this.#pictures.set(key, picture);
      if (this.#pictures.size > CAPACITY) this.#pictures.delete(/** @type {string} */ (this.#pictures.keys().next().value));
    }
    return picture;
  }
}

/** What is asked for at a place that is only passed over, and at one that is looked at. */
const BRIEF = { draws: 0, nearest: 1, reencode: false };
const DETAILED = { draws: 4, nearest: 4, reencode: true };

/** So many draws of vectors tell how far they spread. */
const SPREAD_DRAWS = 64;

/**
 * @param {string} run
 * @param {number[]} z
 * @param {{detailed: boolean, features?: Features}} options features of the data, where it is vectors
 * @returns {Promise<Decoded>}
 */
export async function decodeOne(run, z, { detailed, features = NO_FEATURES }) {
  const asked = detailed && features.names.length > 0 ? { ...DETAILED, draws: SPREAD_DRAWS } : detailed ? DETAILED : BRIEF;
  const answer = await api.decode(run, [z], asked);
  const first = (/** @type {WireArray} */ wire) => /** @type {number} */ (floats(wire).values[0]);
  // Of a single place: "1, draws, h, w", or "1, draws, d".
  const stack = (/** @type {WireArray | null | undefined} */ wire) => wire && { ...wire, shape: wire.shape.replace(/^1, ?/, '') };
  return {
    picture: /** @type {Picture} */ (picturesOrVectors(answer.images, answer.values, features)[0]),
    logPrior: first(answer.log_prior),
    logPosterior: first(answer.log_aggregated_posterior),
    nearest: neighboursOf(answer.nearest)[0] ?? [],
    reencoded: answer.reencoded && { loc: [...floats(answer.reencoded.loc).values], drift: first(answer.reencoded.drift) },
    draws: picturesOrVectors(stack(answer.draws), stack(answer.draw_values), features),
  };
}
