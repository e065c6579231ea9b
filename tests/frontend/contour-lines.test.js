import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contourLines } from '../../frontend/contour-lines.js';
import { bandOf, fieldPixels } from '../../frontend/field-pixels.js';
import { ticks } from '../../frontend/axis-painting.js';
import { SHOWN_WHOLE } from './wire.js';

test('the level of a cone is a circle', () => {
  const n = 81;
  const values = Float64Array.from({ length: n * n }, (_, i) => -Math.hypot((i % n) - 40, Math.floor(i / n) - 40));
  const pieces = contourLines(values, n, -25);
  let length = 0;
  for (let i = 0; i < pieces.length; i += 4) {
    const [x, y, u, v] = /** @type {[number, number, number, number]} */ (pieces.slice(i, i + 4));
    assert.ok(Math.abs(Math.hypot(x - 40, y - 40) - 25) < 0.02);
    length += Math.hypot(u - x, v - y);
  }
  assert.ok(Math.abs(length / (2 * Math.PI * 25) - 1) < 0.01, String(length));
});

test('a saddle is split as its middle says', () => {
  const high = contourLines(Float64Array.of(3, -1, -1, 3), 2, 0);
  const low = contourLines(Float64Array.of(1, -3, -3, 1), 2, 0);
  assert.deepEqual(high, [0.75, 0, 1, 0.25, 0.25, 1, 0, 0.75]);
  assert.deepEqual(low, [0, 0.25, 0.25, 0, 1, 0.75, 0.75, 1]);
});

test('a field without the level, or with infinite values, breaks nothing', () => {
  assert.deepEqual(contourLines(Float64Array.of(1, 2, 3, 4), 2, 9), []);
  const pieces = contourLines(Float64Array.of(-Infinity, 1, -Infinity, 1), 2, 0);
  assert.ok(pieces.every(Number.isFinite));
  assert.equal(pieces.length, 4);
});

test('colours change at the levels', () => {
  const levels = { start: -2, step: 0.5, count: 4 };
  assert.deepEqual([-9, -2.01, -2, -1.5, -0.5, 7, -Infinity, NaN].map((v) => bandOf(v, levels)), [0, 0, 1, 2, 4, 4, 0, 0]);
});

test('pixels have the colour of their band, rows from the top', () => {
  /** @type {import('../../frontend/density.js').Density} */
  const ramp = {
    ...SHOWN_WHOLE,
    field: 'prior',
    note: '',
    z1: Float64Array.of(0, 1, 2),
    z2: Float64Array.of(0, 2),
    values: Float64Array.of(0, 1, 2, 10, 11, 12),
    bounds: [0, 2, 0, 2],
    checkpoint: 1,
    epoch: null,
  };
  const bands = /** @type {[number, number, number][]} */ ([[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
  const levels = { start: 5, step: 6, count: 2 };
  const part = { box: /** @type {[number, number, number, number]} */ ([0, 2, 0, 2]), width: 2, height: 2 };
  // The middles of the four pixels have the values 8 and 9 above, 3 and 4 below.
  assert.deepEqual([...fieldPixels(ramp, levels, { bands, blank: [0, 0, 0] }, part)], [4, 5, 6, 255, 4, 5, 6, 255, 1, 2, 3, 255, 1, 2, 3, 255]);
  const blank = { ...ramp, outside: Float64Array.of(1, -1, -1, 1, -1, -1) };
  const colors = { bands, blank: /** @type {[number, number, number]} */ ([9, 9, 9]) };
  assert.deepEqual([...fieldPixels(blank, levels, colors, { ...part, width: 4, height: 1 })].filter((_, i) => i % 4 === 0), [9, 4, 4, 4]);
});

test('ticks are round, within the range and few', () => {
  assert.deepEqual(ticks(-3.1, 3.2, 5), { values: [-2, 0, 2], digits: 0 });
  const fine = ticks(0.11, 0.52, 5);
  assert.deepEqual(fine.values.map((v) => v.toFixed(fine.digits)), ['0.2', '0.3', '0.4', '0.5']);
});
