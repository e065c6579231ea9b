/**
 * @import {Metrics, Run} from './contract'
 * @import {Anatomy} from './anatomy.js'
 * @import {Datasets} from './datasets.js'
 * @import {Holes} from './holes.js'
 * @import {RunStore} from './runs.js'
 */
import { anatomyOf } from './anatomy.js';
import { api, sentence } from './api.js';
import { holesOf } from './holes.js';

/** A run that learns is asked no more often than this, in milliseconds. */
const PAUSE_MS = 3000;

/** Answers about past epochs that are kept: twelve panels going through all of theirs, and no more. */
const PAST_CAPACITY = 800;

/**
 * What is known of a run: the last answer, and whether another is on its way.
 * @template T
 * @typedef {{value: T | null, checkpoint: number, asked: number, busy: boolean, problem: string}} Known
 */

/**
 * Answers of the server that are asked for when they are to be shown, and kept until the run has
 * learned more.
 * @template T
 */
class Answers {
  #ask;
  #emit;
  /** @type {Map<string, Known<T>>} */
  #known = new Map();
  /** Keys of what is known of past epochs, in the order in which it was asked for. @type {Set<string>} */
  #past = new Set();

  /**
   * @param {(run: string, detail: string, epoch: number | null) => Promise<T>} ask
   * @param {(run: string) => void} emit
   */
  constructor(ask, emit) {
    this.#ask = ask;
    this.#emit = emit;
  }

  /**
   * What is known, after asking for what is not. The past stays as it is: it is asked for once.
   * @param {Run} run
   * @param {{detail?: string, epoch?: number | null}} [options]
   * @returns {Known<T>}
   */
  of(run, { detail = '', epoch = null } = {}) {
    const key = `${run.id} ${detail} ${epoch ?? ''}`;
    const known = this.#known.get(key) ?? { value: null, checkpoint: 0, asked: -Infinity, busy: false, problem: '' };
    this.#known.set(key, known);
    const early = epoch === null && run.status === 'running' && performance.now() - known.asked < PAUSE_MS;
    if (!known.busy && !early && known.checkpoint < run.checkpoint) this.#load(run, detail, epoch, known);
    if (epoch !== null) this.#remember(key);
    return known;
  }

  /** @param {string} key */
  #remember(key) {
    this.#past.delete(key);
    this.#past.add(key);
    if (this.#past.size <= PAST_CAPACITY) return;
    const oldest = /** @type {string} */ (this.#past.keys().next().value);
    this.#past.delete(oldest);
    this.#known.delete(oldest);
  }

  /**
   * @param {Run} run
   * @param {string} detail
   * @param {number | null} epoch
   * @param {Known<T>} known
   */
  async #load({ id, checkpoint }, detail, epoch, known) {
    known.busy = true;
    known.asked = performance.now();
    try {
      known.value = await this.#ask(id, detail, epoch);
      known.problem = '';
    } catch (error) {
      known.problem = sentence(error);
    }
    // A refusal, too, is an answer for this checkpoint.
    known.checkpoint = epoch === null ? checkpoint : Infinity;
    known.busy = false;
    this.#emit(id);
  }

  /** Asks again where the last answer was a refusal. */
  retry() {
    for (const known of this.#known.values()) if (known.problem) known.checkpoint = 0;
  }

  /** @param {string} run */
  drop(run) {
    for (const key of this.#known.keys()) {
      if (!key.startsWith(`${run} `)) continue;
      this.#known.delete(key);
      this.#past.delete(key);
    }
  }
}

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
    this.#holes = new Answers(async (run, threshold, epoch) => holesOf(await api.holes(run, Number(threshold), epoch), featuresOf(run)), emit);
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
   */
  holes(run, threshold, epoch) {
    return this.#holes.of(run, { detail: String(threshold), epoch });
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
