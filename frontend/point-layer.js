/** @import {Points} from './points.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { classMedians } from './geometry.js';
import { forgetPaint, paintSoon } from './paint-queue.js';
import { PointSprites } from './point-sprites.js';
import { chosenClasses, drawingOrder, pointStyle } from './points.js';
import { toPixel } from './viewport.js';

const MOVE_MS = 220;

/**
 * @typedef {object} PointLook
 * @property {Uint8Array} chosen 1 for the points in colour; the same array as long as they are the same
 * @property {string[]} labelNames
 * @property {Palette} palette
 */

/**
 * The encoded test images and the names of their classes, on a canvas above the contours. A canvas,
 * because twelve panels of moving points are too many for SVG nodes and need more WebGL contexts
 * than browsers allow.
 */
export class PointLayer {
  #canvas;
  #context;
  /** @type {Points | null} */
  #points = null;
  /** @type {PointLook | null} */
  #look = null;
  /** @type {Viewport | null} */
  #viewport = null;
  /** @type {PointSprites | null} */
  #sprites = null;
  /**
   * What is painted: differs from the points while they move.
   * @type {Float64Array}
   */
  #loc = new Float64Array();
  /** @type {number[]} */
  #order = [];
  /** @type {{label: number, z1: number, z2: number}[]} of the classes in colour */
  #names = [];
  #frame = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  }

  /**
   * @param {Points} points
   * @param {PointLook} look
   * @param {Viewport} viewport
   */
  show(points, look, viewport) {
    const moved = points !== this.#points;
    const chosen = look.chosen !== this.#look?.chosen;
    this.#look = look;
    this.#viewport = viewport;
    this.#points = points;
    if (chosen) this.#order = drawingOrder(look.chosen);
    if (moved) this.#moveTo(points.loc);
    else {
      if (chosen) this.#placeNames();
      paintSoon(this);
    }
  }

  /** @param {Viewport} viewport */
  project(viewport) {
    this.#viewport = viewport;
    paintSoon(this);
  }

  dispose() {
    cancelAnimationFrame(this.#frame);
    forgetPaint(this);
  }

  /** @param {Float64Array} target */
  #moveTo(target) {
    cancelAnimationFrame(this.#frame);
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (still || this.#loc.length !== target.length) {
      this.#setPlaces(Float64Array.from(target));
      return;
    }
    const from = this.#loc;
    const begin = performance.now();
    const step = (/** @type {number} */ now) => {
      const t = Math.min(1, Math.max(0, now - begin) / MOVE_MS);
      const eased = 1 - (1 - t) ** 3;
      this.#setPlaces(
        from.map((start, i) => start + eased * (/** @type {number} */ (target[i]) - start)),
      );
      if (t < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** @param {Float64Array} loc */
  #setPlaces(loc) {
    this.#loc = loc;
    this.#placeNames();
    paintSoon(this);
  }

  #placeNames() {
    if (!this.#points || !this.#look) return;
    const shown = chosenClasses(this.#points, this.#look.chosen);
    this.#names = classMedians(this.#loc, this.#points.label).filter(({ label }) => shown.has(label));
  }

  paint() {
    const viewport = this.#viewport;
    if (!this.#points || !this.#look || !viewport) return;
    const context = this.#context;
    this.#fitCanvas();
    context.save();
    context.beginPath();
    context.rect(viewport.left, viewport.top, viewport.width, viewport.height);
    context.clip();
    this.#paintPoints(this.#points, this.#look, viewport);
    this.#paintNames(this.#look, viewport);
    context.restore();
  }

  #fitCanvas() {
    const ratio = window.devicePixelRatio;
    const width = Math.round(this.#canvas.clientWidth * ratio);
    const height = Math.round(this.#canvas.clientHeight * ratio);
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#context.clearRect(0, 0, width, height);
  }

  /**
   * @param {Points} points
   * @param {PointLook} look
   * @param {Viewport} viewport
   */
  #paintPoints({ label }, { chosen, palette }, viewport) {
    const context = this.#context;
    const ratio = window.devicePixelRatio;
    const style = pointStyle(label.length, Math.min(viewport.width, viewport.height));
    if (!this.#sprites?.fits(style, palette, ratio)) this.#sprites = new PointSprites(style, palette, ratio);
    const sprites = this.#sprites;
    const half = (sprites.side - 1) / 2;
    const { left, top, width, height, range } = viewport;
    const unit = (ratio * width) / (range[1] - range[0]);
    const x0 = ratio * left - range[0] * unit - half;
    const unit2 = (ratio * height) / (range[3] - range[2]);
    const y0 = ratio * (top + height) + range[2] * unit2 - half;
    const [right, bottom] = [ratio * (left + width), ratio * (top + height)];
    context.setTransform(1, 0, 0, 1, 0, 0);
    for (const i of this.#order) {
      const x = Math.floor(x0 + /** @type {number} */ (this.#loc[2 * i]) * unit);
      const y = Math.floor(y0 - /** @type {number} */ (this.#loc[2 * i + 1]) * unit2);
      if (x > right || y > bottom || x + sprites.side < 0 || y + sprites.side < 0) continue;
      context.drawImage(sprites.of(chosen[i] ? /** @type {number} */ (label[i]) : -1), x, y);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /**
   * @param {PointLook} look
   * @param {Viewport} viewport
   */
  #paintNames({ labelNames, palette }, viewport) {
    const context = this.#context;
    context.font = `700 13px ${palette.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.lineWidth = 4;
    context.strokeStyle = palette.ground;
    context.fillStyle = palette.ink;
    for (const { label, z1, z2 } of this.#names) {
      const [x, y] = toPixel(viewport, [z1, z2]);
      const name = labelNames[label] ?? String(label);
      context.strokeText(name, x, y);
      context.fillText(name, x, y);
    }
  }
}
