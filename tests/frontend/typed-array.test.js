import assert from 'node:assert/strict';
import { test } from 'node:test';
import { floats, integers, onePictureOrVector, pictures, picturesOrVectors } from '../../frontend/typed-array.js';
import { wire } from './wire.js';

test('real numbers keep their values whatever their width', () => {
  assert.deepEqual([...floats(wire(Float64Array.of(0.1, -2, Infinity))).values], [0.1, -2, Infinity]);
  assert.deepEqual([...floats(wire(Float32Array.of(0.5, -1.25))).values], [0.5, -1.25]);
});

test('labels and indices are whole numbers', () => {
  assert.deepEqual([...integers(wire(Int32Array.of(1350, 7))).values], [1350, 7]);
  assert.deepEqual([...integers(wire(Uint8Array.of(3, 255))).values], [3, 255]);
});

test('the shape is read row-major', () => {
  const { shape, values } = floats(wire(Float32Array.from({ length: 6 }, (_, i) => i), '2, 3'));
  assert.deepEqual(shape, [2, 3]);
  assert.equal(values[1 * 3 + 2], 5);
});

test('pictures are cut out of the stack, grey and colour', () => {
  const grey = pictures(wire(Uint8Array.from({ length: 12 }, (_, i) => i), '2, 2, 3'));
  assert.equal(grey.length, 2);
  assert.deepEqual([...(grey[1]?.pixels ?? [])], [6, 7, 8, 9, 10, 11]);
  assert.deepEqual([grey[1]?.height, grey[1]?.width, grey[1]?.channels], [2, 3, 1]);
  const colour = pictures(wire(Uint8Array.from({ length: 12 }, (_, i) => i), '1, 2, 2, 3'));
  assert.deepEqual([colour[0]?.width, colour[0]?.channels], [2, 3]);
});

test('what comes are pictures, or else vectors with their features', () => {
  const features = { names: ['a', 'b'], ranges: /** @type {[number, number][]} */ ([[0, 1], [2, 4]]) };
  const values = wire(Float32Array.of(0.5, 3, 1, 2), '2, 2');
  const rows = picturesOrVectors(null, values, features);
  assert.deepEqual(rows.map((row) => 'values' in row && [...row.values]), [[0.5, 3], [1, 2]]);
  assert.ok(rows.every((row) => 'features' in row && row.features === features));
  const grey = wire(Uint8Array.of(1, 2, 3, 4), '1, 2, 2');
  assert.deepEqual(picturesOrVectors(grey, null, features), pictures(grey));
  assert.deepEqual(picturesOrVectors(null, undefined, features), []);
  const one = onePictureOrVector(null, wire(Float32Array.of(1, 2), '2'), features);
  assert.deepEqual('values' in one && [...one.values], [1, 2]);
  assert.throws(() => onePictureOrVector(null, null, features), RangeError);
});

test('an array that does not fit its shape is refused', () => {
  assert.throws(() => floats(wire(Float32Array.of(1, 2), '3')), RangeError);
});
