/** @import {Box, Point} from './geometry.js' */
/** @import {Points} from './points.js' */

/** Digits that a corner keeps: what the address says is then exactly what was chosen. */
const DIGITS = 5;

/**
 * @param {Box} box
 * @returns {Point[]}
 */
export function cornersOf([a, b, c, d]) {
  return rounded([[a, c], [b, c], [b, d], [a, d]]);
}

/**
 * A path drawn by hand as a polygon of at most `most` corners, those that matter least left out.
 * @param {Point[]} path
 * @param {number} most
 * @returns {Point[]}
 */
export function polygonOf(path, most) {
  const corners = path.filter(([z1, z2], i) => i === 0 || z1 !== path[i - 1]?.[0] || z2 !== path[i - 1]?.[1]);
  while (corners.length > most) {
    let least = 0;
    let smallest = Infinity;
    corners.forEach((corner, i) => {
      const [before, after] = [corners.at(i - 1), corners[(i + 1) % corners.length]];
      const area = triangle(/** @type {Point} */ (before), corner, /** @type {Point} */ (after));
      if (area < smallest) [least, smallest] = [i, area];
    });
    corners.splice(least, 1);
  }
  return rounded(corners);
}

/**
 * @param {Point} a
 * @param {Point} b
 * @param {Point} c
 */
function triangle(a, b, c) {
  return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]));
}

/**
 * @param {Point[]} corners
 * @returns {Point[]}
 */
function rounded(corners) {
  const round = (/** @type {number} */ v) => Number(v.toPrecision(DIGITS));
  return corners.map(([z1, z2]) => [round(z1), round(z2)]);
}

/**
 * Whether a place lies in a polygon, by the even-odd rule.
 * @param {readonly Point[]} polygon
 * @param {number} z1
 * @param {number} z2
 */
export function inside(polygon, z1, z2) {
  let within = false;
  polygon.forEach(([x, y], i) => {
    const [u, v] = /** @type {Point} */ (polygon.at(i - 1));
    if (y > z2 !== v > z2 && z1 < x + ((z2 - y) / (v - y)) * (u - x)) within = !within;
  });
  return within;
}

/**
 * The test images whose points lie in a polygon.
 * @param {Points} points on the plane of the polygon
 * @param {readonly Point[]} polygon
 * @returns {Set<number>} their rows in the data set
 */
export function imagesIn(points, polygon) {
  const images = new Set();
  points.index.forEach((index, i) => {
    const [z1, z2] = [points.loc[2 * i], points.loc[2 * i + 1]];
    if (z1 !== undefined && z2 !== undefined && inside(polygon, z1, z2)) images.add(index);
  });
  return images;
}
