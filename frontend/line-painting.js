/** @import {Density} from './density.js' */
/** @import {Field} from './state.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { ticks } from './axis-painting.js';
import { CURVES, ROWS } from './latent-plane.js';
import { RATIO_LEVELS } from './levels.js';
import { toPixel } from './viewport.js';

/** Nats that a log-ratio is drawn to, up and down. */
const RATIO = -RATIO_LEVELS.start;

const CURVE_PX = 2;

/** So many marks stand along the heights. */
const MARKS = 4;

/**
 * What the curves of a line go from and to, from bottom to top.
 * @param {Density} density
 * @returns {{low: number, high: number}}
 */
export function heights({ field, curves }) {
  if (field === 'log_ratio' || !curves) return { low: -RATIO, high: RATIO };
  const highest = [...curves.prior, ...curves.posterior].reduce((most, v) => Math.max(most, v), -Infinity);
  return { low: 0, high: Number.isFinite(highest) ? Math.exp(highest) : 1 };
}

/**
 * Where values stand in the frame, from 0 at its bottom to 1 at its top.
 * @param {{low: number, high: number}} heights
 * @returns {(value: number) => number}
 */
export const riseOf = ({ low, high }) => (value) => CURVES.bottom + ((value - low) / (high - low)) * (CURVES.top - CURVES.bottom);

/**
 * @param {Density} density
 * @returns {{values: number[], digits: number, rise: (value: number) => number}} marks along the heights
 */
export function heightTicks(density) {
  const span = heights(density);
  return { ...ticks(span.low, span.high, MARKS), rise: riseOf(span) };
}

/**
 * The densities of a line as curves, that of the field in front; or their log-ratio around 0.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {Density} density
 * @param {Palette} palette
 * @param {Viewport} viewport
 * @param {number} ratio pixels of the canvas to one of the screen
 */
export function paintLine(context, density, palette, viewport, ratio) {
  const { field, curves, values, z1, outside } = density;
  if (!curves) return;
  const { left, top, width, height, range } = viewport;
  const rise = riseOf(heights(density));
  const places = (/** @type {(i: number) => number} */ value) => Array.from(z1, (z, i) => toPixel(viewport, [z, rise(value(i))]));
  const base = toPixel(viewport, [range[0], rise(field === 'log_ratio' ? 0 : heights(density).low)])[1];
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.fillStyle = palette.ground;
  context.fillRect(left, top, width, height);
  context.lineWidth = ratio * CURVE_PX;
  context.lineJoin = 'round';
  if (field === 'log_ratio') {
    const points = places((i) => Math.min(RATIO, Math.max(-RATIO, /** @type {number} */ (values[i]))));
    const inside = (/** @type {number} */ i) => !(/** @type {number} */ (outside?.[i] ?? -1) > 0);
    const { colors } = palette.fields.log_ratio;
    fill(context, points, base, (i) => (inside(i) ? /** @type {number} */ (values[i]) : NaN), { up: colors.at(-2) ?? '', down: colors[1] ?? '' });
    stroke(context, points, palette.ink, inside);
  } else {
    /** @type {('prior' | 'posterior')[]} */
    const order = field === 'prior' ? ['posterior', 'prior'] : ['prior', 'posterior'];
    order.forEach((name, at) => {
      const points = places((i) => Math.exp(/** @type {number} */ (curves[name][i])));
      const color = lineColor(palette, name === 'prior' ? 'prior' : 'aggregated_posterior');
      context.globalAlpha = at === 1 ? 0.28 : 0.12;
      fill(context, points, base, () => 1, { up: color, down: color });
      context.globalAlpha = 1;
      context.setLineDash(at === 1 ? [] : [5 * ratio, 4 * ratio]);
      stroke(context, points, color, () => true);
      context.setLineDash([]);
    });
  }
  context.fillStyle = palette.rule;
  context.fillRect(left, Math.round(base), width, Math.max(1, Math.round(ratio)));
  const under = toPixel(viewport, [range[0], (CURVES.bottom + ROWS.top) / 2])[1];
  if (field === 'log_ratio') context.fillRect(left, Math.round(under), width, Math.max(1, Math.round(ratio)));
  context.restore();
}

/**
 * A thin curve has to be told from the ground more clearly than a filled contour.
 * @param {Palette} palette
 * @param {Exclude<Field, 'log_ratio'>} field
 */
export const lineColor = (palette, field) => palette.runs[field === 'prior' ? 0 : 3] ?? palette.ink;

/**
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {[number, number][]} points
 * @param {number} base
 * @param {(i: number) => number} sign NaN: nothing is filled there
 * @param {{up: string, down: string}} colors
 */
function fill(context, points, base, sign, { up, down }) {
  for (const [color, wanted] of /** @type {const} */ ([[up, 1], [down, -1]])) {
    context.fillStyle = color;
    context.beginPath();
    points.forEach(([x, y], i) => {
      const [nextX, nextY] = points[i + 1] ?? [x, y];
      if (i + 1 >= points.length || Math.sign(sign(i)) !== wanted || Number.isNaN(sign(i + 1))) return;
      context.moveTo(x, base);
      context.lineTo(x, y);
      context.lineTo(nextX + 0.5, nextY);
      context.lineTo(nextX + 0.5, base);
    });
    context.fill();
  }
}

/**
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {[number, number][]} points
 * @param {string} color
 * @param {(i: number) => boolean} shown
 */
function stroke(context, points, color, shown) {
  context.strokeStyle = color;
  context.beginPath();
  points.forEach(([x, y], i) => {
    if (shown(i) && i > 0 && shown(i - 1)) context.lineTo(x, y);
    else context.moveTo(x, y);
  });
  context.stroke();
}
