/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { classMedians } from './geometry.js';
import { drawingOrder, pointColor, pointStyle } from './points.js';
import { toPixel } from './viewport.js';

/**
 * @typedef {object} PointLook
 * @property {(label: number) => boolean} selected
 * @property {string[]} labelNames
 * @property {Palette} palette
 */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Int32Array} label
 * @param {Float64Array} loc pairs
 * @param {PointLook} look
 * @param {Viewport} viewport
 */
export function paintPoints(context, label, loc, { selected, palette }, viewport) {
  const { radius, opacity, outline } = pointStyle(label.length, Math.min(viewport.width, viewport.height));
  context.globalAlpha = opacity;
  context.lineWidth = outline;
  context.strokeStyle = palette.ground;
  for (const i of drawingOrder(label, selected)) {
    const [x, y] = toPixel(viewport, [/** @type {number} */ (loc[2 * i]), /** @type {number} */ (loc[2 * i + 1])]);
    context.fillStyle = pointColor(/** @type {number} */ (label[i]), selected, palette);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
  context.globalAlpha = 1;
}

/**
 * The names of the classes, each amid its points.
 * @param {CanvasRenderingContext2D} context
 * @param {Int32Array} label
 * @param {Float64Array} loc pairs
 * @param {PointLook} look
 * @param {Viewport} viewport
 */
export function paintNames(context, label, loc, { selected, labelNames, palette }, viewport) {
  context.font = `700 13px ${palette.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 4;
  context.strokeStyle = palette.ground;
  context.fillStyle = palette.ink;
  for (const { label: k, z1, z2 } of classMedians(loc, label)) {
    if (!selected(k)) continue;
    const [x, y] = toPixel(viewport, [z1, z2]);
    const name = labelNames[k] ?? String(k);
    context.strokeText(name, x, y);
    context.fillText(name, x, y);
  }
}
