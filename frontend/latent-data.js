/**
 * @import {Run, SplitName} from './contract'
 * @import {Density} from './density.js'
 * @import {Asked, Frame, FrameCache} from './frames.js'
 * @import {Box} from './geometry.js'
 * @import {LatentPlane} from './latent-plane.js'
 * @import {Overviews} from './overviews.js'
 * @import {Points} from './points.js'
 * @import {Field, Reading} from './state.js'
 */
import { ApiError, api, sentence } from './api.js';
import { gridKey, loadDensity, loadFrame, loadSpan, loadWhole, sectionKey, wholeOf } from './frames.js';
import { contains, steadyBox, zoomBox } from './geometry.js';
import { contentBox } from './levels.js';
import { encodedOf } from './points.js';
import { Retry } from './retry.js';
import { versionOf } from './version.js';

/** The density reaches somewhat beyond the frame, so that a small pan shows no edge. */
const OVERSIZE = 1.24;

/** Cells per side at most: a finer grid would take too long to draw. */
const FINEST = 240;

/** A density that covers more than this many frames is too coarse for the one in view. */
const COARSE = 3.2;

/**
 * @typedef {object} Wanted
 * @property {Run} run
 * @property {LatentPlane} plane
 * @property {Reading} reading of densities on it
 * @property {Field} field
 * @property {number} resolution
 * @property {SplitName} split whose rows are the points
 * @property {(home: Box) => Box} frame what is in view, given the box that holds everything
 * @property {number | null} epoch a stored one; null: the present
 * @property {readonly number[]} epochs all that are stored
 * @property {readonly number[]} ahead those that are shown next
 */

/**
 * Points and density of one run, at present or at a stored epoch. They are fetched anew when the run has
 * learned more, when another epoch is looked at, or when the frame has moved out of what was fetched.
 * One request at a time.
 */
export class LatentData {
  #id;
  #onChange;
  #cache;
  #overviews;
  #busy = false;
  #disposed = false;
  /** The version of the run that it holds all of. */
  #homeVersion = 0;
  /** The smallest scale among the posteriors, once it is known. */
  #scale = 0;
  /** @type {Wanted | null} */
  #wanted = null;
  /** What the densities reach over, as long as it serves the frame. @type {Box | null} */
  #bounds = null;
  /** @type {Box | null} */
  #home = null;
  /** Holds all epochs up to `last`. @type {{box: Box, last: number} | null} */
  #span = null;
  /** @type {Points | null} */
  #points = null;
  /** @type {Density | null} */
  #density = null;
  #densityVersion = 0;
  /** The past that is shown. @type {Frame | null} */
  #frame = null;
  #frameGrid = '';
  /** What was refused last, and why. @type {{text: string, lasting: boolean, wanted: string} | null} */
  #refusal = null;
  #retry = new Retry(() => this.#again());

  /** Around nearly all of the prior, and of the data, at present. */
  edge = { prior: -Infinity, posterior: -Infinity };

  /**
   * @param {string} id
   * @param {{frames: FrameCache, overviews: Overviews}} shared by all runs
   * @param {() => void} onChange
   */
  constructor(id, { frames, overviews }, onChange) {
    this.#id = id;
    this.#cache = frames;
    this.#overviews = overviews;
    this.#onChange = onChange;
  }

  /** The stored epoch that points and density are of; null: the present. */
  get epoch() {
    return this.#frame?.epoch ?? null;
  }

  /** The plane that points and density lie on, or will. */
  get plane() {
    return this.#wanted?.plane ?? null;
  }

  get points() {
    return this.#frame?.points ?? this.#points;
  }

  get density() {
    return this.#frame?.density ?? this.#density;
  }

  /** The present's density: what contour levels are chosen by, so that they hold still over time. */
  get reference() {
    return this.#density;
  }

  /** Holds everything; in the past, everything that there ever was, so that the frame holds still. */
  get home() {
    return this.#past ? (this.#span?.box ?? this.#home) : this.#home;
  }

  /**
   * What `home` is when the past is looked at.
   * @param {readonly number[]} epochs stored ones
   * @returns {Promise<Box | null>} null as long as nothing is known
   */
  async span(epochs) {
    if (this.#span) return this.#span.box;
    return this.#home && this.#wanted && loadSpan(this.#id, epochs, { home: this.#home, split: this.#split, plane: this.#wanted.plane });
  }

  /** Whether there is something to show. While another epoch is on its way, it is the one before. */
  get ready() {
    return this.home !== null && (!this.#past || this.#frame !== null);
  }

  /** Why what is wanted cannot be shown; if that may pass, only where there is nothing else to show. */
  get problem() {
    return this.#refusal && (this.#refusal.lasting || !this.ready) ? this.#refusal.text : '';
  }

  /** Whose rows are the points. @returns {SplitName} */
  get #split() {
    return /** @type {Wanted} */ (this.#wanted).split;
  }

  get #past() {
    return this.#wanted !== null && this.#wanted.epoch !== null;
  }

  /** Whether what is shown is what is wanted, or will not be for long, if ever. */
  get settled() {
    return this.#retry.hopeless || this.#missing() === null;
  }

  dispose() {
    this.#disposed = true;
    this.#retry.stop();
  }

  /** @param {Wanted} wanted */
  async want(wanted) {
    const before = { frame: this.#frame, problem: this.problem };
    if (!this.#past && wanted.epoch !== null && this.#span?.last !== wanted.epochs.at(-1)) this.#span = null;
    if (this.#refusal?.wanted !== momentOf(wanted)) this.forgive();
    if (this.#wanted && wanted.plane.key !== this.#wanted.plane.key) this.#turn(this.#wanted.plane, wanted.plane);
    this.#wanted = wanted;
    this.#recall();
    if (this.#frame !== before.frame || this.problem !== before.problem) this.#onChange();
    // What moves in the meantime, such as the frame, does not make a server less busy.
    if (this.#busy || this.#retry.waiting) return;
    this.#busy = true;
    let asked = momentOf(wanted);
    try {
      for (let load = this.#missing() ?? this.#ahead(); load; load = this.#missing() ?? this.#ahead()) {
        asked = momentOf(this.#wanted);
        const news = await load();
        this.forgive();
        if (news) this.#onChange();
      }
    } catch (error) {
      const again = !this.#disposed && this.#retry.after(error);
      this.#refusal = { text: sentence(error), lasting: !again, wanted: asked };
      this.#onChange();
    } finally {
      this.#busy = false;
    }
    // What was refused is not what is wanted by now.
    if (this.#refusal && this.#refusal.wanted !== momentOf(this.#wanted) && !this.#disposed) this.#again();
  }

  /** What was refused may be asked for again at once. */
  forgive() {
    this.#refusal = null;
    this.#retry.stop();
  }

  #again() {
    if (this.#wanted) this.want(this.#wanted);
  }

  /**
   * On another plane everything lies elsewhere; on the same one, found anew, not far away.
   * @param {LatentPlane} from
   * @param {LatentPlane} to
   */
  #turn(from, to) {
    this.#homeVersion = 0;
    this.#scale = 0;
    this.#span = null;
    this.#frame = null;
    this.forgive();
    if (this.#points) this.#points = to.project(this.#points);
    if (from.name === to.name) return;
    this.#home = this.#bounds = this.#density = null;
  }

  /** The past that is wanted, if it is at hand. */
  #recall() {
    if (!this.#past) this.#frame = null;
    else if (this.#span) this.#show(this.#cached(/** @type {number} */ (this.#wanted?.epoch)));
  }

  /** @param {Frame | null} frame */
  #show(frame) {
    if (!frame) return;
    this.#frame = frame;
    this.#frameGrid = gridKey(this.#grid());
  }

  /** @param {number} epoch */
  #cached(epoch) {
    return this.#cache.get(this.#id, epoch, this.#grid());
  }

  /**
   * What has to be fetched next; it tells whether there is something new to show.
   * @returns {(() => Promise<boolean>) | null}
   */
  #missing() {
    const wanted = this.#wanted;
    if (!wanted || wanted.run.checkpoint === 0 || this.#refusal?.lasting) return null;
    const version = versionOf(wanted.run);
    // Who looks at the past is not disturbed by what is learned meanwhile.
    const due = this.#past ? 1 : version;
    if (this.#homeVersion < due) return () => this.#fetchHome(version);
    if (!this.#past && this.#points?.split !== wanted.split) return () => this.#fetchPoints();
    if (this.#past && !this.#span) return () => this.#fetchSpan(wanted.epochs);
    const { density } = this;
    const present = this.#density;
    const other = present?.field !== wanted.field || present.section !== sectionKey(wanted.plane, wanted.reading);
    if (!present || this.#densityVersion < due || other || !this.#serves(present.bounds)) {
      return () => this.#fetchPresent(version);
    }
    if (wanted.epoch === null) return null;
    const right = this.#frame?.epoch === wanted.epoch && density?.field === wanted.field;
    return right && this.#frameGrid === gridKey(this.#grid()) ? null : () => this.#fetchFrame(/** @type {number} */ (wanted.epoch));
  }

  /** @returns {(() => Promise<boolean>) | null} */
  #ahead() {
    const wanted = this.#wanted;
    if (!wanted || this.#refusal?.lasting || !this.#past || !this.#span) return null;
    const next = wanted.ahead.find((epoch) => !this.#cached(epoch));
    return next === undefined ? null : () => this.#fetchFrame(next);
  }

  /**
   * Whether a density over these bounds does for the frame.
   * @param {Box} bounds
   */
  #serves(bounds) {
    const frame = /** @type {Wanted} */ (this.#wanted).frame(/** @type {Box} */ (this.home));
    return contains(bounds, frame) && contains(zoomBox(frame, COARSE), bounds);
  }

  /** @returns {Asked} of every epoch the same */
  #grid() {
    const { field, frame, resolution, split, plane, reading } = /** @type {Wanted} */ (this.#wanted);
    if (!this.#bounds || !this.#serves(this.#bounds)) {
      this.#bounds = zoomBox(frame(/** @type {Box} */ (this.home)), OVERSIZE);
    }
    const bounds = this.#bounds;
    const fineEnough = this.#scale ? Math.ceil((bounds[1] - bounds[0]) / this.#scale) + 1 : 0;
    return { field, bounds, split, plane, reading, resolution: field === 'prior' ? resolution : Math.min(FINEST, Math.max(resolution, fineEnough)) };
  }

  /** @param {number} version */
  async #fetchHome(version) {
    const { plane } = /** @type {Wanted} */ (this.#wanted);
    const { whole: { prior, edge }, points } = await this.#loadPresent(plane);
    // Meanwhile another plane may have been chosen.
    if (plane.key !== this.#wanted?.plane.key) return false;
    this.#points = plane.project(encodedOf(points));
    this.#home = steadyBox(this.#home, contentBox(prior, this.#points));
    this.edge = edge;
    this.#homeVersion = version;
    return false;
  }

  /** Of another split than before: the frame stays. */
  async #fetchPoints() {
    const { plane } = /** @type {Wanted} */ (this.#wanted);
    const points = await api.points(this.#id, { split: this.#split });
    if (plane.key !== this.#wanted?.plane.key) return false;
    this.#points = plane.project(encodedOf(points));
    return true;
  }

  /** @param {LatentPlane} plane */
  async #loadPresent(plane) {
    // Planes of larger spaces, and lines, are not part of the overview.
    const panel = plane.name || plane.line ? null : await this.#overviews.of(this.#id).catch((error) => {
      // One run of several that is gone must not keep the others from being shown.
      if (error instanceof ApiError) return null;
      throw error;
    });
    const split = this.#split;
    const [whole, points] = await Promise.all([
      panel ? wholeOf(panel.prior, panel.aggregated_posterior) : loadWhole(this.#id, null, plane),
      panel?.points.split === split ? panel.points : api.points(this.#id, { split }),
    ]);
    return { whole, points };
  }

  /** @param {readonly number[]} epochs */
  async #fetchSpan(epochs) {
    const { plane } = /** @type {Wanted} */ (this.#wanted);
    const box = await loadSpan(this.#id, epochs, { home: /** @type {Box} */ (this.#home), split: this.#split, plane });
    if (plane.key !== this.#wanted?.plane.key) return false;
    this.#span = { box, last: epochs.at(-1) ?? -1 };
    return false;
  }

  /** @param {number} version */
  async #fetchPresent(version) {
    const grid = this.#grid();
    const { density, smallestScale } = await loadDensity(this.#id, null, grid, async () => this.edge);
    if (grid.plane.key !== this.#wanted?.plane.key) return false;
    const known = this.#scale;
    this.#scale = smallestScale ?? known;
    // The scale has just become known: again, as finely as it takes.
    if (density.note && known === 0 && grid.resolution < FINEST) return false;
    // The answers may be older than the last event; without this they would be asked for again at once.
    this.#densityVersion = Math.max(versionOf({ checkpoint: density.checkpoint, status: 'running' }), version);
    this.#density = density;
    return !this.#past;
  }

  /** @param {number} epoch */
  async #fetchFrame(epoch) {
    const grid = this.#grid();
    this.#cache.put(this.#id, grid, await loadFrame(this.#id, epoch, grid));
    const before = this.#frame;
    this.#recall();
    return this.#frame !== before;
  }
}

/** @param {Wanted} wanted */
function momentOf({ run, epoch, field, split, reading, plane }) {
  const moment = epoch === null ? `version ${versionOf(run)}` : `epoch ${epoch}`;
  return [moment, field, split, reading, plane.key].join(' ');
}
