/** @import {WireArray} from './contract' */

/**
 * An array as the page computes with it: flat values, row-major, and its shape.
 * @template {Float32Array | Float64Array | Uint8Array | Int32Array} T
 * @typedef {{values: T, shape: number[]}} Tensor
 */

const CONSTRUCTORS = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i4: Int32Array };

/**
 * @param {string} base64
 * @returns {ArrayBuffer}
 */
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

/**
 * @param {WireArray} wire
 * @returns {Tensor<Float32Array | Float64Array | Uint8Array | Int32Array>}
 */
function decode(wire) {
  const shape = wire.shape.split(',').map(Number);
  const values = new CONSTRUCTORS[wire.dtype](bytesOf(wire.bdata));
  const size = shape.reduce((product, n) => product * n, 1);
  if (values.length !== size) {
    throw new RangeError(`An array of shape ${wire.shape} came with ${values.length} values.`);
  }
  return { values, shape };
}

/**
 * Real numbers, whatever their width on the wire.
 * @param {WireArray} wire
 * @returns {Tensor<Float64Array>}
 */
export function floats(wire) {
  const { values, shape } = decode(wire);
  return { values: values instanceof Float64Array ? values : Float64Array.from(values), shape };
}

/**
 * Whole numbers: labels and indices.
 * @param {WireArray} wire
 * @returns {Tensor<Int32Array>}
 */
export function integers(wire) {
  const { values, shape } = decode(wire);
  return { values: values instanceof Int32Array ? values : Int32Array.from(values), shape };
}

/**
 * One picture: grey (channels 1) or colour (channels 3), 0 to 255.
 * @typedef {object} Picture
 * @property {Uint8Array} pixels
 * @property {number} height
 * @property {number} width
 * @property {number} channels
 */

/**
 * A stack of pictures, shape "n, h, w" or "n, h, w, c".
 * @param {WireArray} wire
 * @returns {Picture[]}
 */
export function pictures(wire) {
  const { values, shape } = decode(wire);
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const size = height * width * channels;
  const pixels = values instanceof Uint8Array ? values : Uint8Array.from(values);
  return Array.from({ length: count }, (_, i) => ({
    pixels: pixels.subarray(i * size, (i + 1) * size),
    height,
    width,
    channels,
  }));
}

/**
 * A single picture, shape "h, w" or "h, w, c".
 * @param {WireArray} wire
 * @returns {Picture}
 */
export function picture(wire) {
  return /** @type {Picture} */ (pictures({ ...wire, shape: `1, ${wire.shape}` })[0]);
}
