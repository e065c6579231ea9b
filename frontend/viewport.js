/** @import {Box} from './geometry.js' */

/**
 * Where on a panel which part of the plane is shown.
 * @typedef {object} Viewport
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 * @property {Box} range
 */

/**
 * @param {Viewport} viewport
 * @param {readonly number[]} z
 * @returns {[number, number]}
 */
export function toPixel({ left, top, width, height, range }, [z1 = NaN, z2 = NaN]) {
  return [
    left + ((z1 - range[0]) / (range[1] - range[0])) * width,
    top + ((range[3] - z2) / (range[3] - range[2])) * height,
  ];
}

/**
 * @param {Viewport} viewport
 * @param {number} x
 * @param {number} y
 * @returns {[number, number] | null} null beside the plot
 */
export function toLatent(viewport, x, y) {
  const { left, top, width, height } = viewport;
  const within = x >= left && x <= left + width && y >= top && y <= top + height;
  return within ? latentAt(viewport, x, y) : null;
}

/**
 * Beyond the frame, too.
 * @param {Viewport} viewport
 * @param {number} x
 * @param {number} y
 * @returns {[number, number]}
 */
export function latentAt({ left, top, width, height, range }, x, y) {
  const u = (x - left) / width;
  const v = (y - top) / height;
  return [range[0] + u * (range[1] - range[0]), range[3] - v * (range[3] - range[2])];
}
