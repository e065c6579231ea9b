import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentBox, levelExtent, levelsFor } from '../../frontend/levels.js';
import { SHOWN_WHOLE } from './wire.js';

/** @import {Density} from '../../frontend/density.js' */

/**
 * A Gaussian on a grid over [-8, 8]².
 * @param {number} scale
 * @param {number} [n]
 * @returns {Density}
 */
function gaussian(scale, n = 129) {
  const z = Float64Array.from({ length: n }, (_, i) => -8 + (16 * i) / (n - 1));
  const values = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const [a, b] = [/** @type {number} */ (z[column]), /** @type {number} */ (z[row])];
      values[row * n + column] = -(a * a + b * b) / (2 * scale * scale) - Math.log(2 * Math.PI * scale * scale);
    }
  }
  return { ...SHOWN_WHOLE, field: 'prior', note: '', z1: z, z2: z, values, bounds: [-8, 8, -8, 8], checkpoint: 1, epoch: null };
}

test('the extent is that of the regions that hold 5% and 98% of the mass', () => {
  // A Gaussian has the mass 1 - exp(-r²/2) within r.
  const { low, high } = levelExtent(gaussian(1));
  const peak = -Math.log(2 * Math.PI);
  assert.ok(Math.abs(low - (peak + Math.log(0.02))) < 0.1, String(low));
  assert.ok(Math.abs(high - (peak + Math.log(0.95))) < 0.1, String(high));
});

test('eight levels cover the extent at round places', () => {
  const density = gaussian(1);
  const { start, step, count } = levelsFor([density]);
  const { low, high } = levelExtent(density);
  assert.equal(count, 8);
  assert.equal(step % 0.25, 0);
  assert.ok(start + (count - 1) * step >= high);
  assert.ok(start <= low + step);
});

test('shared levels show the sharpest density as well as the widest, within limits', () => {
  const [sharp, wide] = [gaussian(0.5), gaussian(2)];
  const shared = levelsFor([sharp, wide]);
  assert.ok(shared.start + 7 * shared.step >= levelExtent(sharp).high);
  assert.ok(shared.start <= levelExtent(wide).low + shared.step);
  const needle = levelsFor([gaussian(0.002, 9), wide]);
  assert.ok(needle.start + 7 * needle.step - needle.start <= 10 + 2 * needle.step);
});

test('levels exist before there is a density', () => {
  assert.equal(levelsFor([]).count, 8);
});

test('the frame holds the points and the mass that is worth a line', () => {
  const loc = Float64Array.of(6, 0, 0, -1);
  const points = { loc, z: loc, scale: new Float64Array(4), latentDim: 2, label: Int32Array.of(0, 1), index: Int32Array.of(0, 1), split: /** @type {const} */ ('test'), total: 4, checkpoint: 1 };
  const [a, b, c, d] = contentBox(gaussian(1), points);
  assert.ok(a < -2.7 && a > -4, String(a));
  assert.ok(b > 6 && b < 7.5, String(b));
  assert.ok(c < -2.7 && d > 2.7);
});
