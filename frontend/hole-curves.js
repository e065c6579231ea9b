/** @import {Estimate, HoleCurve} from './contract' */
/** @import {Figure} from './plotly.js' */
/** @import {Palette} from './theme.js' */
import { escapeText, hoverLabel, plainAxis, plainLayout } from './plain-figure.js';

/** @typedef {{title: string, curve: HoleCurve, headline: Estimate}} HoleCurveOfRun */

/**
 * @param {HoleCurveOfRun[]} curves
 * @returns {(string | number)[][]} a row for each place of a curve, with the names of the columns in front
 */
export function holeCurvesTable(curves) {
  const rows = curves.flatMap(({ title, curve }) => curve.epsilon.map((epsilon, i) => [title, epsilon, /** @type {number} */ (curve.mass[i])]));
  return [['run', 'epsilon', 'hole_mass'], ...rows];
}

/** With the colours: never colour alone. */
export const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash', 'longdashdot'];

/** Where H is quoted. */
const HEADLINE = 0.05;

/**
 * Hole curves in a square: the share of the prior that a region can have, over its share of the data.
 * @param {HoleCurveOfRun[]} curves
 * @param {{side: number, palette: Palette}} options
 * @returns {Figure}
 */
export function holeCurvesFigure(curves, { side, palette }) {
  const color = (/** @type {number} */ i) => palette.runs[i % palette.runs.length];
  const axis = { ...plainAxis(palette), range: [0, 1], nticks: 6, tickformat: '.0%' };
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        x: [0, 1],
        y: [0, 1],
        line: { color: palette.muted, width: 1, dash: 'dot' },
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'lines',
        x: [HEADLINE, HEADLINE],
        y: [0, 1],
        line: { color: palette.rule, width: 1 },
        hoverinfo: 'skip',
      },
      ...curves.map(({ title, curve }, i) => ({
        type: 'scatter',
        mode: 'lines',
        name: escapeText(title),
        x: curve.epsilon,
        y: curve.mass,
        line: { color: color(i), width: 1.75, dash: DASHES[i % DASHES.length] },
        hovertemplate: '%{y:.1%}',
      })),
      {
        type: 'scatter',
        mode: 'markers',
        x: curves.map(() => HEADLINE),
        y: curves.map(({ headline }) => headline.value),
        marker: { color: curves.map((_, i) => color(i)), size: 8, line: { color: palette.ground, width: 1.5 } },
        hoverinfo: 'skip',
      },
    ],
    layout: {
      ...plainLayout(palette),
      width: side,
      height: side,
      margin: { l: 48, r: 8, t: 8, b: 48, pad: 0 },
      dragmode: false,
      hovermode: 'x unified',
      hoverlabel: { ...hoverLabel(palette), namelength: -1 },
      xaxis: { ...axis, title: { text: 'Share of the data, ε', standoff: 6 }, hoverformat: '.1%' },
      yaxis: { ...axis, title: { text: 'Share of the prior, H(ε)', standoff: 6 } },
      annotations: [
        {
          x: HEADLINE,
          y: 0,
          xanchor: 'left',
          yanchor: 'bottom',
          xshift: 3,
          showarrow: false,
          text: 'ε = 5%',
          font: { size: 12, color: palette.muted },
        },
        {
          x: 0.72,
          y: 0.72,
          textangle: -45,
          yshift: -10,
          showarrow: false,
          text: 'no holes',
          font: { size: 12, color: palette.muted },
        },
      ],
    },
  };
}
