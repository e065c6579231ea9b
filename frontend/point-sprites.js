/** @import {ClassShape} from './colors.js' */
/** @import {Sprite} from './point-pixels.js' */
/** @import {Palette} from './theme.js' */
import { classColor, classShape } from './colors.js';

/** @typedef {{radius: number, opacity: number, outline: number}} PointStyle */

/**
 * @typedef {object} SpriteLook
 * @property {PointStyle} style
 * @property {Palette} palette
 * @property {number} ratio device pixels per pixel
 * @property {boolean} shaped whether there are other shapes than circles
 */

/** How much farther than a circle the corners of a shape of the same area reach. */
const LARGEST = 1.5;

/** Points drawn once for each colour, to be copied. */
export class PointSprites {
  #look;
  /** @type {Map<number, Sprite>} */
  #sprites = new Map();
  /** In device pixels, and odd, so that a point has its middle in the middle of a pixel. */
  side;

  /** @param {SpriteLook} look */
  constructor(look) {
    this.#look = look;
    const { style, ratio, shaped } = look;
    this.side = 2 * Math.ceil(((shaped ? LARGEST : 1) * style.radius + style.outline) * ratio) + 1;
  }

  /** Device pixels per pixel. */
  get ratio() {
    return this.#look.ratio;
  }

  /**
   * Whether these serve for such points, too.
   * @param {SpriteLook} look
   */
  fits({ style, palette, ratio, shaped }) {
    const own = this.#look;
    const same = style.radius === own.style.radius && style.opacity === own.style.opacity;
    return same && palette === own.palette && ratio === own.ratio && shaped === own.shaped;
  }

  /** @param {number} label of its class; −1 for points that are not chosen */
  of = (label) => {
    let sprite = this.#sprites.get(label);
    if (!sprite) {
      sprite = label < 0 ? this.#draw(this.#look.palette.faded, 'circle') : this.#draw(classColor(label), classShape(label));
      this.#sprites.set(label, sprite);
    }
    return sprite;
  };

  /**
   * @param {string} color
   * @param {ClassShape} shape
   */
  #draw(color, shape) {
    const canvas = document.createElement('canvas');
    canvas.width = this.side;
    canvas.height = this.side;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
    const { style: { radius, opacity, outline }, palette, ratio } = this.#look;
    context.globalAlpha = opacity;
    context.fillStyle = color;
    context.strokeStyle = palette.ground;
    context.lineWidth = outline * ratio;
    context.beginPath();
    outlineShape(context, shape, this.side / 2, radius * ratio);
    context.fill();
    context.stroke();
    const { data } = context.getImageData(0, 0, this.side, this.side);
    return Uint8Array.from(data, (value, i) => (i % 4 === 3 ? value : Math.round((value * /** @type {number} */ (data[i - (i % 4) + 3])) / 255)));
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
