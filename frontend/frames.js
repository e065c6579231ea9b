/**
 * @import {SplitName, WireDensity} from './contract'
 * @import {Density} from './density.js'
 * @import {Box} from './geometry.js'
 * @import {LatentPlane} from './latent-plane.js'
 * @import {Points} from './points.js'
 * @import {Field, Reading} from './state.js'
 */
import { COARSE, api } from './api.js';
import { densityOf, lineOf, outsideOf } from './density.js';
import { evenly } from './epochs.js';
import { contains, roundBox, unionBox } from './geometry.js';
import { contentBox, highestDensityLevel } from './levels.js';
import { encodedOf } from './points.js';

/** Beyond the regions that hold this much, densities are too faint to count. */
const NEARLY_ALL = 0.999;

/** The most bytes of frames that are kept: several hundred of usual size. */
const CAPACITY = 96 * 2 ** 20;

/**
 * Log densities around the regions that hold nearly all of the prior, and of the data.
 * @typedef {{prior: number, posterior: number}} Edge
 */

/** @typedef {{field: Field, bounds: Box, resolution: number, plane: LatentPlane, reading: Reading}} Grid */

/**
 * Tells apart what is asked for on planes.
 * @param {LatentPlane} plane
 * @param {Reading} reading
 */
export const sectionKey = (plane, reading) => (plane.name ? JSON.stringify([plane.key, plane.section(reading)]) : '');

/**
 * What is asked for of an epoch: the field on a grid, and the points of a split.
 * @typedef {Grid & {split: SplitName}} Asked
 */

/**
 * A run at one stored epoch.
 * @typedef {object} Frame
 * @property {number} epoch
 * @property {Points} points
 * @property {Density} density
 */

/**
 * Where there is something to see.
 * @param {string} run
 * @param {number | null} epoch null: the present
 * @param {LatentPlane} plane
 * @param {Reading} [reading]
 * @returns {Promise<{prior: Density, edge: Edge}>}
 */
export async function loadWhole(run, epoch, plane, reading = 'marginal') {
  const asked = { resolution: plane.line ? FINE_LINE : COARSE, epoch, section: plane.section(reading) };
  const [prior, posterior] = await Promise.all([api.density(run, asked), api.density(run, { ...asked, field: 'aggregated_posterior' })]);
  return wholeOf(prior, posterior);
}

/** Places on a line: as many as a large panel has pixels. */
const FINE_LINE = 512;

/**
 * @param {WireDensity} prior over all that there is
 * @param {WireDensity} posterior the aggregated one, on the same grid
 * @returns {{prior: Density, edge: Edge}}
 */
export function wholeOf(prior, posterior) {
  const whole = densityOf(prior);
  return {
    prior: whole,
    edge: {
      prior: highestDensityLevel(whole, NEARLY_ALL),
      posterior: highestDensityLevel(densityOf(posterior), NEARLY_ALL),
    },
  };
}

/**
 * A field on a grid, and how fine the grid would have to be.
 * @param {string} run
 * @param {number | null} epoch null: the present
 * @param {Grid} grid
 * @param {() => Promise<Edge>} edge
 * @returns {Promise<{density: Density, smallestScale: number | null}>}
 */
export async function loadDensity(run, epoch, { field, bounds, resolution, plane, reading }, edge) {
  const ratio = field === 'log_ratio';
  const asked = { resolution: plane.line ? FINE_LINE : resolution, bounds: plane.bounds(bounds), epoch, section: plane.section(reading) };
  const first = plane.line ? 'aggregated_posterior' : field;
  const [shown, prior, around] = await Promise.all([
    api.density(run, { ...asked, field: first }),
    ratio || plane.line ? api.density(run, asked) : null,
    // On a slice other places count than on the marginal.
    ratio ? (reading === 'slice' && plane.name ? loadWhole(run, epoch, plane, reading).then((whole) => whole.edge) : edge()) : null,
  ]);
  const found = densityOf(shown, sectionKey(plane, reading));
  const density = plane.line && prior ? lineOf(field, densityOf(prior), found) : found;
  if (prior && around) density.outside = outsideOf(density, densityOf(prior), around);
  return { density, smallestScale: shown.smallest_scale ?? null };
}

/**
 * @param {string} run
 * @param {number} epoch a stored one
 * @param {Asked} asked
 * @returns {Promise<Frame>}
 */
export async function loadFrame(run, epoch, asked) {
  const [points, { density }] = await Promise.all([
    api.points(run, { split: asked.split, epoch }),
    loadDensity(run, epoch, asked, async () => (await loadWhole(run, epoch, asked.plane)).edge),
  ]);
  return { epoch, points: asked.plane.project(encodedOf(points)), density };
}

/** So many epochs tell how far a run has spread in the course of its training. */
const SPAN_SAMPLES = 6;

/**
 * The box that holds what there is to see at all epochs.
 * @param {string} run
 * @param {readonly number[]} epochs stored ones
 * @param {{home: Box, split: SplitName, plane: LatentPlane}} present `home` stays if nothing was ever outside of it
 * @returns {Promise<Box>}
 */
export async function loadSpan(run, epochs, { home, split, plane }) {
  const boxes = await Promise.all(
    evenly(epochs, SPAN_SAMPLES).map(async (epoch) => {
      const asked = { resolution: COARSE, epoch, section: plane.section('marginal') };
      const [prior, points] = await Promise.all([api.density(run, asked), api.points(run, { split, epoch })]);
      return contentBox(densityOf(prior), plane.project(encodedOf(points)));
    }),
  );
  const box = unionBox([home, ...boxes]);
  return contains(home, box) ? home : roundBox(box);
}

/** Frames that were shown or may be shown soon; those not used for longest make room. */
export class FrameCache {
  /** @type {Map<string, Frame>} */
  #frames = new Map();
  #capacity;
  #bytes = 0;

  /** @param {number} [capacity] in bytes */
  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /**
   * @param {string} run
   * @param {number} epoch
   * @param {Asked} asked
   * @returns {Frame | null}
   */
  get(run, epoch, asked) {
    const key = keyOf(run, epoch, asked);
    const frame = this.#frames.get(key);
    if (!frame) return null;
    this.#frames.delete(key);
    this.#frames.set(key, frame);
    return frame;
  }

  /**
   * @param {string} run
   * @param {Asked} asked
   * @param {Frame} frame
   */
  put(run, asked, frame) {
    const key = keyOf(run, frame.epoch, asked);
    this.#drop(key);
    this.#frames.set(key, frame);
    this.#bytes += bytesOf(frame);
    for (const oldest of this.#frames.keys()) {
      if (this.#bytes <= this.#capacity || oldest === key) break;
      this.#drop(oldest);
    }
  }

  /** @param {string} key */
  #drop(key) {
    const frame = this.#frames.get(key);
    if (!frame) return;
    this.#frames.delete(key);
    this.#bytes -= bytesOf(frame);
  }
}

/**
 * @param {string} run
 * @param {number} epoch
 * @param {Asked} asked
 */
function keyOf(run, epoch, asked) {
  return `${run} ${epoch} ${gridKey(asked)} ${asked.split}`;
}

/** @param {Grid} grid */
export function gridKey({ field, bounds, resolution, plane, reading }) {
  return `${field} ${resolution} ${bounds} ${sectionKey(plane, reading)}`;
}

/** @param {Frame} frame */
function bytesOf({ points, density }) {
  return points.loc.byteLength + points.scale.byteLength + density.values.byteLength + (density.outside?.byteLength ?? 0);
}
