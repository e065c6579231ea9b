/**
 * @import {Density} from './density.js'
 * @import {Levels} from './levels.js'
 * @import {Palette} from './theme.js'
 * @import {Viewport} from './viewport.js'
 */
import { rgb } from './colors.js';
import { contourLines } from './contour-lines.js';
import { fieldPixels } from './field-pixels.js';
import { paintLine } from './line-painting.js';

/** Width of the lines between two bands. */
const LINE_PX = 0.7;

/**
 * Where the bands of a field meet, and where it ends: ends of short straight pieces, four numbers each, in
 * cells of the grid.
 * @param {Density} density
 * @param {Levels} levels
 * @returns {number[][]}
 */
export function fieldLines({ z1, values, outside, curves }, { start, step, count }) {
  if (curves) return [];
  const columns = z1.length;
  const lines = Array.from({ length: count }, (_, k) => contourLines(values, columns, start + k * step));
  if (!outside) return lines;
  return [...lines.map((pieces) => inside(pieces, outside, columns)), contourLines(outside, columns, 0)];
}

/**
 * @param {number[]} pieces
 * @param {Float64Array} outside above 0 where nothing is to be drawn
 * @param {number} columns
 */
function inside(pieces, outside, columns) {
  return pieces.filter((_, i) => {
    const [column, row] = [pieces[i - (i % 4)] ?? 0, pieces[i - (i % 4) + 1] ?? 0];
    return !(/** @type {number} */ (outside[Math.round(row) * columns + Math.round(column)]) > 0);
  });
}

/**
 * A field as filled contours.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Density} density that reaches over the whole viewport
 * @param {Levels} levels
 * @param {Palette} palette
 * @param {Viewport} viewport at whole pixels of the canvas
 * @param {{lines: number[][], ratio: number}} [known] the field's lines, and how many pixels of the canvas one on the screen has
 */
export function paintField(context, density, levels, palette, viewport, { lines, ratio } = { lines: fieldLines(density, levels), ratio: 1 }) {
  if (density.curves) {
    paintLine(context, density, palette, viewport, ratio);
    return;
  }
  const { colors, line } = palette.fields[density.field];
  const { left, top, width, height, range: box } = viewport;
  const pixels = fieldPixels(density, levels, { bands: colors.map(rgb), blank: rgb(palette.blank) }, { box, width, height });
  context.putImageData(new ImageData(pixels, width, height), left, top);
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = line;
  context.lineWidth = ratio * LINE_PX;
  for (const pieces of lines) stroke(context, density, pieces, viewport);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Density} density
 * @param {number[]} pieces
 * @param {Viewport} viewport
 */
function stroke(context, { z1, z2 }, pieces, { left, top, width, height, range }) {
  const unit1 = width / (range[1] - range[0]);
  const unit2 = height / (range[3] - range[2]);
  const x0 = left + (at(z1, 0) - range[0]) * unit1;
  const y0 = top + (range[3] - at(z2, 0)) * unit2;
  const dx = ((at(z1, z1.length - 1) - at(z1, 0)) / (z1.length - 1)) * unit1;
  const dy = ((at(z2, z2.length - 1) - at(z2, 0)) / (z2.length - 1)) * unit2;
  context.beginPath();
  for (let i = 0; i < pieces.length; i += 4) {
    context.moveTo(x0 + at(pieces, i) * dx, y0 - at(pieces, i + 1) * dy);
    context.lineTo(x0 + at(pieces, i + 2) * dx, y0 - at(pieces, i + 3) * dy);
  }
  context.stroke();
}

/**
 * @param {ArrayLike<number>} values
 * @param {number} i
 */
const at = (values, i) => /** @type {number} */ (values[i]);
