import assert from 'node:assert/strict';
import { test } from 'node:test';
import { densityOf } from '../../frontend/density.js';
import { exportFigure, pointsTrace } from '../../frontend/export-figure.js';
import { contourTrace, planeFigure } from '../../frontend/plane-figure.js';
import { chosenRows, drawingOrder, pointStyle, encodedOf } from '../../frontend/points.js';
import { palette } from './palette.js';
import { WHOLE, wire } from './wire.js';

const levels = { start: -8, step: 1, count: 8 };

const density = densityOf({
  ...WHOLE,
  field: 'prior',
  z1: wire(Float64Array.of(-1, 0, 1)),
  z2: wire(Float64Array.of(10, 20)),
  values: wire(Float32Array.of(0, 1, 2, 10, 11, 12), '2, 3'),
  integral: 1,
  bounds: [-1, 1, 10, 20],
  checkpoint: 4,
  epoch: null,
  note: null,
});

const encoded = encodedOf({
  loc: wire(Float32Array.of(0, 0, 1, 1, 2, 2, 3, 5), '4, 2'),
  scale: wire(Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1), '4, 2'),
  label: wire(Int32Array.of(0, 1, 0, 1)),
  index: wire(Int32Array.of(1350, 1351, 1352, 1353)),
  split: 'test',
  total: 3,
  count: 4,
  checkpoint: 4,
  epoch: null,
});
const points = { ...encoded, loc: encoded.z };

const plane = {
  density,
  levels,
  range: /** @type {[number, number, number, number]} */ ([-2, 2, -3, 3]),
  width: 300,
  height: 400,
  axes: /** @type {[string, string]} */ (['z₁', 'z₂']),
  palette,
};

test('rows of the grid are z2, columns are z1', () => {
  const trace = contourTrace(density, levels, palette);
  const rows = /** @type {Float64Array[]} */ (trace['z']);
  assert.equal(rows.length, 2);
  assert.deepEqual([...(rows[1] ?? [])], [10, 11, 12]);
  assert.deepEqual(trace['x'], density.z1);
  assert.deepEqual(trace['y'], density.z2);
});

test('levels are at the places asked for, with one colour for each step and one for none', () => {
  const trace = contourTrace(density, levels, palette);
  assert.deepEqual(trace['contours'], { start: -8, end: -1, size: 1, coloring: 'fill' });
  const scale = /** @type {[number, string][]} */ (trace['colorscale']);
  assert.equal(scale.length, 9);
  assert.deepEqual(scale[0], [0, '#ffffff']);
  assert.equal(scale.at(-1)?.[0], 1);
});

test('a unit is as long on one axis as on the other', () => {
  const { layout } = planeFigure(plane);
  const { xaxis, yaxis } = /** @type {{xaxis: any, yaxis: any}} */ (/** @type {unknown} */ (layout));
  assert.equal(yaxis.scaleanchor, 'x');
  assert.deepEqual([xaxis.range, yaxis.range], [[-2, 2], [-3, 3]]);
  assert.equal(xaxis.showgrid, false);
});

test('a panel without a density has its axes all the same', () => {
  assert.deepEqual(planeFigure({ ...plane, density: null }).data, []);
});

test('points that are not selected turn grey and lie below', () => {
  const chosen = chosenRows(points, [1], null);
  assert.deepEqual(drawingOrder(chosen), [0, 2, 1, 3]);
  const trace = pointsTrace(points, { chosen, palette, side: 300 });
  assert.deepEqual(trace['x'], [0, 2, 1, 3]);
  const { color } = /** @type {{color: string[]}} */ (trace['marker']);
  assert.deepEqual(color, ['#cccccc', '#cccccc', '#ffa90e', '#ffa90e']);
});

test('more points are smaller and fainter, never invisible', () => {
  const [few, many] = [pointStyle(447, 300), pointStyle(10000, 300)];
  assert.ok(many.radius < few.radius && many.opacity < few.opacity);
  assert.ok(many.radius > 0.8 && many.opacity > 0.3);
  assert.ok(pointStyle(447, 800).radius > few.radius);
});

test('an exported panel is complete, and names in it are text', () => {
  const { data, layout } = exportFigure({
    ...plane,
    title: '<b>bold</b> & co',
    points,
    className: (label) => ['zero', 'one'][label] ?? '',
    chosen: chosenRows(points, [], null),
    pins: [{ number: 7, at: [1, 2], beside: 0 }],
    holes: [],
    anatomy: null,
    manifold: null,
    path: null,
    pictureUrl: () => '',
  });
  assert.deepEqual(data.map(({ type }) => type), ['contour', 'scatter']);
  assert.equal(/** @type {{text: string}} */ (layout['title']).text, '&lt;b&gt;bold&lt;/b&gt; &amp; co');
  const texts = /** @type {{text: string}[]} */ (layout['annotations']).map(({ text }) => text);
  assert.deepEqual(texts.slice(2), ['<b>zero</b>', '<b>one</b>', '7']);
});
