/** @import {RunStore} from './runs.js' */
/** @import {Snapshots} from './snapshots.js' */
/** @import {ViewStore} from './view-store.js' */
import { standIn, unionOf } from './epochs.js';

/**
 * Which epoch of each run is on the screen: the chosen one, that at which the live view was paused,
 * or none, which is the present.
 */
export class Moment {
  #store;
  #runs;
  #snapshots;
  /** Where each run was when the view was paused. @type {Map<string, number> | null} */
  #held = null;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /**
   * @param {ViewStore} store
   * @param {RunStore} runs
   * @param {Snapshots} snapshots
   */
  constructor(store, runs, snapshots) {
    this.#store = store;
    this.#runs = runs;
    this.#snapshots = snapshots;
    store.subscribe((state, previous) => {
      if (state.epoch === previous.epoch) return;
      if (state.epoch !== null) this.#held = null;
      this.#emit();
    });
    snapshots.subscribe((run) => {
      if (store.state.epoch !== null && store.state.runs.includes(run)) this.#emit();
    });
  }

  /** @param {() => void} listener hears when panels may have to show another epoch */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** Stored epochs of all runs on the stage. */
  get epochs() {
    return unionOf(this.#store.state.runs.map((id) => this.#snapshots.of(id)));
  }

  /** Whether a run on the stage trains. */
  get live() {
    return this.#store.state.runs.some((id) => this.#runs.get(id)?.status === 'running');
  }

  get paused() {
    return this.#held !== null;
  }

  /**
   * The stored epoch of a run that is to be shown.
   * @param {string} id
   * @returns {number | null} null: the present
   */
  of(id) {
    const { epoch } = this.#store.state;
    const stored = this.#snapshots.of(id);
    if (epoch !== null) return standIn(stored, epoch);
    return this.#held && this.#heldAt(this.#held, id, stored);
  }

  /**
   * Epochs of a run, the first of which are shown next when time goes on.
   * @param {string} id
   * @param {number} count
   * @returns {number[]}
   */
  after(id, count) {
    const { epoch } = this.#store.state;
    if (epoch === null) return [];
    const stored = this.#snapshots.of(id);
    const next = this.epochs.filter((at) => at > epoch).slice(0, count);
    return unionOf([next.flatMap((at) => standIn(stored, at) ?? [])]).filter((at) => at !== this.of(id));
  }

  /** Where the view is paused: "Paused at epoch 12", "Paused at epochs 12 to 31". */
  heldInWords() {
    const at = [...(this.#held?.values() ?? [])].sort((a, b) => a - b);
    const [first, last] = [at[0], at.at(-1)];
    if (last === undefined) return 'Paused';
    return first === last ? `Paused at epoch ${last}` : `Paused at epochs ${first} to ${last}`;
  }

  /**
   * A run that stores its first epoch while the view is paused stays there, too.
   * @param {Map<string, number>} held
   * @param {string} id
   * @param {readonly number[]} stored
   */
  #heldAt(held, id, stored) {
    const at = held.get(id) ?? stored.at(-1) ?? null;
    if (this.#ended(id) && !held.has(id)) return null;
    if (at !== null) held.set(id, at);
    return at;
  }

  /** @param {string} id */
  #ended(id) {
    const status = this.#runs.get(id)?.status;
    return status !== 'running' && status !== 'queued';
  }

  /** The panels of runs that train hold still at their last stored epoch; training goes on. */
  pause() {
    this.#held = new Map();
    for (const id of this.#store.state.runs) this.of(id);
    this.#store.update({ epoch: null }, { record: false });
    this.#emit();
  }

  /** To the present. */
  resume() {
    const paused = this.#held !== null;
    this.#held = null;
    this.#store.update({ epoch: null }, { record: false });
    if (paused) this.#emit();
  }

  #emit() {
    for (const listener of this.#listeners) listener();
  }
}
