/** @import {Overviews} from './overviews.js' */
/** @import {RunStore} from './runs.js' */
import { api, sentence } from './api.js';
import { Retry } from './retry.js';

/** While a run trains, its list is read again no more often than this, in milliseconds. */
const PAUSE_MS = 4000;

/**
 * @typedef {{epochs: number[], loaded: boolean, problem: string, busy: boolean, again: boolean, timer: number, retry: Retry}} Known
 */

/** At which epochs the runs can be looked at: asked for when a run is shown, told by events afterwards. */
export class Snapshots {
  #runs;
  #overviews;
  #lost = false;
  /** @type {Map<string, Known>} */
  #known = new Map();
  /** @type {Set<(run: string) => void>} */
  #listeners = new Set();

  /**
   * @param {RunStore} runs
   * @param {Overviews} overviews
   */
  constructor(runs, overviews) {
    this.#runs = runs;
    this.#overviews = overviews;
    runs.subscribe((change) => {
      if (change.kind === 'list' && change.removed) this.#forget(change.removed);
      else if (change.kind === 'list') for (const id of this.#known.keys()) this.#rewind(id);
      else if (change.kind === 'progress') this.#told(change.id, change.snapshot);
      else if (change.kind === 'run') this.#reread(change.id);
      else if (change.kind === 'connection') this.#onConnection(runs.connection);
    });
  }

  /** @param {RunStore['connection']} connection what was stored while it was lost has been told to nobody */
  #onConnection(connection) {
    if (connection === 'live' && this.#lost) for (const id of this.#known.keys()) this.#reread(id);
    this.#lost = connection === 'lost';
  }

  /** @param {(run: string) => void} listener hears of a run whose epochs have become known, or more */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /**
   * Ascending; empty until they are known.
   * @param {string} id
   * @returns {readonly number[]}
   */
  of(id) {
    if (!this.#known.has(id) && this.#runs.get(id)) {
      const retry = new Retry(() => this.#reread(id));
      this.#known.set(id, { epochs: [], loaded: false, problem: '', busy: false, again: false, timer: 0, retry });
      this.#load(id);
    }
    return this.#known.get(id)?.epochs ?? NONE;
  }

  /**
   * Whether it is known what is stored.
   * @param {string} id
   */
  has(id) {
    return this.#known.get(id)?.loaded ?? false;
  }

  /**
   * Why it is not known what is stored.
   * @param {string} id
   */
  problem(id) {
    return this.#known.get(id)?.problem ?? '';
  }

  /** @param {string} id */
  #forget(id) {
    const known = this.#known.get(id);
    if (!known) return;
    window.clearTimeout(known.timer);
    known.retry.stop();
    known.again = false;
    this.#known.delete(id);
  }

  /**
   * @param {string} id
   * @param {number | null} snapshot the last one
   */
  #told(id, snapshot) {
    const known = this.#known.get(id);
    if (!known || snapshot === null) return;
    const last = known.epochs.at(-1) ?? -1;
    if (snapshot <= last) return;
    known.epochs = [...known.epochs, snapshot];
    this.#emit(id);
    // Events leave out what came in quick succession.
    if (snapshot > last + 1 && !known.timer) known.timer = window.setTimeout(() => this.#reread(id), PAUSE_MS);
  }

  /**
   * A run that was resumed may go on from an earlier epoch: what came later is stored no more.
   * @param {string} id
   */
  #rewind(id) {
    const known = this.#known.get(id);
    const run = this.#runs.get(id);
    const first = known && run ? known.epochs.findIndex((epoch) => epoch > run.progress.epoch) : -1;
    if (!known || first < 0) return;
    known.epochs = known.epochs.slice(0, first);
    this.#emit(id);
  }

  /** @param {string} id */
  #reread(id) {
    const known = this.#known.get(id);
    if (!known) return;
    this.#rewind(id);
    window.clearTimeout(known.timer);
    known.timer = 0;
    if (known.busy) known.again = true;
    else this.#load(id);
  }

  /** @param {string} id */
  async #load(id) {
    const known = /** @type {Known} */ (this.#known.get(id));
    known.busy = true;
    let changed = !known.loaded;
    try {
      // A panel that opens asks for them anyway, together with what it shows.
      const panel = known.loaded ? null : await this.#overviews.of(id).catch(() => null);
      const epochs = panel?.snapshots ?? (await api.snapshots(id)).epochs;
      // Told of while the answer was under way, and not taken back since.
      const now = this.#runs.get(id)?.progress.epoch ?? Infinity;
      const later = known.epochs.filter((epoch) => epoch > (epochs.at(-1) ?? -1) && epoch <= now);
      changed ||= epochs.length + later.length !== known.epochs.length;
      known.epochs = [...epochs, ...later];
      known.loaded = true;
      known.problem = '';
      known.retry.stop();
    } catch (error) {
      known.problem = sentence(error);
      const again = this.#known.get(id) === known && known.retry.after(error);
      known.loaded ||= !again;
    }
    known.busy = false;
    if (changed) this.#emit(id);
    if (known.again) {
      known.again = false;
      this.#load(id);
    }
  }

  /** @param {string} id */
  #emit(id) {
    for (const listener of this.#listeners) listener(id);
  }
}

/** @type {readonly number[]} */
const NONE = [];
