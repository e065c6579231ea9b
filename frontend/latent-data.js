/**
 * @import {Run} from './contract'
 * @import {Density} from './density.js'
 * @import {Box} from './geometry.js'
 * @import {Points} from './points.js'
 * @import {Field} from './state.js'
 */
import { ApiError, api, sentence } from './api.js';
import { densityOf, outsideOf } from './density.js';
import { contains, steadyBox, zoomBox } from './geometry.js';
import { contentBox, highestDensityLevel } from './levels.js';
import { pointsOf } from './points.js';

/** The density reaches somewhat beyond the frame, so that a small pan shows no edge. */
const OVERSIZE = 1.24;

/** Cells per side of the grid that only tells where there is something to see. */
const WHOLE = 64;

/** Cells per side at most: a finer grid would take too long to draw. */
const FINEST = 240;

/** Beyond the regions that hold this much, densities are too faint to count. */
const NEARLY_ALL = 0.999;

/** A density that covers more than this many frames is too coarse for the one in view. */
const COARSE = 3.2;

/**
 * Points and density of one run, fetched anew when the run has learned more or the frame has moved
 * out of what was fetched. One request at a time.
 */
export class LatentData {
  #id;
  #onChange;
  #busy = false;
  #homeCheckpoint = 0;
  /** The smallest scale among the posteriors, once it is known. */
  #scale = 0;
  /** Log densities around the regions that hold nearly all of the prior, and of the data. */
  edge = { prior: -Infinity, posterior: -Infinity };
  /** @type {{run: Run, field: Field, frame: (home: Box) => Box, resolution: number} | null} */
  #wanted = null;

  /** @type {Points | null} */
  points = null;
  /** @type {Density | null} */
  density = null;
  /** @type {Box | null} */
  home = null;
  problem = '';

  /**
   * @param {string} id
   * @param {() => void} onChange
   */
  constructor(id, onChange) {
    this.#id = id;
    this.#onChange = onChange;
  }

  /**
   * @param {{run: Run, field: Field, frame: (home: Box) => Box, resolution: number}} wanted `frame` is what is in
   *   view, given the box that holds everything
   */
  async want(wanted) {
    this.#wanted = wanted;
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#isStale()) {
        await this.#fetch();
        this.#onChange();
      }
    } catch (error) {
      // Anything else may pass: a lost server has its banner, and the next event asks again.
      const lasting = error instanceof ApiError && error.status < 500 && error.status !== 409;
      if (lasting) this.problem = sentence(error);
      this.#onChange();
    } finally {
      this.#busy = false;
    }
  }

  #isStale() {
    const checkpoint = this.#wanted?.run.checkpoint ?? 0;
    if (checkpoint === 0 || this.problem) return false;
    return (
      this.#homeCheckpoint < checkpoint ||
      (this.density?.checkpoint ?? 0) < checkpoint ||
      this.density?.field !== this.#wanted?.field ||
      !this.#covers()
    );
  }

  #covers() {
    if (!this.density || !this.home || !this.#wanted) return false;
    const frame = this.#wanted.frame(this.home);
    return contains(this.density.bounds, frame) && contains(zoomBox(frame, COARSE), this.density.bounds);
  }

  async #fetch() {
    const wanted = this.#wanted;
    if (!wanted) return;
    const { checkpoint } = wanted.run;
    if (this.#homeCheckpoint < checkpoint) {
      const [whole, data, points] = await Promise.all([
        api.density(this.#id, { resolution: WHOLE }),
        api.density(this.#id, { field: 'aggregated_posterior', resolution: WHOLE }),
        api.points(this.#id),
      ]);
      this.points = pointsOf(points);
      const prior = densityOf(whole);
      this.home = steadyBox(this.home, contentBox(prior, this.points));
      this.edge = {
        prior: highestDensityLevel(prior, NEARLY_ALL),
        posterior: highestDensityLevel(densityOf(data), NEARLY_ALL),
      };
      this.#homeCheckpoint = checkpoint;
    }
    const frame = wanted.frame(/** @type {Box} */ (this.home));
    const bounds = zoomBox(frame, OVERSIZE);
    const { field } = wanted;
    const fineEnough = this.#scale ? Math.ceil((bounds[1] - bounds[0]) / this.#scale) + 1 : 0;
    const resolution = field === 'prior' ? wanted.resolution : Math.min(FINEST, Math.max(wanted.resolution, fineEnough));
    const [shown, prior] = await Promise.all([
      api.density(this.#id, { field, resolution, bounds }),
      field === 'log_ratio' ? api.density(this.#id, { resolution, bounds }) : null,
    ]);
    const known = this.#scale;
    this.#scale = shown.smallest_scale ?? known;
    // The scale has just become known: again, as finely as it takes.
    if (shown.note && known === 0 && resolution < FINEST) return;
    const density = densityOf(shown);
    if (prior) density.outside = outsideOf(density, densityOf(prior), this.edge);
    this.density = density;
    // The answers may be older than the last event; without this they would be asked for again at once.
    this.density.checkpoint = Math.max(this.density.checkpoint, checkpoint);
  }
}
