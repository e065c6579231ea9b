/**
 * @import {PlaneDetails, Run} from './contract'
 * @import {Edge} from './frames.js'
 * @import {LatentPlane} from './latent-plane.js'
 * @import {RunStore} from './runs.js'
 * @import {ViewStore} from './view-store.js'
 */
import { Answers } from './answers.js';
import { api } from './api.js';
import { planeThrough, wholeOf } from './latent-plane.js';
import { rootOf } from './latent-space.js';
import { planeOfRun } from './plane-choice.js';

/**
 * A direction beside the plane, and where along it the plane is.
 * @typedef {PlaneDetails['directions'][number] & {value: number}} Direction
 */

/** The planes on which the runs are shown, once the server has told where they lie. */
export class Planes {
  #runs;
  #store;
  /** @type {Answers<PlaneDetails>} */
  #answers;
  /** @type {Map<string, {details: PlaneDetails, at: readonly number[] | null, plane: LatentPlane}>} */
  #made = new Map();
  /** @type {Set<(run: string) => void>} */
  #listeners = new Set();

  /** @param {{runs: RunStore, store: ViewStore}} parts */
  constructor({ runs, store }) {
    this.#runs = runs;
    this.#store = store;
    this.#answers = new Answers(
      (run, plane) => api.plane(run, plane),
      (run) => {
        for (const listener of this.#listeners) listener(run);
      },
      // Points and densities of a checkpoint belong on the plane of the same.
      0,
    );
    runs.subscribe((change) => {
      if (change.kind === 'list' && change.removed) {
        this.#answers.drop(change.removed);
        this.#made.delete(change.removed);
      }
      if (change.kind === 'connection' && runs.connection === 'live') this.#answers.retry();
    });
  }

  /** @param {(run: string) => void} listener hears when the plane of a run has become known, or another */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /**
   * The plane of a run that is shown; the same object as long as it is the same.
   * @param {Run} run
   * @returns {LatentPlane | null} null: it is not known yet, or there is no such plane
   */
  of(run) {
    const whole = wholeOf(run);
    if (whole) return whole;
    const details = this.#details(run);
    if (!details) return null;
    const at = this.#through(run, details);
    const made = this.#made.get(run.id);
    if (made?.details === details && made.at === at) return made.plane;
    const plane = planeThrough(details, at);
    this.#made.set(run.id, { details, at, plane });
    return plane;
  }

  /**
   * @param {Run} run
   * @returns {string} why there is no plane
   */
  problem(run) {
    return wholeOf(run) ? '' : this.#ask(run).problem;
  }

  /**
   * How much of the data the plane shows, as a share of their variance.
   * @param {Run} run
   * @returns {number | null}
   */
  explained(run) {
    const details = this.#details(run);
    return details && details.explained.reduce((sum, share) => sum + share, 0);
  }

  /**
   * Shares of the data's variance along the directions of the plane and beside it, by their names.
   * @param {Run} run
   * @returns {Map<string, number>}
   */
  shares(run) {
    const details = this.#details(run);
    if (!details) return new Map();
    const { names, explained, directions } = details;
    return new Map([[names[0], explained[0]], [names[1], explained[1]], ...directions.map(({ name, explained: share }) => /** @type {const} */ ([name, share]))]);
  }

  /**
   * A plane that need not be the one that is shown.
   * @param {Run} run
   * @param {string} choice as in the view
   * @returns {Promise<LatentPlane>}
   */
  async load(run, choice) {
    return wholeOf(run) ?? planeThrough(await api.plane(run.id, planeOfRun(choice, run, this.#runs)), null);
  }

  /**
   * Log densities in the whole space around nearly all of each.
   * @param {Run} run
   * @returns {Edge | null} null: that of the panel is right
   */
  edge(run) {
    const details = this.#details(run);
    return details && { prior: details.edge[0], posterior: details.edge[1] };
  }

  /**
   * Directions in which the plane of a run can be moved.
   * @param {Run} run
   * @returns {Direction[]}
   */
  directions(run) {
    const details = this.#details(run);
    if (!details) return [];
    const at = this.#through(run, details);
    const shift = (/** @type {readonly number[]} */ axis) => (at ? dot(axis, at) - dot(axis, details.origin) : 0);
    return details.directions.map((direction) => ({ ...direction, value: direction.value + shift(direction.axis) }));
  }

  /** Whether the plane of a run has been moved from where it lies by itself. @param {Run} run */
  moved(run) {
    return rootOf(run) in this.#store.state.through;
  }

  /**
   * Moves the plane of a run, and those of runs with the same latent space.
   * @param {Run} run
   * @param {Direction} direction
   * @param {number} value
   * @param {boolean} lasting whether the move has ended
   */
  move(run, { axis, value: before }, value, lasting) {
    const details = this.#details(run);
    if (!details) return;
    const from = this.#through(run, details) ?? details.origin;
    this.go(run, from.map((v, i) => v + (value - before) * /** @type {number} */ (axis[i])), lasting);
  }

  /**
   * Lets the plane of a run pass through a place.
   * @param {Run} run
   * @param {readonly number[] | null} z null: the mean of the data again
   * @param {boolean} [lasting]
   */
  go(run, z, lasting = true) {
    this.#store.update({ through: this.passing(run, z) }, { record: lasting });
  }

  /**
   * The points that planes go through, if that of a run is to go through another one.
   * @param {Run} run
   * @param {readonly number[] | null} z
   */
  passing(run, z) {
    const { [rootOf(run)]: _, ...others } = this.#store.state.through;
    return z ? { ...others, [rootOf(run)]: [...z] } : others;
  }

  /**
   * @param {Run} run
   * @param {PlaneDetails} details
   * @returns {readonly number[] | null}
   */
  #through(run, { directions }) {
    const at = this.#store.state.through[rootOf(run)];
    return at && directions.length > 0 && at.length === run.config.latent_dim ? at : null;
  }

  /** @param {Run} run */
  #details(run) {
    return wholeOf(run) ? null : this.#ask(run).value;
  }

  /** @param {Run} run */
  #ask(run) {
    return this.#answers.of(run, { detail: planeOfRun(this.#store.state.plane, run, this.#runs) });
  }
}

/**
 * @param {readonly number[]} u
 * @param {readonly number[]} v
 */
const dot = (u, v) => u.reduce((sum, value, i) => sum + value * /** @type {number} */ (v[i]), 0);
