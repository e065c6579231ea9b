import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportFigure } from '../../frontend/export-figure.js';
import { isVector } from '../../frontend/picture.js';
import { palette } from './palette.js';

/** @import {Anatomy} from '../../frontend/anatomy.js' */
/** @import {ExportOptions} from '../../frontend/export-figure.js' */

const sprite = { pixels: Uint8Array.of(0, 255, 0, 255), width: 2, height: 2, channels: 1 };

/** @type {Anatomy} */
const anatomy = {
  what: 'Two',
  effective: 2,
  lines: [[[0, 0], [1, 1]], [[0, 1], [1, 0]]],
  components: [
    { number: 1, loc: [1, 2], scale: [0.5, 0.25], weight: 0.75, picture: sprite },
    { number: 2, loc: [-1, 0], scale: [0.5, 0.5], weight: 0.25, picture: null },
  ],
};

/** @type {ExportOptions} */
const plain = {
  density: null,
  levels: { start: -5, step: 1, count: 3 },
  range: [-4, 4, -4, 4],
  width: 800,
  height: 800,
  palette,
  title: 'A',
  points: null,
  className: String,
  chosen: new Uint8Array(),
  pins: [],
  holes: [],
  anatomy: null,
  manifold: null,
  path: null,
  pictureUrl: (picture) => `url ${isVector(picture) ? 'bars' : picture.width}`,
};

test('an exported panel holds the components as ellipses, the lines, and the pseudo-inputs', () => {
  const { data, layout } = exportFigure({ ...plain, anatomy });
  const shapes = /** @type {{x0: number, x1: number, y0: number, y1: number, opacity: number}[]} */ (layout['shapes']);
  assert.deepEqual(shapes.map(({ x0, x1, y0, y1 }) => [x0, x1, y0, y1]), [[0.5, 1.5, 1.75, 2.25], [-1.5, -0.5, -0.5, 0.5]]);
  assert.ok((shapes[0]?.opacity ?? 0) > (shapes[1]?.opacity ?? 1));
  assert.ok(data.some(({ x }) => JSON.stringify(x) === '[0,1,null,0,1,null]'));
  const images = /** @type {{source: string, x: number, y: number}[]} */ (layout['images']);
  assert.deepEqual(images.map(({ source, x, y }) => [source, x, y]), [['url 2', 1, 2]]);
});

test('the manifold takes the place of the contours, under everything else', () => {
  const { data, layout } = exportFigure({ ...plain, manifold: { bounds: [-5, 5, -6, 6], resolution: 1, sprite } });
  const [image] = /** @type {Record<string, unknown>[]} */ (layout['images']);
  assert.deepEqual([image?.['x'], image?.['y'], image?.['sizex'], image?.['sizey'], image?.['layer']], [-5, 6, 10, 12, 'below']);
  assert.ok(data.every(({ type }) => type !== 'contour'));
});

test('the line between two pins is drawn with the place on it', () => {
  const { data } = exportFigure({ ...plain, path: { from: [0, 0], to: [2, 1], at: [1, 0.5] } });
  assert.deepEqual(data.at(-2)?.['x'], [0, 2]);
  assert.deepEqual([data.at(-1)?.['x'], data.at(-1)?.['y']], [[1], [0.5]]);
});
