/**
 * @import {Box} from './geometry.js'
 * @import {WireDensity} from './contract'
 * @import {Field} from './state.js'
 */
import { floats } from './typed-array.js';

/**
 * Log density, or log-ratio, on a grid: `values[row = z2][column = z1]`. Of a line there is one row.
 * @typedef {object} Density
 * @property {Field} field
 * @property {Float64Array} z1
 * @property {Float64Array} z2
 * @property {Float64Array} values
 * @property {Box} bounds
 * @property {number} checkpoint
 * @property {number | null} epoch a stored one; null: the present
 * @property {string} section the plane and how it is read; empty: the latent space as a whole
 * @property {WireDensity['reading']} reading
 * @property {number | null} samples draws behind an estimate of p; null where it is exact
 * @property {number | null} standardError of log p, then
 * @property {{prior: Float64Array, posterior: Float64Array}} [curves] log densities on a line, where both are drawn
 * @property {string} note what is wrong with the grid, if something is
 * @property {Float64Array} [outside] above 0 where a log-ratio says nothing: neither the prior nor the data is there
 */

/**
 * @param {WireDensity} wire
 * @param {string} [section]
 * @returns {Density}
 */
export function densityOf(wire, section = '') {
  return {
    section,
    reading: wire.reading,
    samples: wire.samples,
    standardError: wire.standard_error,
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
 * Both densities of a line.
 * @param {Field} field that is in front
 * @param {Density} prior
 * @param {Density} posterior at the same places
 * @returns {Density}
 */
export function lineOf(field, prior, posterior) {
  const curves = { prior: prior.values, posterior: posterior.values };
  const ratio = () => prior.values.map((v, i) => v - /** @type {number} */ (posterior.values[i]));
  const values = field === 'prior' ? prior.values : field === 'aggregated_posterior' ? posterior.values : ratio();
  const [from, to] = prior.bounds;
  // Whatever the height of the frame, the curves fill it.
  return { ...prior, field, values, curves, bounds: [from, to, -1, 2], note: posterior.note };
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
