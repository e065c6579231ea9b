/** @import {WireArray} from './contract' */
/** @import {Features, Vector} from './feature-bars.js' */
/** @import {Picture} from './picture.js' */

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
 * A picture of pixels: grey (channels 1) or colour (channels 3), 0 to 255.
 * @typedef {object} Pixels
 * @property {Uint8Array} pixels
 * @property {number} height
 * @property {number} width
 * @property {number} channels
 */

/**
 * A stack of pictures, shape "n, h, w" or "n, h, w, c".
 * @param {WireArray} wire
 * @returns {Pixels[]}
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
 * Rows of numbers, shape "n, d".
 * @param {WireArray} wire
 * @param {Features} features what the numbers are
 * @returns {Vector[]}
 */
export function vectors(wire, features) {
  const { values, shape } = floats(wire);
  const [count = 0, width = 0] = shape;
  return Array.from({ length: count }, (_, i) => ({ values: values.subarray(i * width, (i + 1) * width), features }));
}

/**
 * What came of a data set or out of a decoder: pictures of pixels, or else vectors.
 * @param {WireArray | null | undefined} images
 * @param {WireArray | null | undefined} values
 * @param {Features} features of the vectors
 * @returns {Picture[]} none where neither came
 */
export function picturesOrVectors(images, values, features) {
  if (images) return pictures(images);
  return values ? vectors(values, features) : [];
}

/**
 * A single picture, shape "h, w" or "h, w, c".
 * @param {WireArray} wire
 * @returns {Pixels}
 */
export function picture(wire) {
  return /** @type {Pixels} */ (pictures(alone(wire))[0]);
}

/**
 * The same for a single row.
 * @param {WireArray | null} image
 * @param {WireArray | null | undefined} value
 * @param {Features} features
 * @returns {Picture}
 */
export function onePictureOrVector(image, value, features) {
  const [only] = picturesOrVectors(image && alone(image), value && alone(value), features);
  if (!only) throw new RangeError('There came neither a picture nor a vector.');
  return only;
}

/** @param {WireArray} wire a stack of one */
const alone = (wire) => ({ ...wire, shape: `1, ${wire.shape}` });
