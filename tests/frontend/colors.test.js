import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classColor, ramp, rgb } from '../../frontend/colors.js';

test('ten classes have ten colours, more begin again', () => {
  assert.equal(new Set(Array.from({ length: 10 }, (_, k) => classColor(k))).size, 10);
  assert.equal(classColor(12), classColor(2));
});

test('a ramp starts and ends where it is told to', () => {
  const steps = ramp('#fbfbfa', '#86abdc', 9);
  assert.equal(steps.length, 9);
  assert.deepEqual([steps[0], steps.at(-1)], ['#fbfbfa', '#86abdc']);
});

test('a ramp gets darker with every step', () => {
  const light = ramp('#fbfbfa', '#86abdc', 9).map((color) => rgb(color).reduce((a, b) => a + b));
  assert.ok(light.every((value, i) => i === 0 || value < /** @type {number} */ (light[i - 1])));
});
