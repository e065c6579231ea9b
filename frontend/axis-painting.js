/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { number } from './format.js';
import { toPixel } from './viewport.js';

const TICK_PX = 3;

/** Pixels between two ticks, at least. */
const APART_PX = 48;

/** Ticks of an axis at most, however long it is. */
const MOST = 8;

/**
 * Round places along an axis.
 * @param {number} from
 * @param {number} to
 * @param {number} most how many at most
 * @returns {{values: number[], digits: number}} `digits` after the decimal point tell them apart
 */
export function ticks(from, to, most) {
  const rough = (to - from) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (/** @type {number} */ ([1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9))) || 10);
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return {
    values: Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step),
    digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
  };
}

/**
 * Thin axes to the left and below, with few ticks.
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Viewport} viewport
 * @param {{values: number[], digits: number, rise: (value: number) => number}} [heights] marks of an axis that is no
 *   coordinate, and where they stand
 */
export function paintAxes(context, palette, viewport, heights) {
  const { left, top, width, height, range } = viewport;
  const bottom = top + height;
  context.strokeStyle = palette.rule;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left - 0.5, top);
  context.lineTo(left - 0.5, bottom + 0.5);
  context.lineTo(left + width, bottom + 0.5);
  context.fillStyle = palette.muted;
  context.font = `12px ${palette.font}`;
  const across = ticks(range[0], range[1], Math.min(MOST, width / APART_PX));
  const up = heights ?? { ...ticks(range[2], range[3], Math.min(MOST, height / APART_PX)), rise: (/** @type {number} */ z2) => z2 };
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const z1 of across.values) {
    const [x] = toPixel(viewport, [z1, range[2]]);
    context.moveTo(x, bottom + 0.5);
    context.lineTo(x, bottom + TICK_PX);
    context.fillText(number(z1, across.digits), x, bottom + TICK_PX + 2);
  }
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const z2 of up.values) {
    const [, y] = toPixel(viewport, [range[0], up.rise(z2)]);
    context.moveTo(left - 0.5, y);
    context.lineTo(left - TICK_PX, y);
    context.fillText(number(z2, up.digits), left - TICK_PX - 2, y);
  }
  context.stroke();
}

/**
 * What the axes are called, at their ends inside the frame.
 * @param {CanvasRenderingContext2D} context
 * @param {Palette} palette
 * @param {Viewport} viewport
 * @param {readonly [string, string]} names
 */
export function paintAxisNames(context, palette, { left, top, width, height }, [across, up]) {
  context.font = `italic 13px ${palette.font}`;
  context.fillStyle = palette.ink;
  context.textAlign = 'right';
  context.textBaseline = 'alphabetic';
  context.fillText(across, left + width - 4, top + height - 6);
  context.textAlign = 'left';
  context.fillText(up, left + 4, top + 14);
}
