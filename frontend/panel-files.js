/** @import {Density} from './density.js' */
/** @import {LatentPlane} from './latent-plane.js' */
/** @import {Shaped} from './npz.js' */
/** @import {Panel} from './panel-shot.js' */
/** @import {Points} from './points.js' */
import { saveText, toCsv } from './csv.js';
import { npz } from './npz.js';
import { savePanel } from './panel-shot.js';
import { saveBlob } from './save.js';
import { selectionTable } from './selection-table.js';

/** What a panel can be saved as. @typedef {'png' | 'svg' | 'points' | 'grid' | 'npz'} PanelFile */

/**
 * Hands a panel to the user: as a picture, or what it shows as numbers.
 * @param {Panel} panel
 * @param {PanelFile} kind
 */
export async function savePanelAs(panel, kind) {
  if (kind === 'png' || kind === 'svg') await savePanel(panel, kind);
  else saveNumbers(panel, kind);
}

/**
 * @param {Panel} panel
 * @param {'points' | 'grid' | 'npz'} kind
 */
function saveNumbers({ context, contents, data }, kind) {
  const { run, points, plane } = contents;
  const { density, epoch } = data;
  if (!run || !points || !plane || !density) return;
  const name = `priorscope-${run.config.prior.kind}-${run.id}${epoch === null ? '' : `-epoch-${epoch}`}`;
  if (kind === 'npz') {
    saveBlob(`${name}.npz`, new Blob([npz(arraysOf(points, density, plane))]));
  } else if (kind === 'grid') {
    saveText(`${name}-${density.field}.csv`, toCsv(gridTable(density, plane.names)));
  } else {
    const images = Array.from(points.index, (index, i) => ({ index, label: contents.className(/** @type {number} */ (points.label[i])) }));
    saveText(`${name}-points.csv`, toCsv(selectionTable(images, [{ id: run.id, name: context.titles.full(run), points }])));
  }
}

/**
 * One row for each place of the grid.
 * @param {Pick<Density, 'field' | 'z1' | 'z2' | 'values'>} density
 * @param {readonly [string, string]} names of the coordinates
 * @returns {(string | number)[][]} with the names of the columns in front
 */
export function gridTable({ field, z1, z2, values }, names) {
  const line = z2.length === 0;
  const rows = Array.from(values, (value, i) => {
    const place = [/** @type {number} */ (z1[i % z1.length]), /** @type {number} */ (z2[Math.floor(i / z1.length)])];
    return [...place.slice(0, line ? 1 : 2), value];
  });
  const name = field === 'log_ratio' ? 'log_ratio' : `log_${field}`;
  return [[...names.slice(0, line ? 1 : 2), name], ...rows];
}

/**
 * The names are those of the answers of the HTTP interface; on a plane of a larger space z1 and z2 are its
 * coordinates, and `on_plane` has those of the points.
 * @param {Points} points
 * @param {Density} density
 * @param {Pick<LatentPlane, 'name'>} plane
 * @returns {Record<string, Shaped>}
 */
export function arraysOf(points, density, { name }) {
  const count = points.index.length;
  const places = [count, points.latentDim];
  return {
    loc: { values: points.z, shape: places },
    ...(name && { on_plane: { values: points.loc, shape: [count, 2] } }),
    scale: { values: points.scale, shape: places },
    label: { values: points.label, shape: [count] },
    index: { values: points.index, shape: [count] },
    z1: { values: density.z1, shape: [density.z1.length] },
    z2: { values: density.z2, shape: [density.z2.length] },
    [density.field]: { values: density.values, shape: [Math.max(1, density.z2.length), density.z1.length] },
  };
}
