/**
 * @import {Point} from './geometry.js'
 * @import {Hole} from './holes.js'
 * @import {LatentData} from './latent-data.js'
 * @import {LatentPlane} from './latent-plane.js'
 * @import {PanelContext} from './panel-context.js'
 * @import {Mark} from './plane-marks.js'
 * @import {PointLook} from './point-painting.js'
 * @import {Points} from './points.js'
 */
import { anatomyOn } from './anatomy.js';
import { sharesSpace } from './comparison.js';
import { className } from './data-words.js';
import { standing } from './holes.js';
import { shareSpace } from './latent-space.js';
import { datasetOf, runsOnStage } from './panel-context.js';
import { placeOn } from './geometry.js';
import { chosenRows } from './points.js';
import { showsHoles } from './state.js';

/** As a share of the width of all that there is to see: a place so close to the plane counts as on it. */
const BESIDE = 0.02;

/** Places that the hand holds already need no mark, nor does the line, which has its own. */
const UNMARKED = ['pointer', 'path'];

/** What is to be seen on the plane of a run, besides its contours: as far as it is wanted and known. */
export class PanelContents {
  #id;
  #context;
  #data;
  /** @type {{points: Points, classes: number[], images: Set<number> | null, chosen: Uint8Array} | null} */
  #lastChosen = null;
  /** The sample that is pointed at. @type {readonly number[] | null} */
  sample = null;

  /**
   * @param {string} id of the run
   * @param {PanelContext} context
   * @param {LatentData} data
   */
  constructor(id, context, data) {
    this.#id = id;
    this.#context = context;
    this.#data = data;
  }

  get run() {
    return this.#context.runs.get(this.#id);
  }

  /** The plane that is shown of the latent space; null: it is not known yet, or there is none. */
  get plane() {
    return this.run ? this.#context.planes.of(this.run) : null;
  }

  /** The points of this plane that there are to show. */
  get points() {
    const { points } = this.#data;
    return this.plane ? points : null;
  }

  /** The stored epoch that is to be shown; null: the present. */
  get epoch() {
    return this.#context.moment.of(this.#id);
  }

  /**
   * What is known of holes and anatomy at an epoch, as far as they are wanted. What is not known is
   * asked for.
   * @param {number | null} epoch
   */
  science(epoch) {
    const { store, science } = this.#context;
    const { state } = store;
    const { run, plane } = this;
    const able = run && plane && run.checkpoint > 0;
    // On a slice p and q are not those that the holes are made of.
    const marginal = !plane?.name || state.reading === 'marginal';
    return {
      holes: able && marginal && showsHoles(state) ? science.holes(run, state.threshold, epoch, plane.name) : null,
      anatomy: able && state.anatomy ? science.anatomy(run, epoch) : null,
    };
  }

  /** Holes and anatomy of the epoch that is on the screen. */
  get parts() {
    const { holes, anatomy } = this.#data.ready ? this.science(this.#data.epoch) : { holes: null, anatomy: null };
    const [made, { plane }] = [anatomy?.value ?? null, this];
    return { holes: this.#onScreen(holes?.value?.holes ?? NO_HOLES), anatomy: made && plane && anatomyOn(made, plane) };
  }

  /**
   * Intervals of a line get a height.
   * @param {readonly Hole[]} holes
   */
  #onScreen(holes) {
    return this.plane?.line ? standing(holes) : holes;
  }

  /** The line between two pins, where it lies in this panel's latent space. */
  get path() {
    const { runs, store } = this.#context;
    const { path, at } = store.state;
    const [{ run, plane }, first] = [this, runs.get(path?.[0].run ?? '')];
    if (!path || !run || !plane || !first || !shareSpace(run, first)) return null;
    const [{ z: from }, { z: to }] = path;
    if (from.length !== run.config.latent_dim) return null;
    return { from: plane.toPlane(from), to: plane.toPlane(to), at: plane.toPlane(placeOn(from, to, at)) };
  }

  /** Around what is selected, in the plane where it was. */
  get region() {
    const { select } = this.#context.store.state;
    const here = select && (select.run === this.#id || this.#oneSpace);
    return here && (!this.plane?.name || select.plane === this.#context.store.state.plane) ? select.polygon : NO_POINTS;
  }

  /** The run whose decoded pictures take the place of the contours; null: they are not wanted. */
  get manifold() {
    const { run } = this;
    const { store } = this.#context;
    return run && store.state.manifold && run.checkpoint > 0 ? run : null;
  }

  /** Shape of the run's pictures, once it is known. */
  get imageShape() {
    return this.run && datasetOf(this.#context, this.run)?.image_shape;
  }

  /** @param {number} label */
  className(label) {
    return className(this.run ? datasetOf(this.#context, this.run) : null, label);
  }

  get #oneSpace() {
    return sharesSpace(runsOnStage(this.#context));
  }

  /**
   * @param {Points} points
   * @returns {PointLook}
   */
  look(points) {
    return { chosen: this.chosen(points), className: (label) => this.className(label), palette: this.#context.palette() };
  }

  /**
   * Which points are in colour.
   * @param {Points} points
   */
  chosen(points) {
    const { classes } = this.#context.store.state;
    const images = this.#context.selection.imagesOf(this.#id);
    const last = this.#lastChosen;
    if (last?.points === points && last.classes === classes && last.images === images) return last.chosen;
    const chosen = this.choose(points);
    this.#lastChosen = { points, classes, images, chosen };
    return chosen;
  }

  /** The same for points that are not on the screen. @param {Points} points */
  choose(points) {
    const { classes } = this.#context.store.state;
    return chosenRows(points, classes, this.#context.selection.imagesOf(this.#id));
  }

  /** Where the posterior of what the user has drawn lies on the plane. */
  get drawn() {
    const [encoding, { plane }] = [this.encoding, this];
    return encoding && plane ? plane.ellipse(encoding.loc, encoding.scale) : null;
  }

  /** What the user has drawn, as this run encodes it. The encoder of a past epoch is not stored. */
  get encoding() {
    return this.plane && this.#data.epoch === null ? (this.#context.encodings.of(this.#id)?.value ?? null) : null;
  }

  /** The place in this panel that is looked at, unless the hand is on it. */
  get #place() {
    const { place } = this.#context.probe;
    return place?.run === this.#id && !UNMARKED.includes(place.source) ? place : null;
  }

  /** From where a decoded picture came to where it is encoded again. */
  get drift() {
    const { decoded } = this.#context.probe;
    const { plane } = this;
    const place = this.#place;
    const loc = decoded?.reencoded?.loc;
    if (!plane || !place || loc?.length !== place.z.length) return null;
    return { from: plane.toPlane(place.z), to: plane.toPlane(loc) };
  }

  /** Cursor, pins and all else that marks a place; the last lies on top. */
  get marks() {
    const { plane, run, sample } = this;
    const { probe, store, linked } = this.#context;
    if (!plane || !run) return [];
    /** @type {Mark[]} */
    const marks = store.state.pins.flatMap((pin, i) =>
      pin.run === this.#id && pin.z.length === run.config.latent_dim ? [{ kind: 'pin', ...this.mark(plane, pin.z), text: String(i + 1) }] : [],
    );
    if (sample) marks.push({ kind: 'sample', ...this.mark(plane, sample) });
    const near = linked.image && linked.image.dataset === run.config.dataset && this.#pointOf(linked.image.index);
    if (near) marks.push({ kind: 'near', at: near, picture: linked.picture });
    // Where all panels have one latent space, they have one cursor, too.
    const elsewhere = probe.place && probe.place.run !== this.#id && this.#oneSpace ? probe.place : null;
    const cursor = this.#place ?? elsewhere;
    if (cursor) marks.push({ kind: 'cursor', ...this.mark(plane, cursor.z) });
    if (this.encoding) marks.push({ kind: 'drawn', at: plane.toPlane(this.encoding.loc) });
    return marks;
  }

  /**
   * Where a place is shown, and how far beside the plane it is, unless that is too little to matter.
   * @param {LatentPlane} plane
   * @param {readonly number[]} z
   */
  mark(plane, z) {
    const beside = plane.distance(z);
    const { home } = this.#data;
    const little = home ? BESIDE * (home[1] - home[0]) : 0;
    return { at: plane.toPlane(z), beside: beside > little ? beside : 0 };
  }

  /**
   * @param {number} index row in the data set
   * @returns {Point | null}
   */
  #pointOf(index) {
    const { points } = this;
    const row = points?.index.indexOf(index) ?? -1;
    return points && row >= 0 ? [/** @type {number} */ (points.loc[2 * row]), /** @type {number} */ (points.loc[2 * row + 1])] : null;
  }
}

/** @type {readonly Hole[]} */
const NO_HOLES = [];

/** @type {readonly Point[]} */
const NO_POINTS = [];
