/** @import {ClassShape} from './colors.js' */
/** @import {Palette} from './theme.js' */
import { classColor, classShape } from './colors.js';

/** @typedef {{radius: number, opacity: number, outline: number}} PointStyle */

/** How much farther than a circle the corners of a shape of the same area reach. */
const LARGEST = 1.5;

/** Points drawn once for each colour and then copied: much faster than a path for every point. */
export class PointSprites {
  #style;
  #palette;
  /** Device pixels per pixel. */
  ratio;
  /** @type {Map<number, HTMLCanvasElement>} */
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
    this.side = 2 * Math.ceil((LARGEST * style.radius + style.outline) * ratio) + 1;
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
  of(label) {
    let sprite = this.#sprites.get(label);
    if (!sprite) {
      sprite = label < 0 ? this.#draw(this.#palette.faded, 'circle') : this.#draw(classColor(label), classShape(label));
      this.#sprites.set(label, sprite);
    }
    return sprite;
  }

  /**
   * @param {string} color
   * @param {ClassShape} shape
   */
  #draw(color, shape) {
    const canvas = document.createElement('canvas');
    canvas.width = this.side;
    canvas.height = this.side;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const { radius, opacity, outline } = this.#style;
    context.globalAlpha = opacity;
    context.fillStyle = color;
    context.strokeStyle = this.#palette.ground;
    context.lineWidth = outline * this.ratio;
    context.beginPath();
    outlineShape(context, shape, this.side / 2, radius * this.ratio);
    context.fill();
    context.stroke();
    return canvas;
  }
}

/**
 * All shapes have about the area of the circle.
 * @param {CanvasRenderingContext2D} context
 * @param {ClassShape} shape
 * @param {number} middle
 * @param {number} radius of the circle
 */
function outlineShape(context, shape, middle, radius) {
  if (shape === 'circle') {
    context.arc(middle, middle, radius, 0, 2 * Math.PI);
    return;
  }
  /** @type {Record<Exclude<ClassShape, 'circle'>, [number, number][]>} */
  const corners = {
    square: [[-0.89, -0.89], [0.89, -0.89], [0.89, 0.89], [-0.89, 0.89]],
    triangle: [[0, -1.42], [1.23, 0.71], [-1.23, 0.71]],
    diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
  };
  for (const [x, y] of corners[shape]) context.lineTo(middle + radius * x, middle + radius * y);
  context.closePath();
}
