/** @import {Palette} from './theme.js' */
/** @import {Picture} from './picture.js' */
import { drawPicture } from './picture.js';

/** Side of a picture, and of the gap between two, in pixels of the image. */
const SIDE = 96;
const GAP = 4;

/**
 * Pictures in a row as one image, each pixel a sharp square.
 * @param {Picture[]} pictures of one shape
 * @param {Palette} palette
 * @returns {HTMLCanvasElement}
 */
export function stripCanvas(pictures, palette) {
  const tiles = pictures.map((picture) => {
    const tile = document.createElement('canvas');
    drawPicture(tile, picture, palette.picture);
    return tile;
  });
  const { width = 1, height = 1 } = tiles[0] ?? {};
  const scale = Math.max(1, Math.round(SIDE / Math.max(width, height)));
  const strip = document.createElement('canvas');
  strip.width = pictures.length * (scale * width + GAP) + GAP;
  strip.height = scale * height + 2 * GAP;
  const context = strip.getContext('2d');
  if (!context) return strip;
  context.fillStyle = palette.ground;
  context.fillRect(0, 0, strip.width, strip.height);
  context.imageSmoothingEnabled = false;
  tiles.forEach((tile, i) => {
    context.drawImage(tile, GAP + i * (scale * width + GAP), GAP, scale * width, scale * height);
  });
  return strip;
}
