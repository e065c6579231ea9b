/**
 * @import {Run, WireArray} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {RunStore} from './runs.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Picture} from './picture.js'
 */
import { api, sentence } from './api.js';
import { blankFor, brightness, fromText, isBlank } from './drawing.js';
import { LatestOnly } from './latest.js';
import { Retry } from './retry.js';
import { floats, pictures } from './typed-array.js';
import { versionOf } from './version.js';

/**
 * Where a run puts the drawn picture: its posterior, and what comes back.
 * @typedef {object} Encoding
 * @property {number[]} loc
 * @property {number[]} scale
 * @property {Picture} reconstruction
 * @property {number} logPrior at `loc`
 * @property {number} logPosterior of the aggregated posterior, there
 */

/** @typedef {{value: Encoding | null, problem: string, asked: string, requests: LatestOnly, retry: Retry}} Known */

/** A pen that moves asks no more often than this, in milliseconds. */
const PAUSE_MS = 60;

/** The encodings of the drawn picture by the runs on the stage. */
export class Encodings {
  #parts;
  /** @type {Map<string, Known>} */
  #known = new Map();
  /** @type {Set<() => void>} */
  #listeners = new Set();
  #timer = 0;

  /** @param {{runs: RunStore, store: ViewStore, datasets: Datasets}} parts */
  constructor(parts) {
    this.#parts = parts;
    const { runs, store, datasets } = parts;
    store.subscribe((state, previous) => {
      if (state.drawing !== previous.drawing || state.runs !== previous.runs) this.update();
    });
    runs.subscribe((change) => {
      if (change.kind === 'list' || change.kind === 'run' || change.kind === 'progress') this.update();
      else if (change.kind === 'connection' && runs.connection === 'live') this.#again();
    });
    // What is drawn has a shape once they are known, which may be after the runs are.
    datasets.subscribe(() => this.update());
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** @param {string} run */
  of(run) {
    return this.#known.get(run);
  }

  /**
   * What is drawn, in the shape of a run's pictures.
   * @param {Run} run
   */
  #drawing(run) {
    const { datasets, store } = this.#parts;
    const empty = blankFor(datasets.get(run.config.dataset));
    const drawing = empty && fromText(store.state.drawing, empty);
    return drawing && !isBlank(drawing) ? drawing : null;
  }

  /** Asks the runs on the stage that have not seen this drawing yet; the latest drawing wins. */
  update() {
    // A timer that runs is left to run: events that keep coming must not put it off for ever.
    this.#timer ||= window.setTimeout(() => this.#ask(), PAUSE_MS);
  }

  #ask() {
    this.#timer = 0;
    const { runs, store } = this.#parts;
    const shown = store.state.runs.flatMap((id) => runs.get(id) ?? []);
    const before = this.#known.size;
    for (const id of this.#known.keys()) if (!shown.some((run) => run.id === id)) this.#forget(id);
    for (const run of shown) {
      const drawing = run.checkpoint > 0 ? this.#drawing(run) : null;
      if (!drawing) {
        this.#forget(run.id);
        continue;
      }
      const known = this.#known.get(run.id) ?? this.#unknown();
      this.#known.set(run.id, known);
      const asked = `${versionOf(run)} ${store.state.drawing}`;
      if (asked === known.asked) continue;
      known.asked = asked;
      known.requests.submit(() => this.#load(run.id, known, brightness(drawing)));
    }
    if (this.#known.size < before) this.#emit();
  }

  /** Asks again what was refused. */
  #again() {
    for (const known of this.#known.values()) {
      if (!known.problem) continue;
      known.retry.stop();
      known.asked = '';
    }
    this.update();
  }

  /** @returns {Known} */
  #unknown() {
    /** @type {Known} */
    const known = {
      value: null,
      problem: '',
      asked: '',
      requests: new LatestOnly(),
      retry: new Retry(() => {
        known.asked = '';
        this.update();
      }),
    };
    return known;
  }

  /** @param {string} run */
  #forget(run) {
    this.#known.get(run)?.retry.stop();
    this.#known.delete(run);
  }

  /**
   * @param {string} run
   * @param {Known} known
   * @param {number[][]} picture
   */
  async #load(run, known, picture) {
    try {
      const encoded = await api.encode(run, [picture]);
      const loc = [...floats(encoded.loc).values];
      const there = await api.decode(run, [loc], { draws: 0, nearest: 0, reencode: false });
      const first = (/** @type {WireArray} */ wire) => /** @type {number} */ (floats(wire).values[0]);
      known.value = {
        loc,
        scale: [...floats(encoded.scale).values],
        reconstruction: /** @type {Picture} */ (pictures(/** @type {WireArray} */ (encoded.reconstruction))[0]),
        logPrior: first(there.log_prior),
        logPosterior: first(there.log_aggregated_posterior),
      };
      known.problem = '';
      known.retry.stop();
    } catch (error) {
      known.value = null;
      known.problem = sentence(error);
      if (this.#known.get(run) === known) known.retry.after(error);
    }
    this.#emit();
  }

  #emit() {
    for (const listener of this.#listeners) listener();
  }
}
