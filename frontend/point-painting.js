/** @import {PointSprites} from './point-sprites.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { pointPixels } from './point-pixels.js';
import { toPixel } from './viewport.js';

/**
 * @typedef {object} PointLook
 * @property {Uint8Array} chosen 1 for the points in colour; the same array as long as they are the same
 * @property {(label: number) => string} className empty: it has none
 * @property {Palette} palette
 */

const scratch = document.createElement('canvas');
const scratchContext = /** @type {CanvasRenderingContext2D} */ (scratch.getContext('2d'));

/**
 * Points over what is painted already, as far as they are in the frame.
 * @param {CanvasRenderingContext2D} context
 * @param {{label: Int32Array, loc: Float64Array, chosen: Uint8Array, order: ArrayLike<number>}} points `loc` holds
 *   pairs; `order`: rows as they are painted
 * @param {PointSprites} sprites
 * @param {Viewport} viewport
 */
export function paintPoints(context, points, sprites, { left, top, width: across, height: down, range }) {
  const { ratio } = sprites;
  const [width, height] = [Math.round(ratio * across), Math.round(ratio * down)];
  const unit1 = (ratio * across) / (range[1] - range[0]);
  const unit2 = (ratio * down) / (range[3] - range[2]);
  const x = (/** @type {number} */ z1) => (z1 - range[0]) * unit1;
  const y = (/** @type {number} */ z2) => (range[3] - z2) * unit2;
  const pixels = pointPixels(points, sprites, { width, height, x, y });
  // Setting the size of a canvas makes a new one, even if it is the same.
  if (scratch.width !== width || scratch.height !== height) Object.assign(scratch, { width, height });
  scratchContext.putImageData(new ImageData(pixels, width, height), 0, 0);
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(scratch, Math.round(ratio * left), Math.round(ratio * top));
  context.restore();
}

/** Height of a name. */
const LINE_PX = 14;

/**
 * The names of the classes, each amid its points; the legend has those that would cover another.
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
  /** @type {{x: number, y: number, half: number}[]} */
  const painted = [];
  for (const { label, z1, z2 } of names) {
    const [x, y] = toPixel(viewport, [z1, z2]);
    const name = className(label);
    if (!name) continue;
    const half = context.measureText(name).width / 2;
    const covers = painted.some((other) => Math.abs(other.x - x) < half + other.half && Math.abs(other.y - y) < LINE_PX);
    if (covers) continue;
    painted.push({ x, y, half });
    context.strokeText(name, x, y);
    context.fillText(name, x, y);
  }
}
