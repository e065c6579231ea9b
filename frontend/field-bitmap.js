/**
 * @import {Density} from './density.js'
 * @import {Box} from './geometry.js'
 * @import {Levels} from './levels.js'
 * @import {Palette} from './theme.js'
 * @import {Viewport} from './viewport.js'
 */
import { fieldLines, paintField } from './field-painting.js';

/** Painted beyond the frame on each side, as a share of it: a small pan shows no edge. */
const MARGIN = 0.12;

/** A field as it was painted last. While the frame moves it is moved along; when it rests it is painted anew. */
export class FieldBitmap {
  #canvas = document.createElement('canvas');
  #context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
  /** What is painted reaches over this part of the plane. @type {Box | null} */
  #box = null;
  #painted = '';
  /** @type {{density: Density, levels: string, lines: number[][]} | null} */
  #contours = null;

  /**
   * @param {Density | null} density
   * @param {Levels} levels
   * @param {Palette} palette
   * @param {Viewport} viewport
   * @param {number} ratio device pixels to one of the screen
   */
  update(density, levels, palette, viewport, ratio) {
    const part = density && partInView(density.bounds, viewport, ratio);
    if (!density || !part) {
      this.#box = null;
      this.#painted = '';
      return;
    }
    const lines = this.#linesOf(density, levels);
    const key = JSON.stringify([part, palette.ground]);
    if (key === this.#painted) return;
    this.#painted = key;
    this.#box = part.range;
    this.#canvas.width = part.width;
    this.#canvas.height = part.height;
    paintField(this.#context, density, levels, palette, part, { lines, ratio });
  }

  /**
   * @param {Density} density
   * @param {Levels} levels
   */
  #linesOf(density, levels) {
    const key = JSON.stringify(levels);
    if (this.#contours?.density !== density || this.#contours.levels !== key) {
      this.#contours = { density, levels: key, lines: fieldLines(density, levels) };
      this.#painted = '';
    }
    return this.#contours.lines;
  }

  /**
   * @param {CanvasRenderingContext2D} context in device pixels
   * @param {Viewport} viewport
   * @param {number} ratio
   */
  draw(context, viewport, ratio) {
    if (!this.#box) return;
    const { left, top, width, height, range } = viewport;
    const unit1 = (ratio * width) / (range[1] - range[0]);
    const unit2 = (ratio * height) / (range[3] - range[2]);
    const x = Math.round(ratio * left) + (this.#box[0] - range[0]) * unit1;
    const y = Math.round(ratio * top) + (range[3] - this.#box[3]) * unit2;
    const [across, down] = [(this.#box[1] - this.#box[0]) * unit1, (this.#box[3] - this.#box[2]) * unit2];
    // As it was painted it needs no smoothing, which would blur it.
    const same = Math.abs(across - this.#canvas.width) < 0.01 && Math.abs(down - this.#canvas.height) < 0.01;
    if (same) context.drawImage(this.#canvas, Math.round(x), Math.round(y));
    else context.drawImage(this.#canvas, x, y, across, down);
  }
}

/**
 * The frame and somewhat more, as far as the field is known, at whole pixels of the frame.
 * @param {Box} bounds of the field
 * @param {Viewport} viewport
 * @param {number} ratio
 * @returns {Viewport | null} in device pixels; null: nothing of the field is in view
 */
function partInView(bounds, { width, height, range }, ratio) {
  const [across, down] = [Math.round(ratio * width), Math.round(ratio * height)];
  const unit1 = (ratio * width) / (range[1] - range[0]);
  const unit2 = (ratio * height) / (range[3] - range[2]);
  const left = Math.max(Math.round(-MARGIN * across), Math.ceil((bounds[0] - range[0]) * unit1));
  const right = Math.min(Math.round((1 + MARGIN) * across), Math.floor((bounds[1] - range[0]) * unit1));
  const top = Math.max(Math.round(-MARGIN * down), Math.ceil((range[3] - bounds[3]) * unit2));
  const bottom = Math.min(Math.round((1 + MARGIN) * down), Math.floor((range[3] - bounds[2]) * unit2));
  if (right <= left || bottom <= top) return null;
  return {
    left: 0,
    top: 0,
    width: right - left,
    height: bottom - top,
    range: [range[0] + left / unit1, range[0] + right / unit1, range[3] - bottom / unit2, range[3] - top / unit2],
  };
}
