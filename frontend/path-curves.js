/** @import {Run} from './contract' */
/** @import {Datasets} from './datasets.js' */
/** @import {PathCurve} from './path.js' */
/** @import {Pin} from './state.js' */
/** @import {Titles} from './titles.js' */
import { api } from './api.js';
import { LatestOnly } from './latest.js';
import { placesBetween } from './path.js';
import { floats, picturesOrVectors } from './typed-array.js';
import { versionOf } from './version.js';

/** What the runs that share a latent space decode along a line: asked for once for each line and state of the runs. */
export class PathCurves {
  #titles;
  #datasets;
  #onAnswer;
  #requests = new LatestOnly();
  /** What the curves belong to: pins, and versions of runs. */
  #asked = '';
  /** @type {PathCurve[]} the first is the run of the first pin */
  all = [];
  /** @type {number[][]} */
  places = [];

  /**
   * @param {{titles: Titles, datasets: Datasets}} parts
   * @param {(error: unknown) => void} onAnswer hears of new curves, or why there are none
   */
  constructor({ titles, datasets }, onAnswer) {
    this.#titles = titles;
    this.#datasets = datasets;
    this.#onAnswer = onAnswer;
  }

  /** Asks again although nothing has changed. */
  forget() {
    this.#asked = '';
  }

  clear() {
    this.forget();
    this.all = [];
    this.#requests.clear();
  }

  /**
   * @param {[Pin, Pin]} path
   * @param {Run[]} runs with weights
   */
  want([from, to], runs) {
    const key = JSON.stringify([from.z, to.z, runs.map((run) => [run.id, versionOf(run)])]);
    if (key === this.#asked) return;
    this.#asked = key;
    this.#requests.submit(() => this.#load(key, placesBetween(from.z, to.z), runs));
  }

  /**
   * @param {string} key
   * @param {number[][]} places
   * @param {Run[]} runs
   */
  async #load(key, places, runs) {
    try {
      const answers = await Promise.all(runs.map(({ id }) => api.decode(id, places, { draws: 0, nearest: 0, reencode: false })));
      if (key !== this.#asked) return;
      this.places = places;
      this.all = answers.map((answer, i) => {
        const run = /** @type {Run} */ (runs[i]);
        return {
          run: run.id,
          title: this.#titles.short(run, runs),
          logPrior: floats(answer.log_prior).values,
          logPosterior: floats(answer.log_aggregated_posterior).values,
          pictures: picturesOrVectors(answer.images, answer.values, this.#datasets.features(run.config.dataset)),
        };
      });
      this.#onAnswer(null);
    } catch (error) {
      if (key === this.#asked) this.#onAnswer(error);
    }
  }
}
