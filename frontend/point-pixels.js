/**
 * How a point looks, pixel by pixel: red, green, blue and alpha, colours multiplied by alpha.
 * @typedef {Uint8Array} Sprite
 */

/**
 * Points as pixels, the later above the earlier ones. Ten thousand of them take a few milliseconds: a tenth
 * of what it takes to copy as many pictures onto a canvas.
 * @param {{loc: Float64Array, label: Int32Array, chosen: Uint8Array, order: ArrayLike<number>}} points `loc` holds pairs;
 *   `order`: rows as they are painted
 * @param {{side: number, of: (label: number) => Sprite}} sprites `side` is odd; the label of points that are not chosen is −1
 * @param {{width: number, height: number, x: (z1: number) => number, y: (z2: number) => number}} frame in pixels
 * @returns {Uint8ClampedArray<ArrayBuffer>} red, green, blue, alpha of each pixel, by rows from the top
 */
export function pointPixels({ loc, label, chosen, order }, { side, of }, { width, height, x, y }) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  const half = (side - 1) / 2;
  for (let k = 0; k < order.length; k++) {
    const i = /** @type {number} */ (order[k]);
    const left = Math.floor(x(/** @type {number} */ (loc[2 * i]))) - half;
    const top = Math.floor(y(/** @type {number} */ (loc[2 * i + 1]))) - half;
    if (!(left < width && top < height && left + side > 0 && top + side > 0)) continue;
    lay(pixels, width, height, of(chosen[i] ? /** @type {number} */ (label[i]) : -1), side, left, top);
  }
  return straight(pixels);
}

/**
 * Lays a sprite over what is there.
 * @param {Uint8ClampedArray} pixels with colours multiplied by alpha
 * @param {number} width
 * @param {number} height
 * @param {Sprite} sprite
 * @param {number} side
 * @param {number} left
 * @param {number} top
 */
function lay(pixels, width, height, sprite, side, left, top) {
  const [from, to] = [Math.max(0, -left), Math.min(side, width - left)];
  for (let row = Math.max(0, -top); row < side && top + row < height; row++) {
    let at = 4 * ((top + row) * width + left + from);
    let s = 4 * (row * side + from);
    for (let column = from; column < to; column++, at += 4, s += 4) {
      const alpha = /** @type {number} */ (sprite[s + 3]);
      if (alpha === 0) continue;
      const rest = (255 - alpha) / 255;
      for (let c = 0; c < 4; c++) {
        pixels[at + c] = /** @type {number} */ (sprite[s + c]) + /** @type {number} */ (pixels[at + c]) * rest;
      }
    }
  }
}

/**
 * Takes alpha out of the colours again.
 * @template {Uint8ClampedArray} T
 * @param {T} pixels
 * @returns {T}
 */
function straight(pixels) {
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = /** @type {number} */ (pixels[i + 3]);
    if (alpha === 0 || alpha === 255) continue;
    const factor = 255 / alpha;
    for (let c = 0; c < 3; c++) pixels[i + c] = /** @type {number} */ (pixels[i + c]) * factor;
  }
  return pixels;
}
