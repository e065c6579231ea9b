/** @import {Pixels} from './typed-array.js' */
/** @import {Triple} from './colors.js' */
/** @import {Vector} from './feature-bars.js' */
import { barsOf, vectorInWords } from './feature-bars.js';

/**
 * What there is to see of one row of a data set, or of what a decoder makes.
 * @typedef {Pixels | Vector} Picture
 */

/** @typedef {{paper: Triple, ink: Triple}} PictureColors grey values run from paper to ink, bars are of ink on paper */

/** Pictures with sides of at least so many pixels are mostly shown smaller than they are, and then smoothed. */
const FINE = 40;

/**
 * @param {Picture} picture
 * @returns {picture is Vector}
 */
export function isVector(picture) {
  return 'values' in picture;
}

/**
 * What a small picture is called: bars without names do not tell their values.
 * @param {string} name
 * @param {Picture} picture
 */
export function named(name, picture) {
  return isVector(picture) ? `${name}: ${vectorInWords(picture)}` : name;
}

/**
 * Draws a picture pixel for pixel, or the bars of a vector; the style sheet gives it its size.
 * @param {HTMLCanvasElement} canvas
 * @param {Picture} picture
 * @param {PictureColors} colors
 */
export function drawPicture(canvas, picture, colors) {
  if (isVector(picture)) drawBars(canvas, picture, colors);
  else drawPixels(canvas, picture, colors);
}

/**
 * Tells the style sheet how to enlarge or reduce a picture.
 * @param {Picture} picture
 * @returns {'coarse' | 'fine' | 'bars'}
 */
export function grainOf(picture) {
  if (isVector(picture)) return 'bars';
  return Math.max(picture.width, picture.height) < FINE ? 'coarse' : 'fine';
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Picture} picture
 * @param {{width: number, height: number}} size
 */
function fit(canvas, picture, { width, height }) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.dataset['grain'] = grainOf(picture);
}

/**
 * Grey pictures are dark on light and light on dark with the theme; colour ones are as they are.
 * @param {HTMLCanvasElement} canvas
 * @param {Pixels} picture
 * @param {PictureColors} colors
 */
function drawPixels(canvas, picture, { paper, ink }) {
  const { pixels, width, height, channels } = picture;
  fit(canvas, picture, picture);
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const value = /** @type {number} */ (pixels[channels === 1 ? i : i * channels + c]);
      const from = /** @type {number} */ (paper[c]);
      const to = /** @type {number} */ (ink[c]);
      image.data[4 * i + c] = channels === 1 ? from + ((to - from) * value) / 255 : value;
    }
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** Width and height of a small chart of bars, in pixels of its canvas: twice of what it is on most screens. */
const CHART = { width: 120, height: 96, margin: 6 };

/** With more bars than this there is no room for gaps between them. */
const GAPPED = 16;

/** A bar is never lower than this: it would look as if it were missing. */
const LOWEST = 3;

/**
 * A bar for each feature, as high as its value lies on the range of the training rows; one that lies
 * beyond the range has a notch at that end.
 * @param {HTMLCanvasElement} canvas
 * @param {Vector} vector
 * @param {PictureColors} colors
 */
function drawBars(canvas, vector, { paper, ink }) {
  const bars = barsOf(vector);
  fit(canvas, vector, CHART);
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height, margin } = CHART;
  context.fillStyle = `rgb(${paper.join()})`;
  context.fillRect(0, 0, width, height);
  context.fillStyle = `rgb(${ink.join()})`;
  const pitch = (width - 2 * margin) / Math.max(1, bars.length);
  const gap = bars.length <= GAPPED ? Math.max(1, pitch / 5) : 0;
  const tallest = height - 2 * margin;
  bars.forEach(({ share, beyond }, i) => {
    const tall = Math.max(LOWEST, share * tallest);
    const [left, top] = [margin + i * pitch + gap / 2, height - margin - tall];
    context.fillRect(left, top, pitch - gap, tall);
    if (!beyond) return;
    const notch = beyond === 'above' ? top + 5 : height - margin + 2;
    if (beyond === 'above') context.clearRect(left, notch, pitch - gap, 3);
    else context.fillRect(left, notch, pitch - gap, 2);
  });
}

/**
 * The picture as an address that images can have.
 * @param {Picture} picture
 * @param {PictureColors} colors
 * @returns {string}
 */
export function pictureUrl(picture, colors) {
  const canvas = document.createElement('canvas');
  drawPicture(canvas, picture, colors);
  return canvas.toDataURL();
}

/**
 * The same for figures that smooth what they enlarge: with its pixels as squares, and sides of about
 * as many pixels as the figure has.
 * @param {Picture} picture
 * @param {PictureColors} colors
 * @param {number} side
 * @returns {string}
 */
export function sharpPictureUrl(picture, colors, side) {
  const small = document.createElement('canvas');
  drawPicture(small, picture, colors);
  const scale = Math.max(1, Math.min(16, Math.ceil(side / Math.max(small.width, small.height))));
  const large = document.createElement('canvas');
  large.width = scale * small.width;
  large.height = scale * small.height;
  const context = large.getContext('2d');
  if (context) {
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, large.width, large.height);
  }
  return large.toDataURL();
}
