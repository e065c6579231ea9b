/** @import {SplitName, WirePoints} from './contract' */
import { classShape } from './colors.js';
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
 * @property {SplitName} split
 * @property {number} total rows of the split; a stored epoch may hold some of them only
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
    split: wire.split,
    total: wire.total,
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
 * Whether there are so many classes that shapes tell them apart.
 * @param {Pick<Points, 'label'>} points
 */
export function hasShapes({ label }) {
  return label.some((k) => classShape(k) !== 'circle');
}

/**
 * Which points are in colour: those of the isolated classes among the selected images.
 * @param {Points} points
 * @param {readonly number[]} classes none: all
 * @param {ReadonlySet<number> | null} images null: all
 * @returns {Uint8Array} 1 or 0 for each row
 */
export function chosenRows({ label, index }, classes, images) {
  const isolated = new Set(classes);
  return Uint8Array.from(label, (k, i) => {
    const shown = isolated.size === 0 || isolated.has(k);
    return shown && (!images || images.has(/** @type {number} */ (index[i]))) ? 1 : 0;
  });
}

/** So many points are drawn in a panel at most: more would hide each other, and hold up the pointer. */
export const MOST_DRAWN = 10_000;

/** Of the points that are drawn, at least so many are grey, if there are as many. */
const GREY_SHARE = 0.2;

/**
 * Rows of points as they are painted: those that are not chosen lie below. Of very many only some are
 * painted, spread over the rows; those that are chosen come first.
 * @param {Uint8Array} chosen
 * @param {number} [most]
 * @returns {number[]}
 */
export function drawingOrder(chosen, most = MOST_DRAWN) {
  /** @type {[number[], number[]]} */
  const [grey, colour] = [[], []];
  chosen.forEach((one, i) => (one ? colour : grey).push(i));
  const room = Math.max(most - colour.length, Math.min(grey.length, GREY_SHARE * most));
  const below = some(grey, Math.min(grey.length, Math.floor(room)));
  return [...below, ...some(colour, Math.min(colour.length, most - below.length))];
}

/**
 * @param {number[]} rows
 * @param {number} count
 * @returns {number[]} so many of them, spread without a period: rows may be sorted in one
 */
function some(rows, count) {
  if (count >= rows.length) return rows;
  const share = count / rows.length;
  // A golden-ratio sequence is so even that it deviates by a few rows at most.
  const spread = rows.filter((_, i) => ((i + 0.5) * GOLDEN) % 1 < share + 8 / rows.length);
  return spread.slice(0, count);
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Where the classes that have a point in colour have their middle.
 * @param {Pick<Points, 'loc' | 'label'>} points
 * @param {Uint8Array} chosen
 * @param {readonly number[] | Int32Array} rows that are painted
 */
export function chosenMedians({ loc, label }, chosen, rows) {
  /** @type {Set<number>} */
  const shown = new Set();
  rows.forEach((i) => {
    if (chosen[i]) shown.add(/** @type {number} */ (label[i]));
  });
  return classMedians(loc, label, rows).filter((median) => shown.has(median.label));
}
