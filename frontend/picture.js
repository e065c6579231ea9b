/** @import {Picture} from './typed-array.js' */
/** @import {Triple} from './colors.js' */

/**
 * Draws a picture pixel for pixel; the style sheet enlarges it without smoothing. Grey values run
 * from paper to ink, so that a digit is dark on light and light on dark with the theme.
 * @param {HTMLCanvasElement} canvas
 * @param {Picture} picture
 * @param {{paper: Triple, ink: Triple}} colors
 */
export function drawPicture(canvas, picture, { paper, ink }) {
  const { pixels, width, height, channels } = picture;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
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

/**
 * The picture as an address that images can have.
 * @param {Picture} picture
 * @param {{paper: Triple, ink: Triple}} colors
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
 * @param {{paper: Triple, ink: Triple}} colors
 * @param {number} side
 * @returns {string}
 */
export function sharpPictureUrl(picture, colors, side) {
  const small = document.createElement('canvas');
  drawPicture(small, picture, colors);
  const scale = Math.max(1, Math.min(16, Math.ceil(side / Math.max(picture.width, picture.height))));
  const large = document.createElement('canvas');
  large.width = scale * picture.width;
  large.height = scale * picture.height;
  const context = large.getContext('2d');
  if (context) {
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, large.width, large.height);
  }
  return large.toDataURL();
}
