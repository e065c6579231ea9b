import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  classMedians,
  contains,
  fitBox,
  gridShape,
  nearestPoint,
  roundBox,
  steadyBox,
  zoomBox,
} from '../../frontend/geometry.js';
import { toLatent, toPixel } from '../../frontend/viewport.js';

/** @import {Box} from '../../frontend/geometry.js' */

test('a fitted box has equal units, the same middle, and holds the original', () => {
  /** @type {Box} */
  const box = [-1, 3, 0, 2];
  const fitted = fitBox(box, 200, 400);
  assert.equal((fitted[1] - fitted[0]) / 200, (fitted[3] - fitted[2]) / 400);
  assert.deepEqual(fitted, [-1, 3, -3, 5]);
  assert.ok(contains(fitted, box));
});

test('zooming leaves the place under the pointer where it is', () => {
  assert.deepEqual(zoomBox([0, 4, 0, 4], 0.5, [1, 1]), [0.5, 2.5, 0.5, 2.5]);
  assert.deepEqual(zoomBox([0, 4, 0, 4], 2), [-2, 6, -2, 6]);
});

test('the frame of a run in training follows only when it has to', () => {
  const first = steadyBox(null, [-1, 1, -1, 1]);
  assert.equal(steadyBox(first, [-0.9, 0.9, -0.9, 0.95]), first);
  const wider = steadyBox(first, [-1.5, 1, -1, 1]);
  assert.ok(contains(wider, [-1.5, 1, -1, 1]) && wider !== first);
  assert.notEqual(steadyBox([-10, 10, -10, 10], [-1, 1, -1, 1])[0], -10);
});

test('rounding never cuts anything off', () => {
  assert.ok(contains(roundBox([-1.234, 1.234, -0.001, 0.001]), [-1.234, 1.234, -0.001, 0.001]));
});

test('six panels make three columns on a wide stage and two on a tall one', () => {
  const wide = gridShape(6, 930, 780, 58);
  assert.deepEqual([wide.rows, wide.columns], [2, 3]);
  const tall = gridShape(6, 600, 1000, 58);
  assert.deepEqual([tall.rows, tall.columns], [3, 2]);
  assert.deepEqual(gridShape(1, 930, 780, 58).columns, 1);
  const many = gridShape(12, 930, 780, 58);
  assert.ok(many.rows * many.columns >= 12 && many.side > 180);
});

test('the nearest visible point is found', () => {
  const loc = Float64Array.of(0, 0, 1, 0, 5, 5);
  assert.deepEqual(nearestPoint(loc, 0.9, 0, () => true), { index: 1, distance: 0.09999999999999998 });
  assert.equal(nearestPoint(loc, 0.9, 0, (i) => i === 2)?.index, 2);
  assert.equal(nearestPoint(loc, 0, 0, () => false), null);
});

test('classes are named at their medians, which outliers do not move', () => {
  const loc = Float64Array.of(0, 0, 1, 1, 100, 2, 7, 7);
  assert.deepEqual(classMedians(loc, Int32Array.of(4, 4, 4, 1)), [
    { label: 1, z1: 7, z2: 7 },
    { label: 4, z1: 1, z2: 1 },
  ]);
});

test('pixels and places translate into each other; z2 grows upwards', () => {
  const viewport = { left: 30, top: 10, width: 200, height: 100, range: /** @type {Box} */ ([-2, 2, -1, 1]) };
  assert.deepEqual(toPixel(viewport, [-2, 1]), [30, 10]);
  assert.deepEqual(toLatent(viewport, 130, 60), [0, 0]);
  assert.deepEqual(toLatent(viewport, ...toPixel(viewport, [0.5, -0.25])), [0.5, -0.25]);
  assert.equal(toLatent(viewport, 10, 60), null);
});
