/** @import {Point} from './geometry.js' */

/**
 * Around `at`, with half axes `rx` and `ry`, the first of which is turned by `angle` degrees against the clock.
 * @typedef {{at: Point, rx: number, ry: number, angle: number}} Ellipse
 */

/**
 * Where a Gaussian over the plane lies at one standard deviation.
 * @param {Point} at its mean
 * @param {number} va its covariance: [[va, both], [both, vb]]
 * @param {number} both
 * @param {number} vb
 * @returns {Ellipse}
 */
export function ellipseOf(at, va, both, vb) {
  const middle = (va + vb) / 2;
  const spread = Math.hypot((va - vb) / 2, both);
  const angle = (Math.atan2(2 * both, va - vb) / 2) * (180 / Math.PI);
  return { at, rx: Math.sqrt(middle + spread), ry: Math.sqrt(Math.max(0, middle - spread)), angle };
}

/**
 * @param {Ellipse} ellipse
 * @param {number} count of corners
 * @returns {Point[]} on the ellipse, closed
 */
export function outlineOf({ at, rx, ry, angle }, count = 48) {
  const turn = (angle * Math.PI) / 180;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return Array.from({ length: count + 1 }, (_, i) => {
    const phase = (2 * Math.PI * i) / count;
    const [x, y] = [rx * Math.cos(phase), ry * Math.sin(phase)];
    return [at[0] + x * cos - y * sin, at[1] + x * sin + y * cos];
  });
}
