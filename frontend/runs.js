/** @import {ElboTerms, EpochEvent, History, ProgressEvent, Run} from './contract' */
import { api, openEvents, sentence } from './api.js';
import { Retry } from './retry.js';

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
  /** Of histories that were refused. @type {Map<string, Retry>} */
  #retries = new Map();
  /** Until the list that is under way has come. @type {Promise<void>} */
  #loading = Promise.resolve();
  /** The list that is asked for after that one. @type {Promise<void> | null} */
  #next = null;
  /** Whether the server was lost since the last list that came. */
  #back = false;
  /** Of the next try, where the list was refused. */
  #timer = 0;
  /** What happened since the list was asked for; null while none is. @type {(() => Change | null)[] | null} */
  #lessons = null;

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
      status: (run) => this.#learn(() => this.#put(run)),
      progress: (progress) => this.#learn(() => this.#progress(progress)),
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

  /**
   * Reads the list, after the one that is being read: an older answer never replaces a newer one.
   * @param {boolean} [back] the server was lost: whoever was refused meanwhile may ask again
   * @returns {Promise<void>}
   */
  load(back = false) {
    this.#back ||= back;
    if (!this.#next) {
      // Whatever became of the one before.
      this.#next = this.#loading = this.#loading.catch(() => {}).then(() => this.#load());
    }
    return this.#next;
  }

  async #load() {
    const back = this.#back;
    this.#next = null;
    this.#back = false;
    this.#lessons = [];
    try {
      const runs = await api.runs();
      // Asked twice when a page opens: whoever has the answer need not hear it again.
      if (this.loaded && !back && !this.problem && JSON.stringify(runs) === JSON.stringify(this.all)) return;
      this.#runs = new Map(runs.map((run) => [run.id, run]));
      for (const learn of this.#lessons) learn();
      this.loaded = true;
      this.problem = '';
    } catch (error) {
      this.problem = sentence(error);
      this.#back ||= back;
      window.clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.load(), RETRY_MS);
    } finally {
      this.#lessons = null;
    }
    this.#emit({ kind: 'list' });
    if (this.loaded) this.#setReady();
  }

  /**
   * Adds a run that was just created. Where events have told of it already, they know more.
   * @param {Run} run
   */
  add(run) {
    this.#learn(() => (this.#runs.has(run.id) ? null : this.#put(run)));
  }

  /** @param {string} id */
  remove(id) {
    this.#histories.delete(id);
    this.#retries.get(id)?.stop();
    this.#retries.delete(id);
    this.#learn(() => (this.#runs.delete(id) ? { kind: 'list', removed: id } : null));
  }

  /**
   * Takes up what happened to a run. A list that is under way may have been read before that: it is
   * then taken up again. Where the list is newer, the newest event is still to come.
   * @param {() => Change | null} lesson
   */
  #learn(lesson) {
    this.#lessons?.push(lesson);
    const change = lesson();
    if (change) this.#emit(change);
  }

  /**
   * @param {string} id
   * @param {boolean} [again]
   */
  async loadHistory(id, again = false) {
    if (!again && (this.#histories.has(id) || this.#retries.get(id)?.waiting)) return;
    if (!again) this.#histories.set(id, emptyHistory());
    try {
      const fetched = await api.history(id);
      this.#histories.set(id, withLater(fetched, this.#histories.get(id)));
      this.#retries.get(id)?.stop();
      this.#emit({ kind: 'history', id });
    } catch (error) {
      // The panel of the run tells why it cannot be read; the curves stay as they were.
      if (!again) this.#histories.delete(id);
      if (this.#runs.has(id)) this.#retryOf(id).after(error);
    }
  }

  /** @param {string} id */
  #retryOf(id) {
    const retry = this.#retries.get(id) ?? new Retry(() => this.loadHistory(id, this.#histories.has(id)));
    this.#retries.set(id, retry);
    return retry;
  }

  /**
   * @param {Run} run
   * @returns {Change}
   */
  #put(run) {
    const known = this.#runs.has(run.id);
    this.#runs.set(run.id, run);
    return known ? { kind: 'run', id: run.id } : { kind: 'list' };
  }

  /**
   * @param {ProgressEvent} event
   * @returns {Change | null}
   */
  #progress({ run: id, checkpoint, epoch, epochs, seconds_left, snapshot }) {
    const run = this.#runs.get(id);
    if (!run) return null;
    this.#runs.set(id, { ...run, checkpoint, progress: { epoch, epochs, seconds_left } });
    return { kind: 'progress', id, snapshot };
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
