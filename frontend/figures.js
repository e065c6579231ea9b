/**
 * @import {Box} from './geometry.js'
 * @import {Hole} from './holes.js'
 * @import {History, WireDensity, WirePoints} from './contract'
 * @import {Figure, Trace} from './plotly.js'
 * @import {Levels} from './levels.js'
 * @import {Field} from './state.js'
 * @import {Palette} from './theme.js'
 */
import { classColor } from './colors.js';
import { classMedians } from './geometry.js';
import { floats, integers } from './typed-array.js';

/**
 * Log density, or log-ratio, on a grid: `values[row = z2][column = z1]`.
 * @typedef {object} Density
 * @property {Field} field
 * @property {Float64Array} z1
 * @property {Float64Array} z2
 * @property {Float64Array} values
 * @property {Box} bounds
 * @property {number} checkpoint
 * @property {string} note what is wrong with the grid, if something is
 * @property {Float64Array} [outside] above 0 where a log-ratio says nothing: neither the prior nor the data is there
 */

/**
 * Encoded test images: the means of q(z|x).
 * @typedef {object} Points
 * @property {Float64Array} loc rows of `latentDim` coordinates
 * @property {number} latentDim
 * @property {Int32Array} label
 * @property {Int32Array} index row in the data set's file order
 * @property {number} checkpoint
 */

/**
 * @param {WireDensity} wire
 * @returns {Density}
 */
export function densityOf(wire) {
  return {
    field: wire.field,
    note: wire.note ?? '',
    z1: floats(wire.z1).values,
    z2: floats(wire.z2).values,
    values: floats(wire.values).values,
    bounds: wire.bounds,
    checkpoint: wire.checkpoint,
  };
}

/**
 * Where a log-ratio says nothing, since hardly any of the prior and hardly any data are there.
 * Positive there, negative elsewhere, so that 0 is the edge.
 * @param {Density} ratio
 * @param {Density} prior on the same grid
 * @param {{prior: number, posterior: number}} edge log densities around the regions that hold nearly all of each
 * @returns {Float64Array}
 */
export function outsideOf(ratio, prior, edge) {
  return ratio.values.map((value, i) => {
    const logPrior = /** @type {number} */ (prior.values[i]);
    return Math.min(edge.prior - logPrior, edge.posterior - (logPrior - value));
  });
}

/**
 * @param {WirePoints} wire
 * @returns {Points}
 */
export function pointsOf(wire) {
  const loc = floats(wire.loc);
  return {
    loc: loc.values,
    latentDim: loc.shape[1] ?? 0,
    label: integers(wire.label).values,
    index: integers(wire.index).values,
    checkpoint: wire.checkpoint,
  };
}

/**
 * How points are drawn: the more, the smaller and fainter; the larger the panel, the larger.
 * @param {number} count
 * @param {number} side of the panel in pixels
 * @returns {{radius: number, opacity: number, outline: number}}
 */
export function pointStyle(count, side) {
  const crowd = Math.min(1, Math.max(0, Math.log10(Math.max(count, 1) / 200) / 2));
  const zoom = Math.min(1.6, Math.max(0.8, Math.sqrt(side / 280)));
  return { radius: zoom * (3.5 - 2.2 * crowd), opacity: 0.95 - 0.45 * crowd, outline: 0.9 - 0.5 * crowd };
}

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
  const filled = contourTrace(density, levels, palette);
  return density.outside ? [filled, blankTrace(density, density.outside, palette)] : [filled];
}

/**
 * @typedef {object} PlaneOptions
 * @property {Density | null} density
 * @property {Levels} levels
 * @property {Box} range with equal units on both axes
 * @property {number} width
 * @property {number} height
 * @property {boolean} named whether the axes say z1 and z2
 * @property {'pan' | false} dragmode
 * @property {Palette} palette
 */

/** Room for the tick labels, in pixels. */
export const MARGIN = { l: 30, r: 1, t: 1, b: 21 };

/**
 * One panel without its points, which lie on a canvas above it.
 * @param {PlaneOptions} options
 * @returns {Figure}
 */
export function planeFigure({ density, levels, range, width, height, named, dragmode, palette }) {
  const axis = {
    showgrid: false,
    zeroline: false,
    nticks: Math.max(5, Math.round(Math.min(width, height) / 60)),
    ticks: 'outside',
    ticklen: 3,
    tickcolor: palette.rule,
    tickfont: { size: 12, color: palette.muted },
    showline: true,
    linecolor: palette.rule,
    linewidth: 1,
  };
  return {
    data: density ? fieldTraces(density, levels, palette) : [],
    layout: {
      width,
      height,
      margin: { ...MARGIN, pad: 0 },
      paper_bgcolor: palette.ground,
      plot_bgcolor: palette.ground,
      font: { family: palette.font, size: 12, color: palette.muted },
      hovermode: false,
      dragmode,
      showlegend: false,
      uirevision: 'view',
      xaxis: { ...axis, range: [range[0], range[1]], uirevision: `${range[0]} ${range[1]}` },
      yaxis: {
        ...axis,
        range: [range[2], range[3]],
        uirevision: `${range[2]} ${range[3]}`,
        scaleanchor: 'x',
        scaleratio: 1,
      },
      annotations: named ? axisNames(palette) : [],
    },
  };
}

/**
 * z1 and z2 at the ends of their axes, inside the plot.
 * @param {Palette} palette
 */
function axisNames(palette) {
  const name = { xref: 'paper', yref: 'paper', showarrow: false, font: { size: 12, color: palette.ink } };
  return [
    { ...name, x: 1, y: 0, xanchor: 'right', yanchor: 'bottom', text: '<i>z</i><sub>1</sub>' },
    { ...name, x: 0, y: 1, xanchor: 'left', yanchor: 'top', text: '<i>z</i><sub>2</sub>' },
  ];
}

/**
 * The points as a trace: for figures that leave the page.
 * @param {Points} points
 * @param {{selected: (label: number) => boolean, palette: Palette, side: number}} look
 * @returns {Trace}
 */
export function pointsTrace(points, { selected, palette, side }) {
  const { radius, opacity, outline } = pointStyle(points.label.length, side);
  const order = drawingOrder(points.label, selected);
  return {
    type: 'scatter',
    mode: 'markers',
    x: order.map((i) => points.loc[2 * i]),
    y: order.map((i) => points.loc[2 * i + 1]),
    marker: {
      size: 2 * radius,
      opacity,
      color: order.map((i) => pointColor(/** @type {number} */ (points.label[i]), selected, palette)),
      line: { color: palette.ground, width: outline },
    },
    hoverinfo: 'skip',
  };
}

/**
 * Rows of points as they are painted: those that are not selected lie below.
 * @param {Int32Array} label
 * @param {(label: number) => boolean} selected
 * @returns {number[]}
 */
export function drawingOrder(label, selected) {
  const rows = Array.from(label, (_, i) => i);
  const chosen = (/** @type {number} */ i) => selected(/** @type {number} */ (label[i]));
  return [...rows.filter((i) => !chosen(i)), ...rows.filter(chosen)];
}

/**
 * @param {number} label
 * @param {(label: number) => boolean} selected
 * @param {Palette} palette
 */
export function pointColor(label, selected, palette) {
  return selected(label) ? classColor(label) : palette.faded;
}

/**
 * A panel as it leaves the page, complete: title, points, class names and pins.
 * @param {PlaneOptions & {
 *   title: string,
 *   points: Points | null,
 *   labelNames: string[],
 *   selected: (label: number) => boolean,
 *   pins: {number: number, z: number[]}[],
 *   holes: readonly Hole[],
 * }} options
 * @returns {Figure}
 */
export function exportFigure(options) {
  const { points, selected, palette, pins, holes, labelNames, title } = options;
  const figure = planeFigure({ ...options, named: true });
  const side = Math.min(options.width, options.height);
  const medians = points ? classMedians(points.loc, points.label).filter((m) => selected(m.label)) : [];
  const mark = { showarrow: false, font: { size: 12, color: palette.ink, family: palette.font } };
  const pinned = { ...mark, bgcolor: palette.ink, font: { ...mark.font, color: palette.ground } };
  return {
    data: [
      ...figure.data,
      ...(points ? [pointsTrace(points, { selected, palette, side })] : []),
      ...holes.flatMap(({ rings }) =>
        rings.map((ring) => ({
          type: 'scatter',
          mode: 'lines',
          x: [...ring, ring[0]].map((point) => point?.[0]),
          y: [...ring, ring[0]].map((point) => point?.[1]),
          line: { color: palette.hole, width: 2, dash: 'dash' },
          hoverinfo: 'skip',
        })),
      ),
    ],
    layout: {
      ...figure.layout,
      title: { text: escapeText(title), font: { size: 16, color: palette.ink }, x: 0, xref: 'paper', y: 0.98 },
      margin: { l: 36, r: 12, t: 36, b: 28, pad: 0 },
      annotations: [
        ...axisNames(palette),
        ...medians.map(({ label, z1, z2 }) => ({
          ...mark,
          x: z1,
          y: z2,
          text: `<b>${escapeText(labelNames[label] ?? String(label))}</b>`,
          font: { ...mark.font, size: 15 },
          bgcolor: palette.ground,
          opacity: 0.85,
          borderpad: 1,
        })),
        ...holes.map(({ rank, rings }) => {
          const top = (rings[0] ?? []).reduce((best, point) => (point[1] > best[1] ? point : best), rings[0]?.[0] ?? [0, 0]);
          return { ...mark, x: top[0], y: top[1], yshift: 8, text: `<b>${rank}</b>`, font: { ...mark.font, color: palette.hole } };
        }),
        ...pins.map(({ number, z }) => ({ ...pinned, x: z[0], y: z[1], text: String(number) })),
      ],
    },
  };
}

/**
 * Plotly reads a little HTML in its texts; names are only ever text.
 * @param {string} text
 */
export function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * A run in the plot of the training curves.
 * @typedef {{title: string, history: History}} Curve
 */

/**
 * Training curves of several runs: the validation −ELBO as a line, the training one as dots.
 * @param {Curve[]} curves
 * @param {{width: number, height: number, labelled: boolean, palette: Palette}} options `labelled`:
 *   names stand at the ends of the curves
 * @returns {Figure}
 */
export function trainingFigure(curves, { width, height, labelled, palette }) {
  const drawn = curves.map((curve, i) => ({
    ...curve,
    color: /** @type {string} */ (palette.runs[i % palette.runs.length]),
    train: curve.history.train.elbo.map((v) => -v),
    validation: curve.history.validation.elbo.map((v) => -v),
  }));
  const longest = Math.max(10, ...drawn.map(({ history }) => history.epoch.at(-1) ?? 0));
  const range = lossRange(drawn.flatMap(({ train, validation }) => [train, validation]));
  const line = { mode: 'lines', hoverlabel: { namelength: -1 } };
  return {
    data: drawn.flatMap(({ title, history, color, train, validation }) => [
      {
        ...line,
        type: 'scatter',
        x: history.epoch,
        y: train,
        line: { color, width: 1, dash: 'dot' },
        hoverinfo: 'skip',
      },
      {
        ...line,
        type: 'scatter',
        name: escapeText(title),
        x: history.epoch,
        y: validation,
        line: { color, width: 1.75 },
        hovertemplate: '%{y:.1f}',
      },
    ]),
    layout: {
      width,
      height,
      margin: { l: 44, r: labelled ? 196 : 8, t: 8, b: 40, pad: 0 },
      paper_bgcolor: palette.ground,
      plot_bgcolor: palette.ground,
      font: { family: palette.font, size: 12, color: palette.muted },
      showlegend: false,
      hovermode: 'x unified',
      hoverlabel: { bgcolor: palette.ground, bordercolor: palette.rule, font: { size: 12, color: palette.ink } },
      uirevision: 'training',
      xaxis: {
        title: { text: 'Epoch', standoff: 6 },
        range: [0, longest],
        showgrid: false,
        zeroline: false,
        ticks: 'outside',
        ticklen: 3,
        tickcolor: palette.rule,
        linecolor: palette.rule,
        showline: true,
        hoverformat: 'd',
        unifiedhovertitle: { text: 'Epoch %{x}, validation' },
      },
      yaxis: {
        range,
        nticks: 5,
        gridcolor: palette.rule,
        griddash: 'dot',
        zeroline: false,
      },
      annotations: labelled ? endLabels(drawn, range, height - 48, palette) : [],
    },
  };
}

/**
 * From just below the best value to a little above where the curves have left their steep start.
 * @param {number[][]} series
 * @returns {[number, number]}
 */
export function lossRange(series) {
  const all = series.flat().filter(Number.isFinite);
  if (all.length === 0) return [0, 1];
  const low = all.reduce((a, b) => Math.min(a, b));
  const sorted = all.toSorted((a, b) => a - b);
  const settled = /** @type {number} */ (sorted[Math.floor(0.9 * (sorted.length - 1))]);
  const span = Math.max(settled - low, 4);
  return [low - 0.12 * span, low + 1.6 * span];
}

/**
 * Names at the ends of their curves, moved apart where they would overlap.
 * @param {{title: string, color: string, history: History, validation: number[]}[]} drawn
 * @param {[number, number]} range
 * @param {number} height of the plot area
 * @param {Palette} palette
 */
function endLabels(drawn, range, height, palette) {
  const LINE = 15;
  const pixel = (/** @type {number} */ v) => ((range[1] - v) / (range[1] - range[0])) * height;
  const ends = drawn
    .filter(({ validation }) => validation.length > 0)
    .map((curve) => ({ ...curve, value: /** @type {number} */ (curve.validation.at(-1)) }))
    .map((curve) => ({ ...curve, y: Math.min(height, Math.max(LINE / 2, pixel(curve.value))) }))
    .sort((a, b) => a.y - b.y);
  const places = spread(ends.map(({ y }) => y), LINE, height);
  return ends.map(({ title, value, color }, i) => ({
    xref: 'paper',
    yref: 'paper',
    x: 1,
    y: 1 - /** @type {number} */ (places[i]) / height,
    xanchor: 'left',
    yanchor: 'middle',
    xshift: 8,
    align: 'left',
    showarrow: false,
    text: `<span style="color:${color}">■</span> ${escapeText(shorten(title))} ${value.toFixed(1)}`,
    font: { size: 12, color: palette.ink },
  }));
}

/** @param {string} title */
const shorten = (title) => (title.length > 20 ? `${title.slice(0, 19)}…` : title);

/**
 * Sorted positions moved apart by at least `gap`, none beyond `end`.
 * @param {number[]} positions
 * @param {number} gap
 * @param {number} end
 * @returns {number[]}
 */
export function spread(positions, gap, end) {
  /** @type {number[]} */
  const placed = [];
  for (const position of positions) placed.push(Math.max(position, (placed.at(-1) ?? -Infinity) + gap));
  let limit = end;
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i] = Math.min(/** @type {number} */ (placed[i]), limit);
    limit = /** @type {number} */ (placed[i]) - gap;
  }
  return placed;
}
