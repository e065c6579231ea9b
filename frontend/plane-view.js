/**
 * @import {Encoding} from './encodings.js'
 * @import {Anatomy} from './anatomy.js'
 * @import {Box, Point} from './geometry.js'
 * @import {Hole} from './holes.js'
 * @import {Run} from './contract'
 * @import {Mark} from './plane-marks.js'
 * @import {PlaneOptions} from './plane-figure.js'
 * @import {PlaneMoves} from './plane-plot.js'
 * @import {PointLook} from './point-painting.js'
 * @import {Points} from './points.js'
 * @import {Palette} from './theme.js'
 */
import { el, setText } from './dom.js';
import { fitBox } from './geometry.js';
import { ManifoldLayer } from './manifold-layer.js';
import { MARGIN } from './plane-figure.js';
import { PlaneMarks } from './plane-marks.js';
import { PlaneOverlay } from './plane-overlay.js';
import { PlanePlot } from './plane-plot.js';
import { PointLayer } from './point-layer.js';

/** A plane that is smaller than this shows nothing that could be told apart, in pixels. */
const SMALLEST = 40;

/**
 * What lies over the contours and the points.
 * @typedef {object} Parts
 * @property {readonly Hole[]} holes
 * @property {Anatomy | null} anatomy
 * @property {{from: Point, to: Point, at: Point} | null} path
 * @property {readonly Point[]} region
 */

/** The layers of a plane, one above the other: contours, decoded pictures, points, lines, marks and words. */
export class PlaneView {
  #canvas = el('canvas', { class: 'plane-points', attrs: { 'aria-hidden': 'true' } });
  #message = el('div', { class: 'plane-message' });
  #note = el('p', { class: 'plane-note', attrs: { hidden: true } });
  #overlay = new PlaneOverlay();
  #manifold = new ManifoldLayer();
  #marks = new PlaneMarks();
  #layer = new PointLayer(this.#canvas);
  #plot;
  #observer;
  /** What is painted. @type {Points | null} */
  painted = null;
  node;

  /**
   * @param {PlaneMoves} moves
   * @param {HTMLElement} tools
   * @param {() => void} onResize
   */
  constructor(moves, tools, onResize) {
    this.#plot = new PlanePlot(moves);
    this.node = el(
      'div',
      { class: 'plane', attrs: { tabindex: 0, role: 'application' } },
      this.#plot.node,
      this.#manifold.node,
      this.#canvas,
      this.#overlay.node,
      this.#marks.node,
      this.#note,
      this.#layer.note,
      this.#manifold.note,
      this.#message,
      tools,
    );
    this.#observer = new ResizeObserver(onResize);
    this.#observer.observe(this.node);
  }

  dispose() {
    this.#manifold.hide();
    this.#observer.disconnect();
    this.#layer.dispose();
    this.#plot.dispose();
  }

  /** In pixels; 0 as long as the plane has no place on the screen. */
  get size() {
    const { clientWidth: width, clientHeight: height } = this.node;
    return { width, height };
  }

  get viewport() {
    return this.#plot.viewport;
  }

  /** Whether a drag or a wheel zoom is under way. */
  get held() {
    return this.#plot.held;
  }

  get manifold() {
    return this.#manifold.shown;
  }

  /**
   * What is in view if the box is to be. The exact frame follows from Plotly's axes once it has drawn.
   * @param {Box} box
   */
  frame(box) {
    const { width, height } = this.size;
    const [across, down] = [width - MARGIN.l - MARGIN.r, height - MARGIN.t - MARGIN.b];
    return fitBox(box, Math.max(SMALLEST, across), Math.max(SMALLEST, down));
  }

  /**
   * Draws the contours, if they differ from what is on the screen.
   * @param {Omit<PlaneOptions, 'width' | 'height' | 'dragmode'>} options
   * @returns {Promise<boolean>} false if something else is drawn meanwhile
   */
  async draw(options) {
    const drawn = await this.#plot.show({ ...options, ...this.size, dragmode: coarsePointer.matches ? false : 'pan' });
    if (drawn && this.viewport) this.#overlay.project(this.viewport);
    return drawn;
  }

  /**
   * Puts the points where the axes are.
   * @param {Points} points
   * @param {PointLook} look
   */
  showPoints(points, look) {
    if (!this.viewport) return;
    this.#layer.show(points, look, this.viewport);
    this.painted = points;
  }

  /**
   * @param {Parts} parts
   * @param {Palette} palette
   */
  showParts({ holes, anatomy, path, region }, palette) {
    this.#overlay.showHoles(holes);
    this.#overlay.showAnatomy(anatomy, palette);
    this.#overlay.showPath(path);
    this.showRegion(region);
  }

  /** @param {readonly Point[]} polygon */
  showRegion(polygon) {
    this.#overlay.showRegion(polygon);
  }

  /**
   * Decoded pictures all over the plane, in place of the contours.
   * @param {Run | null} run null: they are not shown
   * @param {{shape: readonly number[] | undefined, palette: Palette, reason: string}} options shape of the pictures once it is known;
   *   reason: why there are none although they are wanted
   */
  showManifold(run, { shape, palette, reason }) {
    this.node.dataset['manifold'] = String(run !== null);
    if (!run) this.#manifold.hide(reason);
    else if (shape && this.viewport) this.#manifold.show(run, { viewport: this.viewport, shape, palette });
  }

  /**
   * @param {{marks: Mark[], drift: {from: Point, to: Point} | null, encoding: Encoding | null}} marks
   * @param {Palette} palette
   */
  showMarks({ marks, drift, encoding }, palette) {
    this.#overlay.showDrift(drift);
    this.#overlay.showEncoding(encoding);
    this.#marks.show(marks, this.viewport, palette);
  }

  /**
   * Shows another part of the plane in passing.
   * @param {Box} range
   */
  follow(range) {
    if (!this.viewport) return;
    this.#plot.follow(fitBox(range, this.viewport.width, this.viewport.height));
    this.project();
  }

  /** Moves all that lies over the contours to where the axes are now. */
  project() {
    if (!this.viewport) return;
    this.#layer.project(this.viewport);
    this.#manifold.project(this.viewport);
    this.#overlay.project(this.viewport);
  }

  /** @param {string} text what stands on a plane that has nothing to show */
  say(text) {
    if (text === this.#message.textContent) return;
    this.#message.replaceChildren(el('p', { text }));
    this.#message.hidden = text === '';
  }

  /** @param {string} note what is wrong with the grid, if something is */
  showNote(note) {
    setText(this.#note, note && 'Coarse grid: zoom in for detail');
    this.#note.title = note;
    this.#note.hidden = note === '';
  }
}

const coarsePointer = window.matchMedia('(pointer: coarse)');
