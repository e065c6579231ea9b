/**
 * @import {Box} from './geometry.js'
 * @import {WireDensity} from './contract'
 * @import {Field} from './state.js'
 */
import { floats } from './typed-array.js';

/**
 * Log density, or log-ratio, on a grid: `values[row = z2][column = z1]`.
 * @typedef {object} Density
 * @property {Field} field
 * @property {Float64Array} z1
 * @property {Float64Array} z2
 * @property {Float64Array} values
 * @property {Box} bounds
 * @property {number} checkpoint
 * @property {number | null} epoch a stored one; null: the present
 * @property {string} note what is wrong with the grid, if something is
 * @property {Float64Array} [outside] above 0 where a log-ratio says nothing: neither the prior nor the data is there
 */

/**
 * @param {WireDensity} wire
 * @returns {Density}
 */
export function densityOf(wire) {
  return {
    field: wire.field,
    note: wire.note ?? '',
    z1: floats(wire.z1).values,
    z2: floats(wire.z2).values,
    values: floats(wire.values).values,
    bounds: wire.bounds,
    checkpoint: wire.checkpoint,
    epoch: wire.epoch,
  };
}

/**
 * Where a log-ratio says nothing, since hardly any of the prior and hardly any data are there.
 * Positive there, negative elsewhere, so that 0 is the edge.
 * @param {Density} ratio
 * @param {Density} prior on the same grid
 * @param {{prior: number, posterior: number}} edge log densities around the regions that hold nearly all of each
 * @returns {Float64Array}
 */
export function outsideOf(ratio, prior, edge) {
  return ratio.values.map((value, i) => {
    const logPrior = /** @type {number} */ (prior.values[i]);
    return Math.min(edge.prior - logPrior, edge.posterior - (logPrior - value));
  });
}
