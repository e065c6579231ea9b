/**
 * @import {Density} from './density.js'
 * @import {Box} from './geometry.js'
 * @import {Figure, Trace} from './plotly.js'
 * @import {Levels} from './levels.js'
 * @import {Palette} from './theme.js'
 */
import { number } from './format.js';
import { clamp } from './geometry.js';
import { heightTicks, heights, lineColor, riseOf } from './line-painting.js';
import { plainAxis, plainLayout } from './plain-figure.js';

/**
 * @param {Density} density
 * @param {Float64Array} values
 */
function rowsOf({ z1, z2 }, values) {
  return Array.from(z2, (_, row) => values.subarray(row * z1.length, (row + 1) * z1.length));
}

/**
 * The field as filled contours.
 * @param {Density} density
 * @param {Levels} levels
 * @param {Palette} palette
 * @returns {Trace}
 */
export function contourTrace(density, { start, step, count }, palette) {
  const { z1, z2, values, field } = density;
  const { colors, line } = palette.fields[field];
  const last = colors.length - 1;
  return {
    type: 'contour',
    x: z1,
    y: z2,
    z: rowsOf(density, values),
    autocontour: false,
    contours: { start, end: start + (count - 1) * step, size: step, coloring: 'fill' },
    colorscale: colors.map((color, i) => [i / last, color]),
    line: { color: line, width: 0.7, smoothing: 0.7 },
    showscale: false,
    hoverinfo: 'skip',
  };
}

/**
 * Flat grey where the field says nothing.
 * @param {Density} density
 * @param {Float64Array} outside
 * @param {Palette} palette
 * @returns {Trace}
 */
function blankTrace(density, outside, palette) {
  return {
    type: 'contour',
    x: density.z1,
    y: density.z2,
    z: rowsOf(density, outside),
    autocontour: false,
    // Plotly fills where a constraint does not hold.
    contours: { type: 'constraint', operation: '<', value: 0 },
    fillcolor: palette.blank,
    line: { color: palette.fields[density.field].line, width: 0.7, smoothing: 0.7 },
    showscale: false,
    showlegend: false,
    hoverinfo: 'skip',
  };
}

/**
 * @param {Density} density
 * @param {Levels} levels
 * @param {Palette} palette
 * @returns {Trace[]}
 */
function fieldTraces(density, levels, palette) {
  if (density.curves) return lineTraces(density, palette);
  const filled = contourTrace(density, levels, palette);
  return density.outside ? [filled, blankTrace(density, density.outside, palette)] : [filled];
}

/**
 * Both densities of a line, or their log-ratio.
 * @param {Density} density
 * @param {Palette} palette
 * @returns {Trace[]}
 */
function lineTraces(density, palette) {
  const { field, z1, curves, values } = density;
  const rise = riseOf(heights(density));
  const trace = (/** @type {Float64Array} */ of, /** @type {(v: number) => number} */ height, /** @type {object} */ line) => ({
    type: 'scatter', mode: 'lines', x: z1, y: Array.from(of, (v) => rise(height(v))), line, hoverinfo: 'skip',
  });
  if (field === 'log_ratio' || !curves) return [trace(values, (v) => clamp(v, -5, 5), { color: palette.ink, width: 2 })];
  return [
    trace(curves.posterior, Math.exp, { color: lineColor(palette, 'aggregated_posterior'), width: 2, dash: field === 'prior' ? 'dash' : 'solid' }),
    trace(curves.prior, Math.exp, { color: lineColor(palette, 'prior'), width: 2, dash: field === 'prior' ? 'solid' : 'dash' }),
  ];
}

/**
 * Marks along the heights of a line.
 * @param {Density} density
 */
function heightMarks(density) {
  const { values, digits, rise } = heightTicks(density);
  return { tickmode: 'array', tickvals: values.map(rise), ticktext: values.map((v) => number(v, digits)) };
}

/**
 * @typedef {object} PlaneOptions
 * @property {Density | null} density
 * @property {Levels} levels
 * @property {Box} range with equal units on both axes
 * @property {number} width
 * @property {number} height
 * @property {readonly [string, string]} axes what they are called
 * @property {Palette} palette
 */

/**
 * A panel without its points, for figures that leave the page.
 * @param {PlaneOptions} options
 * @returns {Figure}
 */
export function planeFigure({ density, levels, range, width, height, axes, palette }) {
  const axis = {
    ...plainAxis(palette),
    nticks: Math.max(5, Math.round(Math.min(width, height) / 60)),
  };
  return {
    data: density ? fieldTraces(density, levels, palette) : [],
    layout: {
      ...plainLayout(palette),
      width,
      height,
      hovermode: false,
      dragmode: false,
      xaxis: { ...axis, range: [range[0], range[1]] },
      yaxis: { ...axis, range: [range[2], range[3]], ...(density?.curves ? heightMarks(density) : { scaleanchor: 'x', scaleratio: 1 }) },
      annotations: axisNames(palette, axes),
    },
  };
}

/**
 * What the axes are called, at their ends inside the plot.
 * @param {Palette} palette
 * @param {readonly [string, string]} axes
 */
export function axisNames(palette, [across, up]) {
  const name = { xref: 'paper', yref: 'paper', showarrow: false, font: { size: 12, color: palette.ink } };
  return [
    { ...name, x: 1, y: 0, xanchor: 'right', yanchor: 'bottom', text: `<i>${across}</i>` },
    ...(up ? [{ ...name, x: 0, y: 1, xanchor: 'left', yanchor: 'top', text: `<i>${up}</i>` }] : []),
  ];
}
