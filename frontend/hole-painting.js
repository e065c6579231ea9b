/** @import {Hole} from './holes.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { toPixel } from './viewport.js';

/** A hole smaller than this is outlined without its number, unless it is among the first. */
const NUMBERED_PX = 14;

/**
 * Outlines of the holes with their ranks, as in the panels.
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Hole[]} holes
 * @param {Palette} palette
 * @param {Viewport} viewport
 */
export function paintHoles(context, holes, palette, viewport) {
  for (const { rings, rank } of holes) {
    const path = new Path2D();
    for (const ring of rings) {
      ring.forEach((point, i) => (i ? path.lineTo(...toPixel(viewport, point)) : path.moveTo(...toPixel(viewport, point))));
      path.closePath();
    }
    stroke(context, path, palette.ground, 4.5, 0.75, []);
    stroke(context, path, palette.hole, 2, 1, [6, 3.5]);
    const heights = (rings[0] ?? []).map((point) => toPixel(viewport, point));
    const top = heights.reduce((best, point) => (point[1] < best[1] ? point : best), heights[0] ?? [0, 0]);
    const lowest = Math.max(...heights.map(([, y]) => y));
    if (lowest - top[1] >= NUMBERED_PX || rank <= 3) paintNumber(context, String(rank), top[0], Math.max(viewport.top + 12, top[1] - 3), palette);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {string} color
 * @param {number} width
 * @param {number} opacity
 * @param {number[]} dash
 */
function stroke(context, path, color, width, opacity, dash) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.globalAlpha = opacity;
  context.setLineDash(dash);
  context.stroke(path);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {Palette} palette
 */
function paintNumber(context, text, x, y, palette) {
  context.font = `700 12px ${palette.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.lineJoin = 'round';
  context.lineWidth = 3.5;
  context.strokeStyle = palette.ground;
  context.fillStyle = palette.hole;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}
