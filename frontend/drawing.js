/** @import {DatasetInfo} from './contract' */
/** @import {Pixels} from './typed-array.js' */

/**
 * A picture that is drawn by hand: the level of each cell, row by row, from 0 to `levels - 1`.
 * @typedef {object} Drawing
 * @property {number} height
 * @property {number} width
 * @property {number} levels that a cell can have, at least 2
 * @property {Uint8Array} cells
 */

/** A stroke is full this far from its middle, in pen widths... */
const CORE = 0.5;
/** ...and ends here. Its soft edge is what makes it look like a scanned pen. */
const EDGE = 1.25;

/**
 * @param {number[]} shape height and width
 * @param {number} levels
 * @returns {Drawing}
 */
export function blank([height = 1, width = 1], levels) {
  return { height, width, levels, cells: new Uint8Array(height * width) };
}

/** Pictures of more pixels are too fine to draw by hand, and too long for the address. */
const MOST_CELLS = 48 * 48;

/**
 * @param {Pick<DatasetInfo, 'image_shape' | 'num_values'>} dataset
 * @returns {string} why its pictures cannot be drawn by hand; empty if they can
 */
export function whyNotDrawn({ image_shape: shape, num_values: levels }) {
  const [height = 0, width = 0] = shape;
  if (shape.length === 0) return 'The rows of this data set are no pictures: there is nothing to draw by hand.';
  if (shape.length === 3) return 'The pictures of this data set have colours: only grey ones can be drawn by hand.';
  if (levels === null) return 'The pixels of this data set are real numbers: only pictures with levels of grey can be drawn by hand.';
  return height * width > MOST_CELLS ? `Pictures of ${height}×${width} pixels are too fine to draw by hand.` : '';
}

/**
 * An empty picture of a data set.
 * @param {Pick<DatasetInfo, 'image_shape' | 'num_values'> | null} dataset null as long as it is not known
 * @returns {Drawing | null} null where there is nothing to draw by hand
 */
export function blankFor(dataset) {
  return dataset && !whyNotDrawn(dataset) ? blank(dataset.image_shape, /** @type {number} */ (dataset.num_values)) : null;
}

/** @param {Drawing} drawing */
export const isBlank = ({ cells }) => cells.every((level) => level === 0);

/** Pen widths, as parts of the picture's width; never less than a cell. @type {Record<Nib, number>} */
const NIBS = { fine: 1 / 16, broad: 1 / 8 };

/** @typedef {'fine' | 'broad'} Nib */

/**
 * @param {Nib} nib
 * @param {number} width of the picture, in cells
 * @returns {number} in cells
 */
const penWidth = (nib, width) => Math.max(1, NIBS[nib] * width);

/**
 * Whether a fine and a broad pen differ.
 * @param {Drawing} drawing
 */
export const hasNibs = ({ width }) => penWidth('broad', width) > penWidth('fine', width);

/**
 * How much ink a stroke from one place to another leaves in a cell, 0 to 1.
 * @param {number} distance from the middle of the stroke, in cells
 * @param {number} unit width of the pen, in cells
 */
function ink(distance, unit) {
  return Math.min(1, Math.max(0, (EDGE * unit - distance) / ((EDGE - CORE) * unit)));
}

/**
 * The drawing after a straight stroke. Places are in cells: (0, 0) is the top left corner of the
 * first cell.
 * @param {Drawing} drawing
 * @param {readonly [number, number]} from
 * @param {readonly [number, number]} to
 * @param {{erase?: boolean, nib?: Nib}} [pen]
 * @returns {Drawing}
 */
export function stroke(drawing, from, to, { erase = false, nib = 'fine' } = {}) {
  const { width, levels } = drawing;
  const unit = penWidth(nib, width);
  const cells = drawing.cells.map((level, i) => {
    const middle = /** @type {const} */ ([(i % width) + 0.5, Math.floor(i / width) + 0.5]);
    const share = ink(distanceToSegment(middle, from, to), unit);
    const target = Math.round(share * (levels - 1));
    return erase ? Math.min(level, levels - 1 - target) : Math.max(level, target);
  });
  return { ...drawing, cells };
}

/**
 * @param {readonly [number, number]} point
 * @param {readonly [number, number]} from
 * @param {readonly [number, number]} to
 */
function distanceToSegment([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - t * dx, y - y0 - t * dy);
}

/**
 * The drawing with one cell changed.
 * @param {Drawing} drawing
 * @param {number} index
 * @param {number} level
 * @returns {Drawing}
 */
export function withCell(drawing, index, level) {
  const cells = drawing.cells.slice();
  cells[index] = Math.min(drawing.levels - 1, Math.max(0, level));
  return { ...drawing, cells };
}

/**
 * @param {Drawing} drawing
 * @returns {Pixels}
 */
export function pictureOf({ height, width, levels, cells }) {
  return { height, width, channels: 1, pixels: cells.map((level) => Math.round((255 * level) / (levels - 1))) };
}

/**
 * A picture of the data set as something to draw on.
 * @param {Pixels} picture in grey
 * @param {number} levels
 * @returns {Drawing}
 */
export function drawingOf({ height, width, pixels }, levels) {
  return { height, width, levels, cells: pixels.map((value) => Math.round((value * (levels - 1)) / 255)) };
}

/**
 * Brightness 0 to 255 by rows, as the server takes pictures; exact, not rounded.
 * @param {Drawing} drawing
 * @returns {number[][]}
 */
export function brightness({ height, width, levels, cells }) {
  return Array.from({ length: height }, (_, row) =>
    Array.from({ length: width }, (_, column) => (255 * /** @type {number} */ (cells[row * width + column])) / (levels - 1)),
  );
}

/**
 * For the address: one byte for each cell.
 * @param {Drawing} drawing
 * @returns {string} empty if nothing is drawn
 */
export function toText(drawing) {
  if (isBlank(drawing)) return '';
  const text = btoa(String.fromCharCode(...drawing.cells));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/**
 * @param {string} text
 * @param {Drawing} empty of the pictures that the text is meant for
 * @returns {Drawing} empty where the text belongs to pictures of another shape
 */
export function fromText(text, empty) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const fits = bytes.length === empty.cells.length && bytes.every((level) => level < empty.levels);
    return fits ? { ...empty, cells: bytes } : empty;
  } catch {
    return empty;
  }
}
