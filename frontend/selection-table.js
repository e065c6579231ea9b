/** @import {Encoded} from './points.js' */

/**
 * Where the selected test images are in every run: one row for each image and run.
 * @param {{index: number, label: string}[]} images
 * @param {{id: string, name: string, points: Encoded}[]} runs
 * @returns {(string | number)[][]} with the names of the columns in front
 */
export function selectionTable(images, runs) {
  const dimensions = Math.max(2, ...runs.map(({ points }) => points.latentDim));
  const numbered = (/** @type {string} */ name) => Array.from({ length: dimensions }, (_, i) => `${name}${i + 1}`);
  const head = ['index', 'label', 'run', 'run_id', ...numbered('z'), ...numbered('scale')];
  const tables = runs.map(({ id, name, points }) => {
    const rows = new Map(Array.from(points.index, (index, row) => [index, row]));
    return { id, name, points, rows };
  });
  const body = images.flatMap(({ index, label }) =>
    tables.flatMap(({ id, name, points, rows }) => {
      const row = rows.get(index);
      if (row === undefined) return [];
      const from = row * points.latentDim;
      const part = (/** @type {Float64Array} */ values) =>
        Array.from({ length: dimensions }, (_, i) => (i < points.latentDim ? /** @type {number} */ (values[from + i]) : ''));
      return [[index, label, name, id, ...part(points.z), ...part(points.scale)]];
    }),
  );
  return [head, ...body];
}
