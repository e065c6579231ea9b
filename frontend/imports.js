/** @import {Import, ImportOptions} from './contract' */
/** @import {Datasets} from './datasets.js' */
import { announce } from './announcer.js';
import { api, sentence } from './api.js';
import { isPassing } from './retry.js';

/** Between two questions about how far an import has come, in milliseconds. */
const PAUSE_MS = 400;

/** Holds the id of the last import whose end was told. */
const MEMORY = 'priorscope-import';

/** @typedef {ImportOptions & ({upload: string} | {openml: {name: string, version: number | null}})} ImportBody */

/** The data set that is being made. It goes on when the dialog is closed. */
export class Imports {
  #datasets;
  /** @type {Set<(now: Import) => void>} */
  #listeners = new Set();
  /** @type {Import | null} the last one */
  current = null;
  /** What it is called. */
  title = '';

  /** @param {Datasets} datasets */
  constructor(datasets) {
    this.#datasets = datasets;
  }

  /**
   * @param {(now: Import) => void} listener
   * @returns {() => void} ends it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get running() {
    return this.current?.status === 'running';
  }

  /** Take up what went on while this page was not there: an import that runs, or failed unseen. */
  async takeUp() {
    if (this.current) return;
    const [newest] = await api.imports();
    if (this.current || newest === undefined) return;
    const isNews = newest.status === 'failed' && window.localStorage.getItem(MEMORY) !== newest.id;
    if (newest.status !== 'running' && !isNews) return;
    this.title = newest.title;
    this.#tell(newest);
    this.#follow(newest.id);
  }

  /**
   * @param {ImportBody} body
   * @param {string} title
   */
  async start(body, title) {
    const started = await api.importDataset(body);
    this.title = title;
    this.#tell(started);
    this.#follow(started.id);
  }

  async cancel() {
    if (this.current) await api.cancelImport(this.current.id);
  }

  /** @param {string} id */
  async #follow(id) {
    while (this.running) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      try {
        const now = await api.importStatus(id);
        // The list has it as soon as anybody hears of it.
        if (now.status === 'finished') await this.#datasets.load();
        this.#tell(now);
      } catch (error) {
        // One that knows of no such import was started anew. What may pass does not end it: it goes on meanwhile.
        if (!isPassing(error) && this.current) {
          this.#tell({ ...this.current, status: 'failed', error: sentence(error) });
        }
      }
    }
    if (this.current?.status === 'finished') announce(`${this.title} can be used now.`);
  }

  /** @param {Import} now */
  #tell(now) {
    this.current = now;
    if (now.status !== 'running') window.localStorage.setItem(MEMORY, now.id);
    for (const listener of this.#listeners) listener(now);
  }
}
