import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pointPixels } from '../../frontend/point-pixels.js';

const RED = [255, 0, 0, 255];
const FAINT_BLUE = [0, 0, 128, 128];

/**
 * @param {number[][]} places in pixels
 * @param {number[][]} colors of the labels 0, 1, …; the last is that of points that are not chosen
 * @param {{label?: number[], chosen?: number[], order?: number[], side?: number}} [options]
 */
function painted(places, colors, { label = places.map((_, i) => i), chosen = places.map(() => 1), order = places.map((_, i) => i), side = 1 } = {}) {
  const sprite = (/** @type {number[]} */ color) => Uint8Array.from({ length: 4 * side * side }, (_, i) => color[i % 4] ?? 0);
  return pointPixels(
    { loc: Float64Array.from(places.flat()), label: Int32Array.from(label), chosen: Uint8Array.from(chosen), order },
    { side, of: (k) => sprite(colors.at(k) ?? []) },
    { width: 3, height: 2, x: (z1) => z1, y: (z2) => z2 },
  );
}

/**
 * @param {Uint8ClampedArray} pixels
 * @param {number} x
 * @param {number} y
 */
const at = (pixels, x, y) => [...pixels.subarray(4 * (3 * y + x), 4 * (3 * y + x) + 4)];

test('a point colours the pixel that it lies in, and nothing else', () => {
  const pixels = painted([[1.9, 0.1]], [RED]);
  assert.deepEqual(at(pixels, 1, 0), RED);
  assert.equal(pixels.reduce((sum, v) => sum + v), 510);
});

test('a faint point lets the one below shine through, whatever the order of rows', () => {
  const both = [[0, 1], [0, 1]];
  // Half of blue over red: as two sheets of glass.
  assert.deepEqual(at(painted(both, [RED, FAINT_BLUE]), 0, 1), [127, 0, 128, 255]);
  assert.deepEqual(at(painted(both, [RED, FAINT_BLUE], { order: [1, 0] }), 0, 1), RED);
  // Alone, its colour is full and its alpha half.
  assert.deepEqual(at(painted([[0, 1]], [FAINT_BLUE]), 0, 1), [0, 0, 255, 128]);
});

test('points that are not chosen have the last sprite', () => {
  assert.deepEqual(at(painted([[2, 0]], [RED, FAINT_BLUE], { chosen: [0] }), 2, 0), [0, 0, 255, 128]);
});

test('what reaches beyond the frame is cut off there', () => {
  const pixels = painted([[0, 0], [5, 5], [-9, 1], [NaN, 0]], [RED, RED, RED, RED], { side: 3 });
  const reds = Array.from({ length: 6 }, (_, i) => at(pixels, i % 3, Math.floor(i / 3))[0]);
  assert.deepEqual(reds, [255, 255, 0, 255, 255, 0]);
});
