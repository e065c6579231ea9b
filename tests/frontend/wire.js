/** @import {WireArray} from '../../frontend/contract' */

/** @type {Record<string, WireArray['dtype']>} */
const DTYPES = { Float32Array: 'f4', Float64Array: 'f8', Uint8Array: 'u1', Int32Array: 'i4' };

/**
 * As the server sends it.
 * @param {Float32Array | Float64Array | Uint8Array | Int32Array} values
 * @param {string} [shape]
 * @returns {WireArray}
 */
export function wire(values, shape = String(values.length)) {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const dtype = DTYPES[values.constructor.name] ?? 'f8';
  return { dtype, bdata: bytes.toString('base64'), shape };
}

/** What the server says of a density where the latent space is shown as a whole. */
export const WHOLE = { reading: /** @type {const} */ ('density'), plane: null, samples: null, standard_error: null };

/** The same, as the page knows it. */
export const SHOWN_WHOLE = { section: '', reading: /** @type {const} */ ('density'), samples: null, standardError: null };
