import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportFigure } from '../../frontend/export-figure.js';
import { isVector } from '../../frontend/picture.js';
import { palette } from './palette.js';

/** @import {ShownAnatomy} from '../../frontend/anatomy.js' */
/** @import {ExportOptions} from '../../frontend/export-figure.js' */

const sprite = { pixels: Uint8Array.of(0, 255, 0, 255), width: 2, height: 2, channels: 1 };

/** @type {ShownAnatomy} */
const anatomy = {
  lines: [[[0, 0], [1, 1]], [[0, 1], [1, 0]]],
  components: [
    { ellipse: { at: [1, 2], rx: 0.5, ry: 0.25, angle: 90 }, weight: 0.75, picture: sprite },
    { ellipse: { at: [-1, 0], rx: 0.5, ry: 0.5, angle: 0 }, weight: 0.25, picture: null },
  ],
};

/** @type {ExportOptions} */
const plain = {
  density: null,
  levels: { start: -5, step: 1, count: 3 },
  range: [-4, 4, -4, 4],
  width: 800,
  height: 800,
  axes: ['z₁', 'z₂'],
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
  const shapes = /** @type {{path: string, opacity: number}[]} */ (layout['shapes']);
  const boxes = shapes.map(({ path }) => {
    const corners = path.slice(1, -1).split('L').map((corner) => corner.split(',').map(Number));
    return [0, 1].flatMap((d) => [Math.min(...corners.map((corner) => corner[d] ?? NaN)), Math.max(...corners.map((corner) => corner[d] ?? NaN))]);
  });
  // The first is turned upright.
  assert.deepEqual(boxes, [[0.75, 1.25, 1.5, 2.5], [-1.5, -0.5, -0.5, 0.5]]);
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
