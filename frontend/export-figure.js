/**
 * @import {ClassShape} from './colors.js'
 * @import {ShownAnatomy} from './anatomy.js'
 * @import {Point} from './geometry.js'
 * @import {Manifold} from './manifold.js'
 * @import {Picture} from './picture.js'
 * @import {Hole} from './holes.js'
 * @import {PlaneOptions} from './plane-figure.js'
 * @import {Figure, Trace} from './plotly.js'
 * @import {Points} from './points.js'
 * @import {Palette} from './theme.js'
 */
import { anatomyLayer, manifoldLayer, pathLayer } from './export-layers.js';
import { classColor, classShape } from './colors.js';
import { escapeText } from './plain-figure.js';
import { axisNames, planeFigure } from './plane-figure.js';
import { chosenMedians, drawingOrder, pointStyle } from './points.js';

/** What Plotly calls the shapes. @type {Record<ClassShape, string>} */
const SYMBOLS = { circle: 'circle', square: 'square', triangle: 'triangle-up', diamond: 'diamond' };

/**
 * The points as a trace: for figures that leave the page.
 * @param {Points} points
 * @param {{chosen: Uint8Array, palette: Palette, side: number}} look
 * @returns {Trace}
 */
export function pointsTrace(points, { chosen, palette, side }) {
  const order = drawingOrder(chosen);
  const { radius, opacity, outline } = pointStyle(order.length, side);
  return {
    type: 'scatter',
    mode: 'markers',
    x: order.map((i) => points.loc[2 * i]),
    y: order.map((i) => points.loc[2 * i + 1]),
    marker: {
      size: 2 * radius,
      opacity,
      color: order.map((i) => (chosen[i] ? classColor(/** @type {number} */ (points.label[i])) : palette.faded)),
      symbol: order.map((i) => SYMBOLS[chosen[i] ? classShape(/** @type {number} */ (points.label[i])) : 'circle']),
      line: { color: palette.ground, width: outline },
    },
    hoverinfo: 'skip',
  };
}

/**
 * @typedef {PlaneOptions & {
 *   title: string,
 *   points: Points | null,
 *   chosen: Uint8Array,
 *   className: (label: number) => string,
 *   pins: {number: number, at: Readonly<Point>, beside: number}[],
 *   holes: readonly Hole[],
 *   anatomy: ShownAnatomy | null,
 *   manifold: Manifold | null,
 *   path: {from: readonly number[], to: readonly number[], at: readonly number[]} | null,
 *   pictureUrl: (picture: Picture) => string,
 * }} ExportOptions
 */

/**
 * A panel as it leaves the page, complete: title, points, class names and pins.
 * @param {ExportOptions} options
 * @returns {Figure}
 */
export function exportFigure(options) {
  const { points, chosen, palette, pins, holes, className, title, anatomy, manifold, path, pictureUrl } = options;
  // Plotly puts pictures below everything or above everything: those of the manifold take the contours' place.
  const figure = planeFigure({ ...options, density: manifold ? null : options.density });
  const unit = (options.range[1] - options.range[0]) / options.width;
  const under = manifold ? [manifoldLayer(manifold, pictureUrl)] : [];
  const over = [...(anatomy ? [anatomyLayer(anatomy, { palette, unit, pictureUrl })] : []), ...(path ? [pathLayer(path, palette)] : [])];
  const side = Math.min(options.width, options.height);
  const medians = points ? chosenMedians(points, chosen, drawingOrder(chosen)).filter(({ label }) => className(label)) : [];
  const mark = { showarrow: false, font: { size: 12, color: palette.ink, family: palette.font } };
  const hollow = { bgcolor: palette.ground, bordercolor: palette.ink, font: { ...mark.font, color: palette.ink } };
  const pinned = { ...mark, bgcolor: palette.ink, font: { ...mark.font, color: palette.ground } };
  return {
    data: [
      ...figure.data,
      ...(points ? [pointsTrace(points, { chosen, palette, side })] : []),
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
      ...over.flatMap(({ data }) => data),
    ],
    layout: {
      ...figure.layout,
      shapes: over.flatMap(({ shapes }) => shapes),
      images: [...under, ...over].flatMap(({ images }) => images),
      title: { text: escapeText(title), font: { size: 16, color: palette.ink }, x: 0, xref: 'paper', y: 0.98 },
      margin: { l: 36, r: 12, t: 36, b: 28, pad: 0 },
      annotations: [
        ...axisNames(palette, options.axes),
        ...medians.map(({ label, z1, z2 }) => ({
          ...mark,
          x: z1,
          y: z2,
          text: `<b>${escapeText(className(label))}</b>`,
          font: { ...mark.font, size: 15 },
          bgcolor: palette.ground,
          opacity: 0.85,
          borderpad: 1,
        })),
        ...holes.map(({ rank, rings }) => {
          const top = (rings[0] ?? []).reduce((best, point) => (point[1] > best[1] ? point : best), rings[0]?.[0] ?? [0, 0]);
          return { ...mark, x: top[0], y: top[1], yshift: 8, text: `<b>${rank}</b>`, font: { ...mark.font, color: palette.hole } };
        }),
        ...pins.map(({ number, at, beside }) => ({ ...pinned, ...(beside > 0 && hollow), x: at[0], y: at[1], text: String(number) })),
      ],
    },
  };
}
