/** @import {Density} from './density.js' */
/** @import {Box} from './geometry.js' */
/** @import {Levels} from './levels.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { paintAxes, paintAxisNames } from './axis-painting.js';
import { fitCanvas } from './canvas-size.js';
import { el } from './dom.js';
import { FieldBitmap } from './field-bitmap.js';
import { heightTicks } from './line-painting.js';
import { forgetPaint, paintSoon } from './paint-queue.js';

/** Room for the axes, in pixels. */
const MARGIN = { left: 32, top: 1, right: 1, bottom: 21 };

/** A frame has at least this side, in pixels. */
const SMALLEST = 40;

/**
 * @typedef {object} PlotOptions
 * @property {Density | null} density
 * @property {Levels} levels
 * @property {Box} range with equal units on both axes
 * @property {readonly [string, string] | null} axes what they are called; null: no need to say so here
 * @property {Palette} palette
 */

/**
 * Where the frame lies on a plane of this size.
 * @param {{width: number, height: number}} size
 */
export function frameOf({ width, height }) {
  const { left, top, right, bottom } = MARGIN;
  return { left, top, width: Math.max(SMALLEST, width - left - right), height: Math.max(SMALLEST, height - top - bottom) };
}

/**
 * The contours of a field with axes, on a canvas: twelve panels that move together leave no time for
 * nodes of a document, and what is seen first waits for no library.
 */
export class PlanePlot {
  #canvas = el('canvas', { attrs: { 'aria-hidden': 'true' } });
  #context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
  #bitmap = new FieldBitmap();
  /** @type {PlotOptions | null} */
  #options = null;
  #size = { width: 0, height: 0 };
  /** @type {Viewport | null} */
  viewport = null;
  node = el('div', { class: 'plane-plot' }, this.#canvas);

  dispose() {
    forgetPaint(this);
  }

  /**
   * @param {PlotOptions} options
   * @param {{width: number, height: number}} size of the plane
   */
  show(options, size) {
    const { density, levels, range, palette } = options;
    this.#options = options;
    this.#size = size;
    this.viewport = { ...frameOf(size), range };
    this.#bitmap.update(density, levels, palette, this.viewport, window.devicePixelRatio);
    forgetPaint(this);
    this.paint();
  }

  /**
   * Shows another part of the plane in passing: the contours are moved, not painted anew.
   * @param {Box} range
   */
  moveTo(range) {
    if (!this.viewport) return;
    this.viewport = { ...this.viewport, range };
    paintSoon(this);
  }

  paint() {
    const { viewport } = this;
    if (!viewport || !this.#options) return;
    const { palette, axes, density } = this.#options;
    const { left, top, width, height } = viewport;
    const context = this.#context;
    const ratio = fitCanvas(this.#canvas, this.#size);
    context.save();
    context.fillStyle = palette.ground;
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.beginPath();
    context.rect(Math.round(ratio * left), Math.round(ratio * top), Math.round(ratio * width), Math.round(ratio * height));
    context.clip();
    this.#bitmap.draw(context, viewport, ratio);
    context.restore();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintAxes(context, palette, viewport, density?.curves && heightTicks(density));
    if (axes) paintAxisNames(context, palette, viewport, axes);
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.#tell(viewport, this.#options);
  }

  /**
   * What a canvas does not tell: where the frame lies, which part of the plane is in it, and what is painted, of which epoch.
   * @param {Viewport} viewport
   * @param {PlotOptions} options
   */
  #tell({ left, top, width, height, range }, { density, levels: { start, step, count } }) {
    Object.assign(this.node.dataset, {
      field: density?.field ?? '',
      epoch: density?.epoch ?? '',
      levels: [start, step, count].join(' '),
      frame: [left, top, width, height].join(' '),
      range: range.join(' '),
    });
  }
}
