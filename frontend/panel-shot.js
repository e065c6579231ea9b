/**
 * @import {Scene} from './animation.js'
 * @import {LatentData} from './latent-data.js'
 * @import {PanelContents} from './panel-contents.js'
 * @import {PanelContext} from './panel-context.js'
 * @import {PlaneView} from './plane-view.js'
 * @import {Points} from './points.js'
 * @import {Picture} from './picture.js'
 */
import { thousands } from './data-words.js';
import { exportFigure } from './export-figure.js';
import { FIELD_NAMES } from './field-bar.js';
import { framed } from './latent-plane.js';
import { runsOnStage } from './panel-context.js';
import { sharpPictureUrl } from './picture.js';
import { curvesInWords, readingInWords } from './plane-reading.js';
import { loadPlotly } from './plotly.js';
import { MOST_DRAWN } from './points.js';

const SIDE = 960;

/** @typedef {{context: PanelContext, contents: PanelContents, data: LatentData, view: PlaneView}} Panel */

/**
 * A panel as it appears in an animation.
 * @param {Panel} panel
 * @returns {Promise<Scene | null>} null: it has nothing to show
 */
export async function sceneOf({ context, contents, data }) {
  const { run, plane } = contents;
  if (!run || !plane) return null;
  const { snapshots, store, titles, scale, ranges } = context;
  const epochs = snapshots.of(run.id);
  const beside = runsOnStage(context);
  const span = await data.span(epochs);
  const { points } = contents;
  if (!span || !points || epochs.length === 0) return null;
  const range = ranges.view(run.id, span);
  const { reading } = store.state;
  return { run, title: titles.short(run, beside), epochs, range, plane, reading, levels: scale.of(data), look: contents.look(points), choose: (shown) => contents.choose(shown) };
}

/**
 * Hands a panel to the user as a picture.
 * @param {Panel} panel
 * @param {'png' | 'svg'} format
 */
export async function savePanel(panel, format) {
  const { run, plane } = panel.contents;
  const { home } = panel.data;
  if (!run || !plane || !home) return;
  const [width, height] = [SIDE, SIDE];
  const options = optionsOf(panel, panel.view.viewport?.range ?? home);
  const range = framed(plane, options.range, width - 48, height - 64);
  const { picture: colors } = options.palette;
  const pictureUrl = (/** @type {Picture} */ picture) => sharpPictureUrl(picture, colors, 2 * SIDE);
  const figure = exportFigure({ ...options, range, width, height, pictureUrl });
  const plotly = await loadPlotly();
  const filename = `priorscope-${run.config.prior.kind}-${run.id}`;
  await plotly.downloadImage(figure, { format, filename, width, height, scale: format === 'png' ? 2 : 1 });
}

/**
 * @param {Panel} panel
 * @param {import('./geometry.js').Box} range
 */
function optionsOf({ context, contents, data, view }, range) {
  const { store, titles, palette, scale } = context;
  const { field, pins } = store.state;
  const { points, path, parts } = contents;
  const run = /** @type {import('./contract').Run} */ (contents.run);
  const plane = /** @type {import('./latent-plane.js').LatentPlane} */ (contents.plane);
  const { density, epoch } = data;
  const read = density && (plane.line ? `, ${curvesInWords(density).text}` : plane.name ? `, ${readingInWords(density, plane, null).text.toLowerCase()}` : '');
  return {
    title: `${titles.full(run)}: ${FIELD_NAMES[field].text.toLowerCase()}${read ?? ''}${epoch === null ? '' : `, epoch ${epoch}`}${drawnOf(points)}`,
    axes: plane.axes,
    density,
    levels: scale.of(data),
    range,
    points,
    className: (/** @type {number} */ label) => contents.className(label),
    chosen: points ? contents.chosen(points) : new Uint8Array(),
    ...parts,
    manifold: view.manifold,
    path,
    pins: pins.flatMap(({ run: id, z }, i) => (id === run.id && z.length === run.config.latent_dim ? [{ number: i + 1, ...contents.mark(plane, z) }] : [])),
    palette: palette(),
  };
}

/** @param {Points | null} points */
function drawnOf(points) {
  if (!points) return '';
  const drawn = Math.min(points.label.length, MOST_DRAWN);
  return drawn < points.total ? `, ${thousands(drawn)} of ${thousands(points.total)} points drawn` : '';
}
