/** @import {Density} from './density.js' */
/** @import {Points} from './points.js' */
/** @import {Box} from './geometry.js' */
import { zoomBox } from './geometry.js';

/**
 * Contour levels in nats of log density: `count` steps of `step` from `start`.
 * @typedef {{start: number, step: number, count: number}} Levels
 */

export const LEVEL_COUNT = 8;

/** Levels reach down at most this many nats: a run that spreads far must not blur all others. */
const REACH = 10;

/** Of every log-ratio, so that its colours mean the same everywhere; it is clipped beyond ±5 nats. */
export const RATIO_LEVELS = Object.freeze({ start: -5, step: 2, count: 6 });

/**
 * The log density above which the given share of a grid's mass lies.
 * @param {Density} density
 * @param {number} mass
 * @returns {number}
 */
export function highestDensityLevel({ values }, mass) {
  const sorted = Float64Array.from(values).sort().reverse();
  const peak = sorted[0] ?? 0;
  const total = sorted.reduce((sum, v) => sum + Math.exp(v - peak), 0);
  let held = 0;
  for (const value of sorted) {
    held += Math.exp(value - peak);
    if (held >= mass * total) return value;
  }
  return -Infinity;
}

/** @type {WeakMap<Density, {low: number, high: number}>} */
const extents = new WeakMap();

/**
 * The log densities that enclose most (98%) and little (5%) of the mass in view: what lies between
 * them is what there is to see, whatever the height of a single sharp peak.
 * @param {Density} density
 * @returns {{low: number, high: number}}
 */
export function levelExtent(density) {
  let extent = extents.get(density);
  if (!extent) {
    extent = computeExtent(density);
    extents.set(density, extent);
  }
  return extent;
}

/**
 * @param {Density} density
 * @returns {{low: number, high: number}}
 */
function computeExtent(density) {
  const sorted = Float64Array.from(density.values).filter(Number.isFinite).sort().reverse();
  const peak = sorted[0] ?? 0;
  const total = sorted.reduce((sum, v) => sum + Math.exp(v - peak), 0);
  let mass = 0;
  let high = peak;
  let low = peak;
  for (const value of sorted) {
    if (mass < 0.05 * total) high = value;
    if (mass >= 0.98 * total) break;
    low = value;
    mass += Math.exp(value - peak);
  }
  return { low, high };
}

/**
 * Levels that serve all the given densities, at round places so that they hold still while the
 * densities move.
 * @param {Density[]} densities
 * @returns {Levels}
 */
export function levelsFor(densities) {
  const seen = densities.map(levelExtent);
  const high = Math.max(...seen.map((extent) => extent.high));
  const low = Math.max(high - REACH, Math.min(...seen.map((extent) => extent.low)));
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { start: -8, step: 1, count: LEVEL_COUNT };
  const step = Math.max(0.25, Math.ceil((4 * (high - low)) / (LEVEL_COUNT - 1)) / 4);
  const start = step * Math.ceil(high / step) - (LEVEL_COUNT - 1) * step;
  return { start, step, count: LEVEL_COUNT };
}

/** Air around what there is to see. */
const AIR = 1.12;

/**
 * The box that holds the points and the region where the density is worth a contour: the grid that
 * the server chooses is wider, since nearly all of the mass has to be in it.
 * @param {Density} density
 * @param {Points} points on its plane
 * @returns {Box}
 */
export function contentBox(density, points) {
  /** @type {Box} */
  const box = [Infinity, -Infinity, Infinity, -Infinity];
  const include = (/** @type {number} */ z1, /** @type {number} */ z2) => {
    box[0] = Math.min(box[0], z1);
    box[1] = Math.max(box[1], z1);
    box[2] = Math.min(box[2], z2);
    box[3] = Math.max(box[3], z2);
  };
  const { low } = levelExtent(density);
  if (density.z2.length === 0) return lineBox(density, points, low);
  const columns = density.z1.length;
  density.values.forEach((value, i) => {
    if (value >= low) include(at(density.z1, i % columns), at(density.z2, Math.floor(i / columns)));
  });
  for (let i = 0; i < points.loc.length; i += 2) include(at(points.loc, i), at(points.loc, i + 1));
  return zoomBox(box, AIR);
}

/**
 * The same of a line, whose second coordinate is only room on the screen.
 * @param {Density} density
 * @param {Points} points
 * @param {number} low
 * @returns {Box}
 */
function lineBox({ z1, values }, { z }, low) {
  const reached = [...z1.filter((_, i) => at(values, i) >= low), ...z];
  const [from, to] = reached.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const air = ((AIR - 1) / 2) * (to - from);
  return [from - air, to + air, 0, 1];
}

/**
 * @param {Float64Array} values
 * @param {number} i
 */
const at = (values, i) => /** @type {number} */ (values[i]);
