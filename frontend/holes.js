/** @import {Estimate, Rings, WireHoles, WireNearest, WirePlace} from './contract' */
/** @import {Box} from './geometry.js' */
/** @import {Features} from './feature-bars.js' */
/** @import {Picture} from './picture.js' */
import { NO_FEATURES } from './feature-bars.js';
import { zoomBox } from './geometry.js';
import { CURVES, planeThrough } from './latent-plane.js';
import { floats, integers, onePictureOrVector } from './typed-array.js';

/** @typedef {{index: number, label: number, distance: number}} Neighbour a training image */

/**
 * What comes out of a place.
 * @typedef {object} Outcome
 * @property {Picture} picture decoded there
 * @property {Neighbour | null} nearest
 * @property {number} drift how far from there the encoder puts that picture
 */

/**
 * A place where the prior promises more than the data has put there.
 * @typedef {object} EmptyPlace
 * @property {number[]} z
 * @property {number} logRatio
 * @property {Outcome | null} outcome null at a past epoch, whose decoder is not stored
 */

/** @typedef {EmptyPlace & {rank: number, mass: number, area: number, rings: Rings}} Hole at its peak */

/**
 * @typedef {object} Holes
 * @property {number} threshold
 * @property {Estimate} mass the prior's probability of all holes together
 * @property {Estimate} heldOut the test images' share in them
 * @property {{names: [string, string], mass: Estimate} | null} plane what of them the plane shows; null: the space is shown as a whole
 * @property {Hole[]} holes by mass
 * @property {number} found with those too small to list
 * @property {EmptyPlace[]} worst draws from the prior, where the latent space has more than two dimensions
 * @property {string} note
 */

/**
 * @param {WireHoles} wire
 * @param {Features} [features] of the data, where it is vectors
 * @returns {Holes}
 */
export function holesOf(wire, features = NO_FEATURES) {
  return {
    threshold: wire.tau,
    mass: wire.hole_mass,
    heldOut: wire.held_out_mass,
    plane: wire.plane && wire.plane_hole_mass && { names: wire.plane.names, mass: wire.plane_hole_mass },
    holes: wire.holes.map(({ rank, mass, area, contour, peak, log_ratio_at_peak: logRatio, at_peak: outcome }) => ({
      // Of a cylinder a draw of the prior; a line has one coordinate.
      z: outcome?.z ?? (wire.plane ? planeThrough(wire.plane, null).toLatent(peak) : contour[0]?.length === 2 ? [peak[0]] : peak),
      logRatio,
      outcome: outcome && outcomeOf(outcome, features),
      rank,
      mass,
      area,
      rings: contour,
    })),
    found: wire.found,
    worst: wire.worst_samples.map((place) => ({ z: place.z, logRatio: place.log_ratio, outcome: outcomeOf(place, features) })),
    note: wire.note ?? '',
  };
}

/**
 * @param {WirePlace} wire
 * @param {Features} features
 * @returns {Outcome}
 */
function outcomeOf({ image, value, nearest, drift }, features) {
  return { picture: onePictureOrVector(image, value, features), nearest: neighboursOf(nearest)[0]?.[0] ?? null, drift };
}

/**
 * @param {WireNearest} wire
 * @returns {Neighbour[][]} for each picture, the nearest first
 */
export function neighboursOf(wire) {
  const index = integers(wire.index);
  const label = integers(wire.label).values;
  const distance = floats(wire.distance).values;
  const [rows = 0, columns = 0] = index.shape;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const i = row * columns + column;
      return {
        index: /** @type {number} */ (index.values[i]),
        label: /** @type {number} */ (label[i]),
        distance: /** @type {number} */ (distance[i]),
      };
    }),
  );
}

/** @type {WeakMap<readonly Hole[], Hole[]>} */
const upright = new WeakMap();

/**
 * The holes of a line, which are intervals, from bottom to top of the frame.
 * @param {readonly Hole[]} holes
 * @returns {Hole[]} the same as long as the holes are the same
 */
export function standing(holes) {
  const known = upright.get(holes) ?? holes.map((hole) => ({ ...hole, rings: hole.rings.map(uprightRing) }));
  upright.set(holes, known);
  return known;
}

/**
 * @param {[number, number][]} ends
 * @returns {[number, number][]}
 */
function uprightRing(ends) {
  const [a, b] = [ends[0]?.[0] ?? 0, ends.at(-1)?.[0] ?? 0];
  return [[a, 0.002], [b, 0.002], [b, CURVES.top], [a, CURVES.top]];
}

/** Air around a hole that is flown to: enough to see what lies about it. */
const AIR = 2.6;

/**
 * @param {Rings} rings the outer one first
 * @returns {Box}
 */
export function boxAround(rings) {
  /** @type {Box} */
  const box = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [z1, z2] of rings[0] ?? []) {
    box[0] = Math.min(box[0], z1);
    box[1] = Math.max(box[1], z1);
    box[2] = Math.min(box[2], z2);
    box[3] = Math.max(box[3], z2);
  }
  return zoomBox(box, AIR);
}
