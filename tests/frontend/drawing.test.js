import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blank, blankFor, brightness, drawingOf, fromText, hasNibs, isBlank, pictureOf, stroke, toText, whyNotDrawn, withCell } from '../../frontend/drawing.js';
import { manifoldGrid } from '../../frontend/manifold.js';

/** @import {Box} from '../../frontend/geometry.js' */

const empty = blank([8, 8], 17);

test('a stroke is full in its middle and soft at its edge', () => {
  const { cells } = stroke(empty, [4.5, 1.5], [4.5, 6.5]);
  const row = [...cells.subarray(32, 40)];
  assert.equal(row[4], 16);
  assert.ok((row[3] ?? 0) > 0 && (row[3] ?? 0) < 16);
  assert.equal(row[3], row[5]);
  assert.deepEqual([row[0], row[1], row[6], row[7]], [0, 0, 0, 0]);
  assert.deepEqual([...empty.cells], Array(64).fill(0));
});

test('strokes never take ink away, the eraser never adds', () => {
  const drawn = stroke(empty, [2, 2], [6, 6]);
  const more = stroke(drawn, [6, 2], [2, 6]);
  assert.ok(more.cells.every((level, i) => level >= (drawn.cells[i] ?? 0)));
  const less = stroke(more, [0, 4], [8, 4], { erase: true });
  assert.ok(less.cells.every((level, i) => level <= (more.cells[i] ?? 0)));
  assert.equal(less.cells[28], 0);
  assert.ok(isBlank(stroke(drawn, [-1, 4], [9, 4], { erase: true })) === false);
});

test('a larger picture has a soft fine pen and a broad one, a small one only one', () => {
  const large = blank([28, 28], 256);
  const inked = (/** @type {'fine' | 'broad'} */ nib) => [...stroke(large, [14, 2], [14, 26], { nib }).cells.subarray(14 * 28, 15 * 28)].filter((level) => level > 0);
  assert.equal(inked('fine').length, 4);
  assert.equal(new Set(inked('fine')).size, 2);
  assert.ok(inked('broad').length >= 6);
  assert.ok(hasNibs(large) && !hasNibs(empty));
  assert.deepEqual(stroke(empty, [2, 2], [6, 6], { nib: 'broad' }), stroke(empty, [2, 2], [6, 6]));
});

test('only grey pictures of levels, and not too large ones, can be drawn', () => {
  assert.equal(whyNotDrawn({ image_shape: [28, 28], num_values: 256 }), '');
  assert.match(whyNotDrawn({ image_shape: [28, 28, 3], num_values: 256 }), /colours/);
  assert.match(whyNotDrawn({ image_shape: [], num_values: null }), /no pictures/);
  assert.match(whyNotDrawn({ image_shape: [64, 64], num_values: 256 }), /64×64/);
  assert.equal(blankFor(null), null);
  assert.equal(blankFor({ image_shape: [8, 8, 3], num_values: 256 }), null);
  assert.deepEqual(blankFor({ image_shape: [8, 8], num_values: 17 }), empty);
});

test('levels travel through the address, and only into pictures of their shape', () => {
  let drawing = stroke(empty, [1, 1], [7, 6]);
  drawing = withCell(drawing, 63, 99);
  assert.equal(drawing.cells[63], 16);
  const text = toText(drawing);
  assert.match(text, /^[\w-]+$/);
  assert.deepEqual(fromText(text, empty), drawing);
  assert.ok(isBlank(fromText(text, blank([7, 8], 17))));
  assert.ok(isBlank(fromText(text, blank([8, 8], 2))));
  assert.ok(isBlank(fromText('%%%', empty)));
  assert.equal(toText(empty), '');
});

test('levels are brightness from 0 to 255, exactly', () => {
  const drawing = withCell(withCell(empty, 1, 8), 8, 16);
  const rows = brightness(drawing);
  assert.deepEqual([rows.length, rows[0]?.length], [8, 8]);
  assert.deepEqual([rows[0]?.[1], rows[1]?.[0]], [127.5, 255]);
  assert.deepEqual(drawingOf(pictureOf(drawing), 17).cells, drawing.cells);
});

test('manifold tiles are whole multiples of a picture and cover the frame around its middle', () => {
  const range = /** @type {Box} */ ([-3, 3, -2, 2]);
  const { resolution, bounds } = manifoldGrid({ left: 30, top: 1, width: 600, height: 400, range }, [8, 8]);
  const tile = ((bounds[1] - bounds[0]) / resolution) * 100;
  assert.ok(Math.abs(tile - 24) < 1e-9);
  assert.ok(bounds[0] <= -3 && bounds[1] >= 3 && bounds[2] <= -2 && bounds[3] >= 2);
  assert.ok(Math.abs(bounds[0] + bounds[1]) < 1e-9);
  const huge = manifoldGrid({ left: 0, top: 0, width: 4000, height: 4000, range: [-1, 1, -1, 1] }, [8, 8]);
  assert.ok(huge.resolution <= 64 && huge.bounds[1] >= 1);
  const wide = manifoldGrid({ left: 0, top: 0, width: 280, height: 280, range: [-1, 1, -1, 1] }, [14, 28]);
  const large = manifoldGrid({ left: 0, top: 0, width: 480, height: 480, range: [-1, 1, -1, 1] }, [96, 96]);
  assert.equal(large.resolution, 10);
  assert.ok(Math.abs((wide.bounds[1] - wide.bounds[0]) / (wide.bounds[3] - wide.bounds[2]) - 2) < 1e-9);
});
