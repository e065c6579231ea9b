/** @import {ElboTerms, EpochEvent, History, ProgressEvent, Run} from './contract' */
import { api, openEvents, sentence } from './api.js';

/**
 * What changed: the set of runs, one run, its progress, its curves, or the connection.
 * @typedef {{kind: 'connection'} | {kind: 'list', removed?: string} | {kind: 'run' | 'history', id: string} | {kind: 'progress', id: string, snapshot: number | null}} Change
 */

/** Until a list that could not be read is asked for again. */
const RETRY_MS = 3000;

/** The server's runs as the page knows them, kept up to date by its events. */
export class RunStore {
  /** @type {Map<string, Run>} */
  #runs = new Map();
  /** @type {Map<string, History>} */
  #histories = new Map();
  /** @type {Set<(change: Change) => void>} */
  #listeners = new Set();

  /** @type {'connecting' | 'live' | 'lost'} */
  connection = 'connecting';
  loaded = false;
  /** Resolves when the list has been read for the first time. @type {Promise<void>} */
  ready;
  #setReady = () => {};
  /** Why the list could not be read, if so. */
  problem = '';

  constructor() {
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
  }

  /** Oldest first. */
  get all() {
    return [...this.#runs.values()];
  }

  /** @param {string} id */
  get(id) {
    return this.#runs.get(id);
  }

  /** @param {string} id */
  history(id) {
    return this.#histories.get(id);
  }

  /** @param {(change: Change) => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  connect() {
    this.load();
    openEvents({
      open: () => this.#connected(),
      lost: () => this.#connection('lost'),
      status: (run) => this.put(run),
      progress: (progress) => this.#progress(progress),
      epoch: (epoch) => this.#epoch(epoch),
      deleted: ({ run }) => this.remove(run),
    });
  }

  async #connected() {
    const back = this.connection === 'lost';
    this.#connection('live');
    // What happened before the stream was open is not told by it.
    await this.load(back);
    for (const id of [...this.#histories.keys()]) this.loadHistory(id, true);
  }

  /** @param {boolean} [back] the server was lost: whoever was refused meanwhile may ask again */
  async load(back = false) {
    try {
      const runs = await api.runs();
      // Asked twice when a page opens: whoever has the answer need not hear it again.
      if (this.loaded && !back && !this.problem && JSON.stringify(runs) === JSON.stringify(this.all)) return;
      this.#runs = new Map(runs.map((run) => [run.id, run]));
      this.loaded = true;
      this.problem = '';
    } catch (error) {
      this.problem = sentence(error);
      window.setTimeout(() => this.load(back), RETRY_MS);
    }
    this.#emit({ kind: 'list' });
    if (this.loaded) this.#setReady();
  }

  /** @param {Run} run */
  put(run) {
    const known = this.#runs.has(run.id);
    this.#runs.set(run.id, run);
    this.#emit(known ? { kind: 'run', id: run.id } : { kind: 'list' });
  }

  /** @param {string} id */
  remove(id) {
    this.#histories.delete(id);
    if (this.#runs.delete(id)) this.#emit({ kind: 'list', removed: id });
  }

  /**
   * @param {string} id
   * @param {boolean} [again]
   */
  async loadHistory(id, again = false) {
    if (this.#histories.has(id) && !again) return;
    if (!again) this.#histories.set(id, emptyHistory());
    try {
      const fetched = await api.history(id);
      this.#histories.set(id, withLater(fetched, this.#histories.get(id)));
      this.#emit({ kind: 'history', id });
    } catch {
      // The panel of the run tells why it cannot be read; the curves stay as they were.
      if (!again) this.#histories.delete(id);
    }
  }

  /** @param {ProgressEvent} event */
  #progress({ run: id, checkpoint, epoch, epochs, seconds_left, snapshot }) {
    const run = this.#runs.get(id);
    if (!run) return;
    this.#runs.set(id, { ...run, checkpoint, progress: { epoch, epochs, seconds_left } });
    this.#emit({ kind: 'progress', id, snapshot });
  }

  /** @param {EpochEvent} record */
  #epoch(record) {
    const history = this.#histories.get(record.run);
    if (!history || record.epoch <= (history.epoch.at(-1) ?? 0)) return;
    appendEpoch(history, record);
    this.#emit({ kind: 'history', id: record.run });
  }

  /** @param {'live' | 'lost'} connection */
  #connection(connection) {
    if (this.connection === connection) return;
    this.connection = connection;
    this.#emit({ kind: 'connection' });
  }

  /** @param {Change} change */
  #emit(change) {
    for (const listener of this.#listeners) listener(change);
  }
}

const SPLITS = /** @type {const} */ (['train', 'validation']);
const TERMS = /** @type {const} */ (['elbo', 'reconstruction', 'cross_entropy', 'posterior_entropy']);

/** @returns {Record<keyof ElboTerms, number[]>} */
const noTerms = () => ({ elbo: [], reconstruction: [], cross_entropy: [], posterior_entropy: [] });

/** @returns {History} */
function emptyHistory() {
  return { epoch: [], seconds: [], train: noTerms(), validation: noTerms() };
}

/**
 * What was fetched, and the epochs that were reported while the answer was under way.
 * @param {History} fetched
 * @param {History | undefined} reported
 */
function withLater(fetched, reported) {
  const last = fetched.epoch.at(-1) ?? 0;
  const later = reported?.epoch.findIndex((epoch) => epoch > last) ?? -1;
  if (!reported || later < 0) return fetched;
  fetched.epoch.push(...reported.epoch.slice(later));
  fetched.seconds.push(...reported.seconds.slice(later));
  for (const split of SPLITS) {
    for (const term of TERMS) fetched[split][term].push(...reported[split][term].slice(later));
  }
  return fetched;
}

/**
 * @param {History} history
 * @param {EpochEvent} record
 */
function appendEpoch(history, record) {
  history.epoch.push(record.epoch);
  history.seconds.push(record.seconds);
  for (const split of SPLITS) {
    for (const term of TERMS) history[split][term].push(record[split][term]);
  }
}
