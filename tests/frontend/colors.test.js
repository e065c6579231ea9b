import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classColor, classShape, ramp, rgb } from '../../frontend/colors.js';

test('ten classes differ by colour alone, forty by colour and shape', () => {
  const looks = Array.from({ length: 40 }, (_, k) => `${classColor(k)} ${classShape(k)}`);
  assert.equal(new Set(looks.slice(0, 10).map((look) => look.split(' ')[0])).size, 10);
  assert.equal(new Set(looks).size, 40);
  assert.deepEqual([classColor(43), classShape(43)], [classColor(3), classShape(3)]);
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
