/**
 * @import {Metrics, Run} from './contract'
 * @import {Anatomy} from './anatomy.js'
 * @import {Datasets} from './datasets.js'
 * @import {Holes} from './holes.js'
 * @import {RunStore} from './runs.js'
 */
import { anatomyOf } from './anatomy.js';
import { Answers } from './answers.js';
import { api } from './api.js';
import { holesOf } from './holes.js';

/** Holes, anatomy and figures of the runs: what takes the server a while, asked for only to be shown. */
export class Science {
  /** @type {Set<(run: string) => void>} */
  #listeners = new Set();
  /** @type {Answers<Holes>} */
  #holes;
  /** @type {Answers<Anatomy>} */
  #anatomy;
  /** @type {Answers<Metrics>} */
  #metrics;

  /**
   * @param {RunStore} runs
   * @param {Datasets} datasets
   */
  constructor(runs, datasets) {
    const featuresOf = (/** @type {string} */ run) => datasets.features(runs.get(run)?.config.dataset);
    const emit = (/** @type {string} */ run) => {
      for (const listener of this.#listeners) listener(run);
    };
    this.#holes = new Answers(async (run, detail, epoch) => {
      const [threshold, plane = ''] = detail.split(' ');
      return holesOf(await api.holes(run, Number(threshold), epoch, plane), featuresOf(run));
    }, emit);
    this.#anatomy = new Answers(async (run, _, epoch) => anatomyOf(await api.anatomy(run, epoch), featuresOf(run)), emit);
    this.#metrics = new Answers((run) => api.metrics(run), emit);
    runs.subscribe((change) => {
      if (change.kind === 'list' && change.removed) for (const answers of this.#all) answers.drop(change.removed);
      if (change.kind === 'connection' && runs.connection === 'live') for (const answers of this.#all) answers.retry();
    });
  }

  get #all() {
    return [this.#holes, this.#anatomy, this.#metrics];
  }

  /** @param {(run: string) => void} listener hears when something new is known of a run */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** Asks again for what was refused, where it is shown. */
  retry() {
    for (const answers of this.#all) answers.retry();
  }

  /**
   * @param {Run} run with weights
   * @param {number} threshold
   * @param {number | null} epoch a stored one; null: the present
   * @param {string} plane that shows them; empty: the latent space is shown as a whole
   */
  holes(run, threshold, epoch, plane) {
    return this.#holes.of(run, { detail: `${threshold} ${plane}`, epoch });
  }

  /**
   * @param {Run} run with weights
   * @param {number | null} epoch
   */
  anatomy(run, epoch) {
    return this.#anatomy.of(run, { epoch });
  }

  /** @param {Run} run that has ended, with weights */
  metrics(run) {
    return this.#metrics.of(run);
  }
}
