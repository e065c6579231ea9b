/** @import {PointSprites} from './point-sprites.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { toPixel } from './viewport.js';

/**
 * @typedef {object} PointLook
 * @property {Uint8Array} chosen 1 for the points in colour; the same array as long as they are the same
 * @property {(label: number) => string} className empty: it has none
 * @property {Palette} palette
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{label: Int32Array, loc: Float64Array, chosen: Uint8Array, order: readonly number[]}} points `loc` holds
 *   pairs; `order`: rows as they are painted
 * @param {PointSprites} sprites
 * @param {Viewport} viewport
 */
export function paintPoints(context, { label, loc, chosen, order }, sprites, { left, top, width, height, range }) {
  const { ratio, side } = sprites;
  const half = (side - 1) / 2;
  const unit = (ratio * width) / (range[1] - range[0]);
  const x0 = ratio * left - range[0] * unit - half;
  const unit2 = (ratio * height) / (range[3] - range[2]);
  const y0 = ratio * (top + height) + range[2] * unit2 - half;
  const [right, bottom] = [ratio * (left + width), ratio * (top + height)];
  context.setTransform(1, 0, 0, 1, 0, 0);
  for (const i of order) {
    const x = Math.floor(x0 + /** @type {number} */ (loc[2 * i]) * unit);
    const y = Math.floor(y0 - /** @type {number} */ (loc[2 * i + 1]) * unit2);
    if (x > right || y > bottom || x + side < 0 || y + side < 0) continue;
    context.drawImage(sprites.of(chosen[i] ? /** @type {number} */ (label[i]) : -1), x, y);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

/** Of more classes than this, names that would cover others are left out: the legend has them all. */
const CROWD = 10;

/** Height of a name. */
const LINE_PX = 14;

/**
 * The names of the classes, each amid its points.
 * @param {CanvasRenderingContext2D} context
 * @param {readonly {label: number, z1: number, z2: number}[]} names
 * @param {PointLook} look
 * @param {Viewport} viewport
 */
export function paintNames(context, names, { className, palette }, viewport) {
  context.font = `700 13px ${palette.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 4;
  context.strokeStyle = palette.ground;
  context.fillStyle = palette.ink;
  const crowded = names.length > CROWD;
  /** @type {{x: number, y: number, half: number}[]} */
  const painted = [];
  for (const { label, z1, z2 } of names) {
    const [x, y] = toPixel(viewport, [z1, z2]);
    const name = className(label);
    if (!name) continue;
    const half = context.measureText(name).width / 2;
    const covers = crowded && painted.some((other) => Math.abs(other.x - x) < half + other.half && Math.abs(other.y - y) < LINE_PX);
    if (covers) continue;
    painted.push({ x, y, half });
    context.strokeText(name, x, y);
    context.fillText(name, x, y);
  }
}
