/**
 * @import {Triple} from './colors.js'
 * @import {Density} from './density.js'
 * @import {Box} from './geometry.js'
 * @import {Levels} from './levels.js'
 */

/**
 * Which colour a value has: 0 below the lowest level, one more from each level on.
 * @param {number} value
 * @param {Levels} levels
 * @returns {number}
 */
export function bandOf(value, { start, step, count }) {
  const band = Math.floor((value - start) / step) + 1;
  return Math.min(count, Math.max(0, Number.isNaN(band) ? 0 : band));
}

/**
 * A part of a field as pixels, each in the colour of its band; between the places of the grid values are
 * interpolated linearly.
 * @param {Density} density that reaches over the whole part
 * @param {Levels} levels
 * @param {{bands: readonly Triple[], blank: Triple}} colors
 * @param {{box: Box, width: number, height: number}} part width and height in pixels
 * @returns {Uint8ClampedArray<ArrayBuffer>} red, green, blue, alpha of each pixel, by rows from the top
 */
export function fieldPixels(density, levels, { bands, blank }, { box, width, height }) {
  const colors = Uint32Array.from([...bands, blank], packed);
  const across = samples(density.z1, box[0], box[1], width);
  const down = samples(density.z2, box[3], box[2], height);
  const columns = density.z1.length;
  const { values, outside } = density;
  const pixels = new Uint32Array(width * height);
  const row = new Float64Array(columns);
  const outsideRow = new Float64Array(columns);
  const { cells, shares } = across;
  for (let y = 0; y < height; y++) {
    const [at, v] = [/** @type {number} */ (down.cells[y]) * columns, /** @type {number} */ (down.shares[y])];
    mix(values, at, columns, v, row);
    if (outside) mix(outside, at, columns, v, outsideRow);
    for (let x = 0; x < width; x++) {
      const i = /** @type {number} */ (cells[x]);
      const u = /** @type {number} */ (shares[x]);
      const empty = outside && /** @type {number} */ (outsideRow[i]) * (1 - u) + /** @type {number} */ (outsideRow[i + 1]) * u > 0;
      const value = /** @type {number} */ (row[i]) * (1 - u) + /** @type {number} */ (row[i + 1]) * u;
      pixels[y * width + x] = /** @type {number} */ (colors[empty ? bands.length : bandOf(value, levels)]);
    }
  }
  return new Uint8ClampedArray(pixels.buffer);
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** @param {Triple} color */
function packed([red, green, blue]) {
  return (littleEndian ? (255 << 24) | (blue << 16) | (green << 8) | red : (red << 24) | (green << 16) | (blue << 8) | 255) >>> 0;
}

/**
 * A row between two rows of the grid.
 * @param {Float64Array} values
 * @param {number} at where the first of the two begins
 * @param {number} columns
 * @param {number} v how far it is from the first to the second
 * @param {Float64Array} row
 */
function mix(values, at, columns, v, row) {
  for (let i = 0; i < columns; i++) {
    row[i] = /** @type {number} */ (values[at + i]) * (1 - v) + /** @type {number} */ (values[at + columns + i]) * v;
  }
}

/**
 * For each pixel the cell that its middle is in, and how far into it.
 * @param {Float64Array} axis evenly spaced
 * @param {number} from
 * @param {number} to
 * @param {number} pixels
 */
function samples(axis, from, to, pixels) {
  const first = /** @type {number} */ (axis[0]);
  const step = (/** @type {number} */ (axis.at(-1)) - first) / (axis.length - 1);
  const cells = new Int32Array(pixels);
  const shares = new Float64Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const at = (from + ((i + 0.5) / pixels) * (to - from) - first) / step;
    const cell = Math.min(axis.length - 2, Math.max(0, Math.floor(at)));
    cells[i] = cell;
    shares[i] = Math.min(1, Math.max(0, at - cell));
  }
  return { cells, shares };
}
