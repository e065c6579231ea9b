/**
 * Gives a canvas as many pixels as its place on the screen has.
 * @param {HTMLCanvasElement} canvas
 * @param {{width: number, height: number}} size in pixels of the page
 * @returns {number} device pixels to one of the page
 */
export function fitCanvas(canvas, size) {
  const ratio = window.devicePixelRatio;
  const width = Math.round(size.width * ratio);
  const height = Math.round(size.height * ratio);
  // Setting the size of a canvas empties it, even if it is the same.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return ratio;
}
