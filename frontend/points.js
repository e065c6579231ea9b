/** @import {WirePoints} from './contract' */
/** @import {Palette} from './theme.js' */
import { classColor } from './colors.js';
import { floats, integers } from './typed-array.js';

/**
 * Encoded test images: the means of q(z|x).
 * @typedef {object} Points
 * @property {Float64Array} loc rows of `latentDim` coordinates
 * @property {number} latentDim
 * @property {Int32Array} label
 * @property {Int32Array} index row in the data set's file order
 * @property {number} checkpoint
 */

/**
 * @param {WirePoints} wire
 * @returns {Points}
 */
export function pointsOf(wire) {
  const loc = floats(wire.loc);
  return {
    loc: loc.values,
    latentDim: loc.shape[1] ?? 0,
    label: integers(wire.label).values,
    index: integers(wire.index).values,
    checkpoint: wire.checkpoint,
  };
}

/**
 * How points are drawn: the more, the smaller and fainter; the larger the panel, the larger.
 * @param {number} count
 * @param {number} side of the panel in pixels
 * @returns {{radius: number, opacity: number, outline: number}}
 */
export function pointStyle(count, side) {
  const crowd = Math.min(1, Math.max(0, Math.log10(Math.max(count, 1) / 200) / 2));
  const zoom = Math.min(1.6, Math.max(0.8, Math.sqrt(side / 280)));
  return { radius: zoom * (3.5 - 2.2 * crowd), opacity: 0.95 - 0.45 * crowd, outline: 0.9 - 0.5 * crowd };
}

/**
 * Rows of points as they are painted: those that are not selected lie below.
 * @param {Int32Array} label
 * @param {(label: number) => boolean} selected
 * @returns {number[]}
 */
export function drawingOrder(label, selected) {
  const rows = Array.from(label, (_, i) => i);
  const chosen = (/** @type {number} */ i) => selected(/** @type {number} */ (label[i]));
  return [...rows.filter((i) => !chosen(i)), ...rows.filter(chosen)];
}

/**
 * @param {number} label
 * @param {(label: number) => boolean} selected
 * @param {Palette} palette
 */
export function pointColor(label, selected, palette) {
  return selected(label) ? classColor(label) : palette.faded;
}
