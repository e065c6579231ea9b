/** @import {Sprite} from './point-pixels.js' */
/** @import {Palette} from './theme.js' */
import { classColor } from './colors.js';

/** @typedef {{radius: number, opacity: number, outline: number}} PointStyle */

/** Points drawn once for each colour, to be copied. */
export class PointSprites {
  #style;
  #palette;
  /** Device pixels per pixel. */
  ratio;
  /** @type {Map<number, Sprite>} */
  #sprites = new Map();
  /** In device pixels, and odd, so that a point has its middle in the middle of a pixel. */
  side;

  /**
   * @param {PointStyle} style
   * @param {Palette} palette
   * @param {number} ratio device pixels per pixel
   */
  constructor(style, palette, ratio) {
    this.#style = style;
    this.#palette = palette;
    this.ratio = ratio;
    this.side = 2 * Math.ceil((style.radius + style.outline) * ratio) + 1;
  }

  /**
   * Whether these serve for such points, too.
   * @param {PointStyle} style
   * @param {Palette} palette
   * @param {number} ratio
   */
  fits(style, palette, ratio) {
    const same = style.radius === this.#style.radius && style.opacity === this.#style.opacity;
    return same && palette === this.#palette && ratio === this.ratio;
  }

  /** @param {number} label of its class; −1 for points that are not chosen */
  of = (label) => {
    let sprite = this.#sprites.get(label);
    if (!sprite) {
      sprite = this.#draw(label < 0 ? this.#palette.faded : classColor(label));
      this.#sprites.set(label, sprite);
    }
    return sprite;
  };

  /** @param {string} color */
  #draw(color) {
    const canvas = document.createElement('canvas');
    canvas.width = this.side;
    canvas.height = this.side;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
    const { radius, opacity, outline } = this.#style;
    context.globalAlpha = opacity;
    context.fillStyle = color;
    context.strokeStyle = this.#palette.ground;
    context.lineWidth = outline * this.ratio;
    context.beginPath();
    context.arc(this.side / 2, this.side / 2, radius * this.ratio, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    const { data } = context.getImageData(0, 0, this.side, this.side);
    return Uint8Array.from(data, (value, i) => (i % 4 === 3 ? value : Math.round((value * /** @type {number} */ (data[i - (i % 4) + 3])) / 255)));
  }
}
