/**
 * @import {ShownAnatomy} from './anatomy.js'
 * @import {Ellipse} from './ellipse.js'
 * @import {Box, Point} from './geometry.js'
 * @import {Hole} from './holes.js'
 * @import {LatentPlane} from './latent-plane.js'
 * @import {Run} from './contract'
 * @import {Mark} from './plane-marks.js'
 * @import {PlotOptions} from './plane-plot.js'
 * @import {PointLook} from './point-painting.js'
 * @import {Points} from './points.js'
 * @import {Palette} from './theme.js'
 */
import { el, setText } from './dom.js';
import { framed } from './latent-plane.js';
import { ManifoldLayer } from './manifold-layer.js';
import { PlaneMarks } from './plane-marks.js';
import { PlaneOverlay } from './plane-overlay.js';
import { PlanePlot, frameOf } from './plane-plot.js';
import { PointLayer } from './point-layer.js';

/**
 * What lies over the contours and the points.
 * @typedef {object} Parts
 * @property {readonly Hole[]} holes
 * @property {ShownAnatomy | null} anatomy
 * @property {{from: Point, to: Point, at: Point} | null} path
 * @property {readonly Point[]} region
 */

/** The layers of a plane, one above the other: contours, decoded pictures, points, lines, marks and words. */
export class PlaneView {
  #canvas = el('canvas', { class: 'plane-points', attrs: { 'aria-hidden': 'true' } });
  #message = el('div', { class: 'plane-message' });
  #note = el('p', { class: 'plane-note', attrs: { hidden: true } });
  #reading = el('p', { class: 'plane-reading', attrs: { hidden: true } });
  #overlay = new PlaneOverlay();
  #manifold = new ManifoldLayer();
  #marks = new PlaneMarks();
  #layer = new PointLayer(this.#canvas);
  #plot = new PlanePlot();
  #observer;
  /** Once it has been told. @type {{width: number, height: number} | null} */
  #size = null;
  /** What is painted. @type {Points | null} */
  painted = null;
  node;

  /**
   * @param {HTMLElement} tools
   * @param {() => void} onResize
   */
  constructor(tools, onResize) {
    this.node = el(
      'div',
      { class: 'plane', attrs: { tabindex: 0, role: 'application' } },
      this.#plot.node,
      this.#manifold.node,
      this.#canvas,
      this.#overlay.node,
      this.#marks.node,
      this.#reading,
      this.#note,
      this.#layer.note,
      this.#manifold.note,
      this.#message,
      tools,
    );
    this.#observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      this.#size = { width: Math.round(width), height: Math.round(height) };
      onResize();
    });
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
    // Whoever asks the document has it laid out anew, for every panel once.
    if (this.#size) return this.#size;
    const { clientWidth: width, clientHeight: height } = this.node;
    return { width, height };
  }

  get viewport() {
    return this.#plot.viewport;
  }

  get manifold() {
    return this.#manifold.shown;
  }

  /**
   * What is in view if the box is to be.
   * @param {Readonly<Box>} box
   * @param {LatentPlane} plane
   * @returns {Box}
   */
  frame(box, plane) {
    const { width, height } = frameOf(this.size);
    return framed(plane, box, width, height);
  }

  /** @param {PlotOptions} options */
  draw(options) {
    this.#plot.show(options, this.size);
    this.#layer.resize(this.size);
    if (this.viewport) this.#overlay.project(this.viewport);
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
   * @param {{shape: readonly number[] | undefined, plane: LatentPlane, palette: Palette, reason: string}} options shape of the
   *   pictures once it is known; reason: why there are none although they are wanted
   */
  showManifold(run, { shape, plane, palette, reason }) {
    this.node.dataset['manifold'] = String(run !== null);
    if (!run) this.#manifold.hide(reason);
    else if (shape && this.viewport) this.#manifold.show(run, { viewport: this.viewport, shape, plane, palette });
  }

  /**
   * @param {{marks: Mark[], drift: {from: Point, to: Point} | null, encoding: Ellipse | null}} marks
   * @param {Palette} palette
   */
  showMarks({ marks, drift, encoding }, palette) {
    this.#overlay.showDrift(drift);
    this.#overlay.showEncoding(encoding);
    this.#marks.show(marks, this.viewport, palette);
  }

  /**
   * Shows another part of the plane in passing.
   * @param {Readonly<Box>} range
   * @param {LatentPlane} plane
   */
  moveTo(range, plane) {
    if (!this.viewport) return;
    this.#plot.moveTo(this.frame(range, plane));
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

  /**
   * How densities are read on the plane, which is always to be seen.
   * @param {{text: string, title: string}} reading
   */
  showReading({ text, title }) {
    setText(this.#reading, text);
    this.#reading.title = title;
    this.#reading.hidden = text === '';
  }

  /** @param {string} note what is wrong with the grid, if something is */
  showNote(note) {
    setText(this.#note, note && 'Coarse grid: zoom in for detail');
    this.#note.title = note;
    this.#note.hidden = note === '';
  }
}
