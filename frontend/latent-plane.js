/** @import {Run} from './contract' */
/** @import {Point} from './geometry.js' */

/**
 * What of a latent space a panel shows, and where on it a place lies. All that draws and listens on a
 * panel speaks of points of this plane; all that travels to the server and into the address of z.
 * @typedef {object} LatentPlane
 * @property {readonly [string, string]} axes what they are called
 * @property {(z: readonly number[]) => Point} toPlane
 * @property {(point: Readonly<Point>) => number[]} toLatent
 */

/** A latent space of two dimensions is its own plane. @type {LatentPlane} */
const WHOLE = {
  axes: ['z₁', 'z₂'],
  toPlane: ([z1 = NaN, z2 = NaN]) => [z1, z2],
  toLatent: ([z1, z2]) => [z1, z2],
};

/**
 * @param {Run} run
 * @returns {LatentPlane | null} null: its latent space is not shown as a plane
 */
export function planeOf(run) {
  return run.config.latent_dim === 2 ? WHOLE : null;
}
