/** @import {ShownAnatomy} from './anatomy.js' */
/** @import {Manifold} from './manifold.js' */
/** @import {Trace} from './plotly.js' */
/** @import {Palette} from './theme.js' */
/** @import {Picture} from './picture.js' */
import { outlineOf } from './ellipse.js';

/**
 * What lies over or under the points of an exported panel.
 * @typedef {{data: Trace[], shapes: Record<string, unknown>[], images: Record<string, unknown>[]}} Layer
 */

/** Side of a pseudo-input's picture in pixels. */
const PICTURE_PX = 34;

/** @param {number} value */
const round = (value) => Number(value.toPrecision(6));

const IN_PLANE = { xref: 'x', yref: 'y' };

/**
 * Lines, ellipses at one scale, means by weight, and pseudo-inputs.
 * @param {ShownAnatomy} anatomy
 * @param {{palette: Palette, unit: number, pictureUrl: (picture: Picture) => string}} look `unit`: of z, one pixel
 * @returns {Layer}
 */
export function anatomyLayer({ components, lines }, { palette, unit, pictureUrl }) {
  const heaviest = Math.max(...components.map(({ weight }) => weight));
  const side = PICTURE_PX * unit;
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        x: lines.flatMap((line) => [...line.map(([z1]) => z1), null]),
        y: lines.flatMap((line) => [...line.map(([, z2]) => z2), null]),
        line: { color: palette.anatomy, width: 1 },
        opacity: 0.7,
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'markers',
        x: components.map(({ ellipse }) => ellipse.at[0]),
        y: components.map(({ ellipse }) => ellipse.at[1]),
        marker: { color: palette.anatomy, opacity: 1, line: { width: 0 }, size: components.map(({ weight }) => 2 + 7 * Math.sqrt(weight / heaviest)) },
        hoverinfo: 'skip',
      },
    ],
    shapes: components.map(({ ellipse, weight }) => ({
      ...IN_PLANE,
      type: 'path',
      path: `M${outlineOf(ellipse).map(([a, b]) => `${round(a)},${round(b)}`).join('L')}Z`,
      line: { color: palette.anatomy, width: 1.25 },
      opacity: 0.2 + 0.8 * (weight / heaviest),
    })),
    images: components.flatMap(({ ellipse: { at: [z1, z2] }, picture }) =>
      picture
        ? [{ ...IN_PLANE, source: pictureUrl(picture), x: z1, y: z2, sizex: side, sizey: side, xanchor: 'center', yanchor: 'middle', sizing: 'stretch', layer: 'above' }]
        : [],
    ),
  };
}

/**
 * @param {Manifold} manifold
 * @param {(picture: Picture) => string} pictureUrl
 * @returns {Layer}
 */
export function manifoldLayer({ bounds: [a, b, c, d], sprite }, pictureUrl) {
  const image = { ...IN_PLANE, source: pictureUrl(sprite), x: a, y: d, sizex: b - a, sizey: d - c, sizing: 'stretch', layer: 'below' };
  return { data: [], shapes: [], images: [image] };
}

/**
 * @param {{from: readonly number[], to: readonly number[], at: readonly number[]}} path
 * @param {Palette} palette
 * @returns {Layer}
 */
export function pathLayer({ from, to, at }, palette) {
  const ends = { x: [from[0], to[0]], y: [from[1], to[1]], type: 'scatter', mode: 'lines', hoverinfo: 'skip' };
  return {
    data: [
      { ...ends, line: { color: palette.ground, width: 5 } },
      { ...ends, line: { color: palette.ink, width: 2 } },
      { type: 'scatter', mode: 'markers', x: [at[0]], y: [at[1]], marker: { size: 11, color: palette.ink, line: { color: palette.ground, width: 2 } }, hoverinfo: 'skip' },
    ],
    shapes: [],
    images: [],
  };
}
