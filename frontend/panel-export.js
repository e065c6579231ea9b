/** @import {Run} from './contract' */
/** @import {ExportOptions} from './export-figure.js' */
/** @import {Picture} from './typed-array.js' */
import { exportFigure } from './export-figure.js';
import { fitBox } from './geometry.js';
import { sharpPictureUrl } from './picture.js';
import { loadPlotly } from './plotly.js';

const SIDE = 960;

/**
 * Hands a panel to the user as a picture.
 * @param {Run} run
 * @param {'png' | 'svg'} format
 * @param {Omit<ExportOptions, 'width' | 'height' | 'named' | 'dragmode' | 'pictureUrl'>} options
 */
export async function savePanel(run, format, options) {
  const [width, height] = [SIDE, SIDE];
  const range = fitBox(options.range, width - 48, height - 64);
  const { picture: colors } = options.palette;
  const pictureUrl = (/** @type {Picture} */ picture) => sharpPictureUrl(picture, colors, 2 * SIDE);
  const figure = exportFigure({ ...options, range, width, height, named: true, dragmode: false, pictureUrl });
  const plotly = await loadPlotly();
  const filename = `priorscope-${run.config.prior.kind}-${run.id}`;
  await plotly.downloadImage(figure, { format, filename, width, height, scale: format === 'png' ? 2 : 1 });
}
