/** @import {SplitName} from './contract' */
/** @import {Box, Point} from './geometry.js' */

/**
 * A place that the user keeps.
 * @typedef {{run: string, z: number[]}} Pin
 */

/** @typedef {'prior' | 'aggregated_posterior' | 'log_ratio'} Field */

/**
 * The test images whose points lie in a polygon in a plane of one run, at a stored epoch or (null) at present.
 * @typedef {{run: string, epoch: number | null, plane: string, polygon: Point[]}} Region
 */

/**
 * How densities are read on a plane of a larger space: with all beside it integrated out, or at its points.
 * @typedef {'marginal' | 'slice'} Reading
 */

/**
 * Everything that makes the screen what it is, but for the data.
 * @typedef {object} ViewState
 * @property {string[]} runs on the stage, in order
 * @property {string | null} active the run that samples and typed coordinates refer to
 * @property {boolean} large the active run fills the stage
 * @property {Record<string, Box>} views by run, and under EVERY_PANEL that of shared ranges; without one all is shown
 * @property {Pin[]} pins
 * @property {number[]} classes isolated ones; none: all are shown
 * @property {Region | null} select test images in colour, in all panels; null: all are
 * @property {'shared' | 'own'} levels
 * @property {'auto' | 'shared' | 'own'} ranges auto: shared where the panels share a latent space
 * @property {Field} field that the contours show
 * @property {'auto' | 'on' | 'off'} holes outlined or not; auto: with the log-ratio only
 * @property {number} threshold from which ratio of prior to data on a place counts as a hole
 * @property {boolean} anatomy what the priors are made of
 * @property {boolean} manifold decoded pictures over the plane in place of the contours
 * @property {[Pin, Pin] | null} path two of the pins, and the straight line between them
 * @property {number} at where on that line, 0 to 1
 * @property {string} plane of latent spaces with more than two dimensions, as in plane-choice.js; empty: the usual one
 * @property {Reading} reading of densities on such planes
 * @property {Record<string, number[]>} through what point the planes go, by the run whose latent space it lies in;
 *   without one the mean of the data
 * @property {string} drawing levels of the drawn picture's cells, in base64url; empty: nothing is drawn
 * @property {number | null} epoch that the panels show; null: the present
 * @property {'test' | 'train'} split whose ELBO is taken apart
 * @property {SplitName} points split whose encoded rows are the points
 * @property {string} sort column of the table of figures; with a "-" in front the largest come first
 * @property {'system' | 'light' | 'dark'} theme
 */

export const MAX_PANELS = 12;
export const MAX_PINS = 24;

/** The name under which shared ranges have their view. */
export const EVERY_PANEL = '*';

/** Corners of a region at most, so that an address stays one. */
export const MAX_CORNERS = 64;

/** @type {readonly Field[]} */
export const FIELDS = ['prior', 'aggregated_posterior', 'log_ratio'];

/** @type {readonly SplitName[]} */
export const SPLITS = ['train', 'validation', 'test'];

/** Those at which runs are measured. */
export const THRESHOLDS = [3, 10, 100];

/** @type {Readonly<ViewState>} */
export const INITIAL = Object.freeze({
  runs: [],
  active: null,
  large: false,
  views: {},
  pins: [],
  classes: [],
  select: null,
  levels: 'shared',
  ranges: 'auto',
  field: 'prior',
  holes: 'auto',
  threshold: 10,
  anatomy: false,
  manifold: false,
  path: null,
  at: 0.5,
  plane: '',
  reading: 'marginal',
  through: {},
  drawing: '',
  epoch: null,
  split: 'test',
  points: 'test',
  sort: '',
  theme: 'system',
});

/**
 * Whether holes are outlined.
 * @param {ViewState} state
 */
export function showsHoles({ holes, field }) {
  return holes === 'auto' ? field === 'log_ratio' : holes === 'on';
}
