/** @import {Picture} from './typed-array.js' */
/** @import {Run} from './contract' */
/** @import {Decoded} from './probe.js' */
import { api } from './api.js';
import { neighboursOf } from './holes.js';
import { floats, pictures } from './typed-array.js';

/** Enough for every pin and every test image that a visit hovers over. */
const CAPACITY = 2000;

/** Images per request, at most. */
const BATCH = 100;

/** Pictures that were asked for once: images of the data sets, and decoded pins. */
export class PictureCache {
  /** @type {Map<string, Promise<Picture | null>>} */
  #pictures = new Map();

  /**
   * @param {string} dataset
   * @param {number} index row in file order
   * @returns {Promise<Picture | null>} null if it cannot be had
   */
  image(dataset, index) {
    return this.#once(`image ${dataset} ${index}`, async () => pictures((await api.images(dataset, [index])).images)[0]);
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
      const answer = api.images(dataset, batch).then(({ images }) => pictures(images));
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
    return this.#once(key, async () => (await decodeOne(run.id, z, false)).picture);
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
const BRIEF = { draws: 0, nearest: 1 };
const DETAILED = { draws: 4, nearest: 4 };

/**
 * @param {string} run
 * @param {number[]} z
 * @param {boolean} detailed
 * @returns {Promise<Decoded>}
 */
export async function decodeOne(run, z, detailed) {
  const answer = await api.decode(run, [z], detailed ? DETAILED : BRIEF);
  const first = (/** @type {import('./contract').WireArray} */ wire) => /** @type {number} */ (floats(wire).values[0]);
  const { draws } = answer;
  return {
    picture: /** @type {Picture} */ (pictures(answer.images)[0]),
    logPrior: first(answer.log_prior),
    logPosterior: first(answer.log_aggregated_posterior),
    nearest: neighboursOf(answer.nearest)[0] ?? [],
    reencoded: [...floats(answer.reencoded.loc).values],
    drift: first(answer.reencoded.drift),
    // Of a single place: "1, draws, h, w".
    draws: draws ? pictures({ ...draws, shape: draws.shape.replace(/^1, ?/, '') }) : [],
  };
}
