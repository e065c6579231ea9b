/**
 * @import {ElboTerm, History} from './contract'
 * @import {Figure} from './plotly.js'
 * @import {Palette} from './theme.js'
 */
import { escapeText, hoverLabel, plainAxis, plainLayout } from './plain-figure.js';

/**
 * A run in the plot of the training curves.
 * @typedef {{title: string, history: History}} Curve
 */

/** @type {readonly ElboTerm[]} */
const TERMS = ['elbo', 'reconstruction', 'cross_entropy', 'posterior_entropy'];

/**
 * @param {Curve[]} curves
 * @returns {(string | number)[][]} a row for each epoch of a run, with the names of the columns in front
 */
export function trainingTable(curves) {
  const columns = /** @type {const} */ (['train', 'validation']).flatMap((split) => TERMS.map((term) => ({ split, term })));
  const rows = curves.flatMap(({ title, history }) =>
    history.epoch.map((epoch, i) => [
      title,
      epoch,
      /** @type {number} */ (history.seconds[i]),
      ...columns.map(({ split, term }) => /** @type {number} */ (history[split][term][i])),
    ]),
  );
  return [['run', 'epoch', 'seconds', ...columns.map(({ split, term }) => `${split}_${term}`)], ...rows];
}

/**
 * Training curves of several runs: the validation −ELBO as a line, the training one as dots.
 * @param {Curve[]} curves
 * @param {{width: number, height: number, labelled: boolean, palette: Palette, epoch: number | null}} options `labelled`:
 *   names stand at the ends of the curves; `epoch`: is marked
 * @returns {Figure}
 */
export function trainingFigure(curves, { width, height, labelled, palette, epoch }) {
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
      ...plainLayout(palette),
      width,
      height,
      margin: { l: 44, r: labelled ? 196 : 8, t: 8, b: 40, pad: 0 },
      hovermode: 'x unified',
      hoverlabel: hoverLabel(palette),
      uirevision: 'training',
      xaxis: {
        ...plainAxis(palette),
        title: { text: 'Epoch', standoff: 6 },
        range: [0, longest],
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
      shapes: epoch === null ? [] : [epochLine(epoch, palette)],
      annotations: [
        ...(labelled ? endLabels(drawn, range, height - 48, palette) : []),
        ...(epoch === null ? [] : [epochName(epoch, palette)]),
      ],
    },
  };
}

/**
 * Where the panels are.
 * @param {number} epoch
 * @param {Palette} palette
 */
function epochLine(epoch, palette) {
  return { type: 'line', x0: epoch, x1: epoch, yref: 'paper', y0: 0, y1: 1, line: { color: palette.ink, width: 1 } };
}

/**
 * @param {number} epoch
 * @param {Palette} palette
 */
function epochName(epoch, palette) {
  const font = { size: 12, color: palette.ink };
  return { x: epoch, y: 1, yref: 'paper', xanchor: 'left', yanchor: 'top', xshift: 2, showarrow: false, text: `Epoch ${epoch}`, font, bgcolor: palette.ground };
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
