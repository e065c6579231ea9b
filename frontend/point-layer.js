/** @import {PointLook} from './point-painting.js' */
/** @import {Points} from './points.js' */
/** @import {Viewport} from './viewport.js' */
import { paintNames, paintPoints } from './point-painting.js';

const MOVE_MS = 220;

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
  /** What is painted: differs from the points while they move. */
  #loc = new Float64Array();
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
    this.#look = look;
    this.#viewport = viewport;
    const moved = points !== this.#points;
    this.#points = points;
    if (moved) this.#moveTo(points.loc);
    else this.#paint();
  }

  /** @param {Viewport} viewport */
  project(viewport) {
    this.#viewport = viewport;
    this.#paint();
  }

  dispose() {
    cancelAnimationFrame(this.#frame);
  }

  /** @param {Float64Array} target */
  #moveTo(target) {
    cancelAnimationFrame(this.#frame);
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (still || this.#loc.length !== target.length) {
      this.#loc = Float64Array.from(target);
      this.#paint();
      return;
    }
    const from = Float64Array.from(this.#loc);
    const begin = performance.now();
    const step = (/** @type {number} */ now) => {
      const t = Math.min(1, Math.max(0, now - begin) / MOVE_MS);
      const eased = 1 - (1 - t) ** 3;
      for (let i = 0; i < target.length; i++) {
        const start = /** @type {number} */ (from[i]);
        this.#loc[i] = start + eased * (/** @type {number} */ (target[i]) - start);
      }
      this.#paint();
      if (t < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  #paint() {
    const viewport = this.#viewport;
    if (!this.#points || !this.#look || !viewport) return;
    const context = this.#context;
    this.#fitCanvas();
    context.save();
    context.beginPath();
    context.rect(viewport.left, viewport.top, viewport.width, viewport.height);
    context.clip();
    paintPoints(context, this.#points.label, this.#loc, this.#look, viewport);
    paintNames(context, this.#points.label, this.#loc, this.#look, viewport);
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
}
