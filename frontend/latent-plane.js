/** @import {PlaneDetails, Run} from './contract' */
/** @import {Ellipse} from './ellipse.js' */
/** @import {Box, Point} from './geometry.js' */
/** @import {Encoded, Points} from './points.js' */
/** @import {Reading} from './state.js' */
import { ellipseOf } from './ellipse.js';
import { fitBox } from './geometry.js';

/**
 * What the server is asked for besides a field: nothing where the latent space is shown as a whole.
 * @typedef {{plane?: string, at?: string, reading?: Reading}} Section
 */

/**
 * What of a latent space a panel shows, and where on it a place lies. All that draws and listens on a
 * panel speaks of points of this plane; all that travels to the server and into the address of z.
 * @typedef {object} LatentPlane
 * @property {string} name empty where the latent space is shown as a whole
 * @property {string} key tells apart planes on which the same place has other coordinates
 * @property {boolean} line whether the second coordinate is only room on the screen
 * @property {readonly [string, string]} names of the coordinates, as in files
 * @property {readonly [string, string]} axes the same as they are written on the screen
 * @property {(z: readonly number[]) => Point} toPlane the nearest point of the plane
 * @property {(point: Readonly<Point>) => number[]} toLatent
 * @property {(z: readonly number[]) => number} distance of a place from the plane
 * @property {(loc: readonly number[], scale: readonly number[]) => Ellipse} ellipse of a Gaussian, at one scale
 * @property {(encoded: Encoded) => Points} project
 * @property {(box: Readonly<Box>) => readonly number[]} bounds of a part of it, as the server knows them
 * @property {(reading: Reading) => Section} section how densities on it are asked for
 * @property {Section} place where it lies
 */

/** A latent space of two dimensions is its own plane. @type {LatentPlane} */
const WHOLE = {
  name: '',
  key: '',
  line: false,
  names: ['z1', 'z2'],
  axes: ['z₁', 'z₂'],
  toPlane: ([z1 = NaN, z2 = NaN]) => [z1, z2],
  toLatent: ([z1, z2]) => [z1, z2],
  distance: () => 0,
  ellipse: ([z1 = 0, z2 = 0], [s1 = 0, s2 = 0]) => ({ at: [z1, z2], rx: s1, ry: s2, angle: 0 }),
  project: (encoded) => ({ ...encoded, loc: encoded.z }),
  bounds: (box) => box,
  section: () => ({}),
  place: {},
};

/** A line is drawn from bottom to top of its frame: the points in rows by class, above them the curves. */
export const ROWS = { bottom: 0.03, top: 0.21 };

/** Where the curves of a line begin, and how high they rise. */
export const CURVES = { bottom: 0.26, top: 0.97 };

/** Half the height of what lies along a line. */
const FLAT = 0.008;

/** A latent space of one dimension. Its second coordinate runs from 0 to 1. @type {LatentPlane} */
const LINE = {
  name: '',
  key: '',
  line: true,
  names: ['z1', ''],
  axes: ['z₁', ''],
  toPlane: ([z1 = NaN]) => [z1, CURVES.bottom],
  toLatent: ([z1]) => [z1],
  distance: () => 0,
  ellipse: ([z1 = 0], [s1 = 0]) => ({ at: [z1, CURVES.bottom], rx: s1, ry: FLAT, angle: 0 }),
  project: (encoded) => ({ ...encoded, loc: rowsByClass(encoded) }),
  bounds: (box) => box.slice(0, 2),
  section: () => ({}),
  place: {},
};

/**
 * Each class in a row of its own.
 * @param {Encoded} encoded
 */
function rowsByClass({ z, label }) {
  const count = Math.max(1, ...label) + 1;
  const loc = new Float64Array(2 * label.length);
  label.forEach((k, i) => {
    loc[2 * i] = /** @type {number} */ (z[i]);
    loc[2 * i + 1] = ROWS.top - ((k + 0.5) / count) * (ROWS.top - ROWS.bottom);
  });
  return loc;
}

/**
 * What is in view if a part of a plane is to be, with equal units on both axes; of a line all of its height.
 * @param {Pick<LatentPlane, 'line'>} plane
 * @param {Readonly<Box>} box
 * @param {number} width in pixels
 * @param {number} height
 * @returns {Box}
 */
export function framed({ line }, [from, to, low, high], width, height) {
  return line ? [from, to, 0, 1] : fitBox([from, to, low, high], width, height);
}

/**
 * @param {Run} run
 * @returns {LatentPlane | null} null: a plane has to be chosen
 */
export function wholeOf(run) {
  const { latent_dim: dimensions } = run.config;
  return dimensions === 2 ? WHOLE : dimensions === 1 ? LINE : null;
}

/**
 * A plane of a larger space: z = origin + a axes[0] + b axes[1].
 * @param {Pick<PlaneDetails, 'plane' | 'names' | 'origin' | 'axes'>} plane
 * @param {readonly number[] | null} at the point that it goes through; null: where it lies by itself
 * @returns {LatentPlane}
 */
export function planeThrough({ plane, names, origin: usual, axes: [first, second] }, at) {
  const dot = (/** @type {readonly number[]} */ u, /** @type {readonly number[]} */ v) => u.reduce((sum, value, i) => sum + value * /** @type {number} */ (v[i]), 0);
  const minus = (/** @type {readonly number[]} */ u, /** @type {readonly number[]} */ v) => u.map((value, i) => value - /** @type {number} */ (v[i]));
  const along = (/** @type {readonly number[]} */ from, /** @type {number} */ a, /** @type {number} */ b) =>
    from.map((value, i) => value + a * /** @type {number} */ (first[i]) + b * /** @type {number} */ (second[i]));
  const toPlane = (/** @type {readonly number[]} */ z) => /** @type {Point} */ ([dot(minus(z, usual), first), dot(minus(z, usual), second)]);
  const origin = at ? along(at, ...opposite(toPlane(at))) : [...usual];
  const place = { plane, ...(at && { at: at.join(',') }) };
  return {
    name: plane,
    key: JSON.stringify([plane, usual, first, second]),
    line: false,
    names,
    axes: [subscript(names[0]), subscript(names[1])],
    toPlane,
    toLatent: ([a, b]) => along(origin, a, b),
    distance: (z) => Math.hypot(...minus(z, along(origin, ...toPlane(z)))),
    ellipse(loc, scale) {
      const [va, vb, both] = [[first, first], [second, second], [first, second]].map(([u, v]) =>
        scale.reduce((sum, s, i) => sum + s * s * /** @type {number} */ (u?.[i]) * /** @type {number} */ (v?.[i]), 0),
      );
      return ellipseOf(toPlane(loc), /** @type {number} */ (va), /** @type {number} */ (both), /** @type {number} */ (vb));
    },
    project: (encoded) => ({ ...encoded, loc: projected(encoded, usual, first, second) }),
    bounds: (box) => box,
    // What a marginal is does not depend on where beside the plane it is looked at.
    section: (reading) => (reading === 'slice' ? { ...place, reading } : { plane, reading }),
    place,
  };
}

/** @param {Point} point @returns {Point} */
const opposite = ([a, b]) => [-a, -b];

/** @param {string} name "z12" as it is written */
const subscript = (name) => name.replace(/^z(\d+)$/, (_, digits) => `z${[...digits].map((digit) => '₀₁₂₃₄₅₆₇₈₉'[digit]).join('')}`);

/**
 * @param {Encoded} encoded
 * @param {readonly number[]} origin
 * @param {readonly number[]} first
 * @param {readonly number[]} second
 */
function projected({ z, latentDim, label }, origin, first, second) {
  const loc = new Float64Array(2 * label.length);
  for (let i = 0; i < label.length; i++) {
    let [a, b] = [0, 0];
    for (let d = 0; d < latentDim; d++) {
      const offset = /** @type {number} */ (z[i * latentDim + d]) - /** @type {number} */ (origin[d]);
      a += offset * /** @type {number} */ (first[d]);
      b += offset * /** @type {number} */ (second[d]);
    }
    loc[2 * i] = a;
    loc[2 * i + 1] = b;
  }
  return loc;
}
