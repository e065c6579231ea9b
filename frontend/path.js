/** @import {Picture} from './picture.js' */
import { toCsv } from './csv.js';
import { placeOn } from './geometry.js';

/** Places along the line at which the log-ratio is known. */
export const PLACES = 121;

/** Pictures in the strip: every tenth place. */
export const TILES = 13;

/**
 * What is known along a line through the latent space of one run.
 * @typedef {object} PathCurve
 * @property {string} run
 * @property {string} title
 * @property {Float64Array} logPrior
 * @property {Float64Array} logPosterior of the aggregated posterior
 * @property {Picture[]} pictures
 */

/**
 * Evenly spaced places on the straight line, both ends included.
 * @param {readonly number[]} from
 * @param {readonly number[]} to
 * @param {number} [count]
 * @returns {number[][]}
 */
export function placesBetween(from, to, count = PLACES) {
  return Array.from({ length: count }, (_, i) => placeOn(from, to, i / (count - 1)));
}

/** @param {number} at 0 to 1 */
export const stepAt = (at) => Math.round(at * (PLACES - 1));

/** Steps whose pictures make up the strip. */
export const TILE_STEPS = Array.from({ length: TILES }, (_, i) => Math.round((i * (PLACES - 1)) / (TILES - 1)));

/**
 * @param {PathCurve} curve
 * @returns {number[]} log p(z) - log q(z)
 */
export function logRatios({ logPrior, logPosterior }) {
  return Array.from(logPrior, (v, i) => v - /** @type {number} */ (logPosterior[i]));
}

/**
 * Where values are at least as large as a limit: from and to as shares of the way, the crossings
 * interpolated.
 * @param {readonly number[]} values
 * @param {number} limit
 * @returns {[number, number][]}
 */
export function stretchesAbove(values, limit) {
  /** @type {[number, number][]} */
  const stretches = [];
  const last = values.length - 1;
  values.forEach((value, i) => {
    const before = values[i - 1];
    const above = value >= limit;
    if (before === undefined) {
      if (above) stretches.push([0, 0]);
    } else if (above !== before >= limit) {
      const crossing = (i - 1 + (limit - before) / (value - before)) / last;
      if (above) stretches.push([crossing, crossing]);
      else /** @type {[number, number]} */ (stretches.at(-1))[1] = crossing;
    }
    if (above && i === last) /** @type {[number, number]} */ (stretches.at(-1))[1] = 1;
  });
  return stretches;
}

/**
 * What lies on the way, in a sentence.
 * @param {[number, number][]} holes
 * @param {number} threshold
 */
export function holesOnTheWay(holes, threshold) {
  const promise = `the prior promises at least ${threshold} times what the data put there`;
  if (holes.length === 0) return `No hole on this line: nowhere on it ${promise}.`;
  const share = holes.reduce((sum, [from, to]) => sum + to - from, 0);
  const where = holes.map(([from, to]) => `${Math.round(100 * from)}% to ${Math.round(100 * to)}%`).join(', ');
  const count = holes.length === 1 ? 'a hole' : `${holes.length} holes`;
  return `This line crosses ${count}: on ${Math.round(100 * share)}% of the way (${where}) ${promise}.`;
}

/**
 * @param {PathCurve[]} curves
 * @param {number[][]} places
 * @returns {string}
 */
export function pathCsv(curves, places) {
  const dimensions = places[0]?.length ?? 0;
  const columns = Array.from({ length: dimensions }, (_, d) => `z${d + 1}`);
  return toCsv([
    ['run', 'title', 'at', ...columns, 'log_prior', 'log_aggregated_posterior', 'log_ratio'],
    ...curves.flatMap((curve) => {
      const ratios = logRatios(curve);
      return places.map((z, i) => [
        curve.run,
        curve.title,
        i / (places.length - 1),
        ...z,
        curve.logPrior[i] ?? null,
        curve.logPosterior[i] ?? null,
        ratios[i] ?? null,
      ]);
    }),
  ]);
}
