/** @import {PointLook} from './point-painting.js' */
/** @import {Points} from './points.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { fitCanvas } from './canvas-size.js';
import { thousands } from './data-words.js';
import { el, setText } from './dom.js';
import { forgetPaint, paintSoon } from './paint-queue.js';
import { paintNames, paintPoints } from './point-painting.js';
import { PointSprites } from './point-sprites.js';
import { chosenMedians, drawingOrder, hasShapes, pointStyle } from './points.js';

const MOVE_MS = 220;

/** More points than this jump: they could not be painted often enough to be seen moving. */
const MOST_MOVING = 4000;

/** @typedef {{label: number, z1: number, z2: number}} Name where the name of a class stands */

/**
 * The encoded test images and the names of their classes, on a canvas above the contours. A canvas,
 * because twelve panels of moving points are too many for SVG nodes and need more WebGL contexts
 * than browsers allow.
 */
export class PointLayer {
  #canvas;
  #context;
  #size = { width: 0, height: 0 };
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
  #order = new Int32Array();
  /** @type {Name[]} */
  #names = [];
  #frame = 0;
  /** Whether points are on their way to where they belong. */
  #moving = false;
  /** Whether there are so many classes that shapes tell them apart. */
  #shaped = false;
  /** That not all points are drawn, if so. */
  note = el('p', { class: 'plane-note points-note', attrs: { hidden: true } });

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  }

  /** @param {{width: number, height: number}} size of the plane */
  resize(size) {
    this.#size = size;
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
      this.#order = Int32Array.from(drawingOrder(look.chosen));
      this.#showNote(points);
    }
    if (moved) this.#shaped = hasShapes(points);
    if (moved) this.#moveTo(points);
    else {
      if (chosen) this.#names = this.#namesAt({ loc: this.#loc, label: points.label });
      this.#paintSoon();
    }
  }

  /** @param {Points} points */
  #showNote({ label, total }) {
    const drawn = this.#order.length;
    const kept = label.length < total ? `this epoch’s snapshot holds ${thousands(label.length)} of them, and these` : 'all of them';
    setText(this.note, `${thousands(drawn)} of ${thousands(total)} points drawn`);
    this.note.title = `Selection, counts, exported tables and the point nearest to the pointer know ${kept}`;
    this.note.hidden = drawn === total;
  }

  /** @param {Viewport} viewport */
  project(viewport) {
    this.#viewport = viewport;
    this.#paintSoon();
  }

  dispose() {
    cancelAnimationFrame(this.#frame);
    forgetPaint(this);
  }

  /** @param {Points} points */
  #moveTo({ loc: target, label }) {
    cancelAnimationFrame(this.#frame);
    const names = this.#namesAt({ loc: target, label });
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches || this.#order.length > MOST_MOVING;
    this.#moving = !still && this.#loc.length === target.length;
    if (!this.#moving) {
      this.#show(Float64Array.from(target), names);
      return;
    }
    this.#tell(false);
    const [from, namesFrom] = [this.#loc, this.#names];
    const begin = performance.now();
    const step = (/** @type {number} */ now) => {
      const t = Math.min(1, Math.max(0, now - begin) / MOVE_MS);
      this.#moving = t < 1;
      const eased = 1 - (1 - t) ** 3;
      const between = (/** @type {number} */ start, /** @type {number} */ end) => start + eased * (end - start);
      this.#show(
        from.map((start, i) => between(start, /** @type {number} */ (target[i]))),
        names.map((end) => {
          const start = namesFrom.find((name) => name.label === end.label) ?? end;
          return { label: end.label, z1: between(start.z1, end.z1), z2: between(start.z2, end.z2) };
        }),
      );
      if (this.#moving) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /**
   * @param {Float64Array} loc
   * @param {Name[]} names
   */
  #show(loc, names) {
    this.#loc = loc;
    this.#names = names;
    this.#paintSoon();
  }

  #paintSoon() {
    this.#tell(false);
    paintSoon(this);
  }

  /**
   * What a canvas does not tell: whether all is painted where it belongs.
   * @param {boolean} still
   */
  #tell(still) {
    const told = String(still);
    if (this.#canvas.dataset['still'] !== told) this.#canvas.dataset['still'] = told;
  }

  /**
   * @param {Pick<Points, 'loc' | 'label'>} points
   * @returns {Name[]} of the classes in colour
   */
  #namesAt(points) {
    return this.#look ? chosenMedians(points, this.#look.chosen, this.#order) : [];
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
    this.#tell(!this.#moving);
  }

  #fitCanvas() {
    const ratio = fitCanvas(this.#canvas, this.#size);
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#context.clearRect(0, 0, this.#size.width, this.#size.height);
  }

  /**
   * @param {number} count
   * @param {Palette} palette
   * @param {Viewport} viewport
   */
  #fitSprites(count, palette, viewport) {
    const ratio = window.devicePixelRatio;
    const style = pointStyle(count, Math.min(viewport.width, viewport.height));
    const look = { style, palette, ratio, shaped: this.#shaped };
    if (!this.#sprites?.fits(look)) this.#sprites = new PointSprites(look);
  }
}
