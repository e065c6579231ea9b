import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesInWords, className, countsInWords, rowName, shapeInWords, splitNoun, withClass } from '../../frontend/data-words.js';

const digits = { image_shape: [8, 8], num_values: 17, feature_names: [], label_names: ['zero', 'one'] };
const wine = { image_shape: [], num_values: null, feature_names: ['alcohol', 'hue'], label_names: [] };

test('rows are images or rows', () => {
  assert.equal(rowName('test', digits, 5), 'Test image 5');
  assert.equal(rowName('train', wine, 5), 'Training row 5');
  assert.equal(splitNoun('validation', wine, 2), 'validation rows');
  assert.equal(splitNoun('test', null), 'test image');
});

test('a class has its name, a number until that is known, and nothing where there are no labels', () => {
  assert.deepEqual([className(digits, 1), className(null, 1), className(wine, 0)], ['one', '1', '']);
  assert.equal(withClass('Test image 5', digits, 0), 'Test image 5, class zero');
  assert.equal(withClass('Test row 5', wine, 0), 'Test row 5');
});

test('what a row looks like', () => {
  assert.equal(shapeInWords(digits), '8×8 grey, 17 levels');
  assert.equal(shapeInWords({ ...digits, image_shape: [32, 24, 3], num_values: 256 }), '32×24 colour, 256 levels');
  assert.equal(shapeInWords(wine), '2 features');
  assert.equal(shapeInWords({ ...wine, feature_names: ['alcohol'] }), '1 feature');
});

test('counts and sizes', () => {
  assert.equal(countsInWords({ total: 1797, train: 1000, validation: 350, test: 447 }), '1,797 rows: 1,000 train, 350 validation, 447 test');
  assert.deepEqual([0, 999, 1000, 12_345, 3.4e9].map(bytesInWords), ['0 B', '999 B', '1.0 kB', '12 kB', '3.4 GB']);
});
