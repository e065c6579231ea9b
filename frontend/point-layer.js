/** @import {PointLook} from './point-painting.js' */
/** @import {Points} from './points.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { thousands } from './data-words.js';
import { el, setText } from './dom.js';
import { forgetPaint, paintSoon } from './paint-queue.js';
import { paintNames, paintPoints } from './point-painting.js';
import { PointSprites } from './point-sprites.js';
import { chosenMedians, drawingOrder, pointStyle } from './points.js';

const MOVE_MS = 220;

/** More points than this jump: they could not be painted often enough to be seen moving. */
const MOST_MOVING = 4000;

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
  /** That not all points are drawn, if so. */
  note = el('p', { class: 'plane-note points-note', attrs: { hidden: true } });

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
    if (chosen) {
      this.#order = drawingOrder(look.chosen);
      this.#showNote(look.chosen.length);
    }
    if (moved) this.#moveTo(points.loc);
    else {
      if (chosen) this.#placeNames();
      paintSoon(this);
    }
  }

  /** @param {number} count of points that there are */
  #showNote(count) {
    const drawn = this.#order.length;
    setText(this.note, `${thousands(drawn)} of ${thousands(count)} points drawn`);
    this.note.title = 'Selection, counts, exported tables and the point nearest to the pointer are of all of them';
    this.note.hidden = drawn === count;
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
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches || this.#order.length > MOST_MOVING;
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
    this.#names = chosenMedians({ loc: this.#loc, label: this.#points.label }, this.#look.chosen, this.#order);
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
    this.#fitSprites(this.#order.length, this.#look.palette, viewport);
    const { label } = this.#points;
    const sprites = /** @type {PointSprites} */ (this.#sprites);
    paintPoints(context, { label, loc: this.#loc, chosen: this.#look.chosen, order: this.#order }, sprites, viewport);
    paintNames(context, this.#names, this.#look, viewport);
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
   * @param {number} count
   * @param {Palette} palette
   * @param {Viewport} viewport
   */
  #fitSprites(count, palette, viewport) {
    const ratio = window.devicePixelRatio;
    const style = pointStyle(count, Math.min(viewport.width, viewport.height));
    if (!this.#sprites?.fits(style, palette, ratio)) this.#sprites = new PointSprites(style, palette, ratio);
  }
}
