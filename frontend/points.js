/** @import {WirePoints} from './contract' */
import { classMedians } from './geometry.js';
import { floats, integers } from './typed-array.js';

/**
 * Encoded test images: the posteriors q(z|x).
 * @typedef {object} Encoded
 * @property {Float64Array} z their means, rows of `latentDim` coordinates
 * @property {Float64Array} scale in rows like `z`
 * @property {number} latentDim
 * @property {Int32Array} label
 * @property {Int32Array} index row in the data set's file order
 * @property {number} checkpoint
 */

/** @typedef {Encoded & {loc: Float64Array}} Points on a plane, where `loc` holds pairs */

/**
 * @param {WirePoints} wire
 * @returns {Encoded}
 */
export function encodedOf(wire) {
  const loc = floats(wire.loc);
  return {
    z: loc.values,
    scale: floats(wire.scale).values,
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
 * Which points are in colour: those of the isolated classes among the selected images.
 * @param {Points} points
 * @param {readonly number[]} classes none: all
 * @param {ReadonlySet<number> | null} images null: all
 * @returns {Uint8Array} 1 or 0 for each row
 */
export function chosenRows({ label, index }, classes, images) {
  return Uint8Array.from(label, (k, i) => {
    const shown = classes.length === 0 || classes.includes(k);
    return shown && (!images || images.has(/** @type {number} */ (index[i]))) ? 1 : 0;
  });
}

/**
 * Rows of points as they are painted: those that are not chosen lie below.
 * @param {Uint8Array} chosen
 * @returns {number[]}
 */
export function drawingOrder(chosen) {
  const rows = Array.from(chosen, (_, i) => i);
  return [...rows.filter((i) => !chosen[i]), ...rows.filter((i) => chosen[i])];
}

/**
 * Where the classes that have a point in colour have their middle.
 * @param {Pick<Points, 'loc' | 'label'>} points
 * @param {Uint8Array} chosen
 */
export function chosenMedians({ loc, label }, chosen) {
  const shown = chosenClasses({ label }, chosen);
  return classMedians(loc, label).filter((median) => shown.has(median.label));
}

/**
 * Classes that have a point in colour.
 * @param {Pick<Points, 'label'>} points
 * @param {Uint8Array} chosen
 * @returns {Set<number>}
 */
export function chosenClasses({ label }, chosen) {
  return new Set(label.filter((_, i) => chosen[i]));
}
