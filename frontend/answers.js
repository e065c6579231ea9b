/** @import {Run} from './contract' */
import { sentence } from './api.js';
import { Retry } from './retry.js';
import { versionOf } from './version.js';

const PAUSE_MS = 3000;

/** Answers about past epochs that are kept: twelve panels going through all of theirs, and no more. */
const PAST_CAPACITY = 800;

/**
 * What is known of a run: the last answer, of which version of the run it is, and whether another is on
 * its way.
 * @template T
 * @typedef {{value: T | null, version: number, asked: number, busy: boolean, problem: string, retry: Retry}} Known
 */

/**
 * Answers of the server that are asked for when they are to be shown, and kept until the run has
 * learned more.
 * @template T
 */
export class Answers {
  #ask;
  #emit;
  #pause;
  /** @type {Map<string, Known<T>>} */
  #known = new Map();
  /** Keys of what is known of past epochs, in the order in which it was asked for. @type {Set<string>} */
  #past = new Set();

  /**
   * @param {(run: string, detail: string, epoch: number | null) => Promise<T>} ask
   * @param {(run: string) => void} emit
   * @param {number} [pause] a run that learns is asked no more often than this, in milliseconds
   */
  constructor(ask, emit, pause = PAUSE_MS) {
    this.#ask = ask;
    this.#emit = emit;
    this.#pause = pause;
  }

  /**
   * What is known, after asking for what is not. The past stays as it is: it is asked for once.
   * @param {Run} run
   * @param {{detail?: string, epoch?: number | null}} [options]
   * @returns {Known<T>}
   */
  of(run, { detail = '', epoch = null } = {}) {
    const key = `${run.id} ${detail} ${epoch ?? ''}`;
    const known = this.#known.get(key) ?? this.#unknown(run.id);
    this.#known.set(key, known);
    const early = epoch === null && run.status === 'running' && performance.now() - known.asked < this.#pause;
    if (!known.busy && !known.retry.waiting && !early && known.version < versionOf(run)) this.#load(run, detail, epoch, known);
    if (epoch !== null) this.#remember(key);
    return known;
  }

  /**
   * @param {string} run
   * @returns {Known<T>}
   */
  #unknown(run) {
    // Whoever hears of it and still shows it asks again.
    return { value: null, version: 0, asked: -Infinity, busy: false, problem: '', retry: new Retry(() => this.#emit(run)) };
  }

  /** @param {string} key */
  #remember(key) {
    this.#past.delete(key);
    this.#past.add(key);
    if (this.#past.size <= PAST_CAPACITY) return;
    const oldest = /** @type {string} */ (this.#past.keys().next().value);
    this.#forget(oldest);
  }

  /** @param {string} key */
  #forget(key) {
    this.#known.get(key)?.retry.stop();
    this.#known.delete(key);
    this.#past.delete(key);
  }

  /**
   * @param {Run} run
   * @param {string} detail
   * @param {number | null} epoch
   * @param {Known<T>} known
   */
  async #load(run, detail, epoch, known) {
    const answered = epoch === null ? versionOf(run) : Infinity;
    known.busy = true;
    known.asked = performance.now();
    try {
      known.value = await this.#ask(run.id, detail, epoch);
      known.version = answered;
      known.problem = '';
      known.retry.stop();
    } catch (error) {
      known.problem = sentence(error);
      // A refusal that will not pass is an answer, too.
      if (!known.retry.after(error)) known.version = answered;
    }
    known.busy = false;
    this.#emit(run.id);
  }

  /** Asks again where the last answer was a refusal. */
  retry() {
    for (const known of this.#known.values()) {
      if (!known.problem) continue;
      known.version = 0;
      known.problem = '';
      known.retry.stop();
    }
  }

  /** @param {string} run */
  drop(run) {
    for (const key of this.#known.keys()) {
      if (key.startsWith(`${run} `)) this.#forget(key);
    }
  }
}
