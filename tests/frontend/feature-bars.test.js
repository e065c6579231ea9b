import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barOf, barsOf, featureNumber, featuresOf, spreadOf, vectorInWords } from '../../frontend/feature-bars.js';

/** @type {import('../../frontend/feature-bars.js').Features} */
const features = { names: ['alcohol', 'proline', 'constant'], ranges: [[11, 15], [278, 1680], [2, 2]] };

/** @param {number[]} values */
const vector = (...values) => ({ values: Float64Array.from(values), features });

test('a bar reaches as far as its value lies on the training range', () => {
  assert.deepEqual(barOf(12, [11, 15]), { share: 0.25, beyond: null });
  assert.deepEqual(barOf(15, [11, 15]), { share: 1, beyond: null });
  assert.deepEqual(barOf(17, [11, 15]), { share: 1, beyond: 'above' });
  assert.deepEqual(barOf(-3, [11, 15]), { share: 0, beyond: 'below' });
});

test('a feature without a range has its bar in the middle, or at the end that it passes', () => {
  assert.deepEqual(barsOf(vector(11, 278, 2)).map(({ share }) => share), [0, 0, 0.5]);
  assert.deepEqual(barsOf(vector(11, 278, 2.5))[2], { share: 1, beyond: 'above' });
});

test('as long as nothing is known of the features there are no bars', () => {
  assert.deepEqual(barsOf({ values: Float64Array.of(1), features: featuresOf(null) }), []);
  assert.deepEqual(featuresOf({ feature_names: [], feature_ranges: null }), { names: [], ranges: [] });
});

test('values have the digits that tell them apart on their range, in their own units', () => {
  assert.equal(featureNumber(13.2371, [11, 15]), '13.24');
  assert.equal(featureNumber(1065.3, [278, 1680]), '1,065');
  assert.equal(featureNumber(0.0041, [0.0009, 0.03]), '0.0041');
  assert.equal(featureNumber(-0.5, [-1, 1]), '−0.50');
  assert.equal(featureNumber(-0.0001, [-1, 1]), '0.00');
  assert.equal(featureNumber(3.2e-9, [0, 1e-8]), '3.20e−9');
  assert.equal(featureNumber(4.5e9, [0, 1e10]), '4.50e9');
  assert.equal(featureNumber(2, [2, 2]), '2.00');
  assert.equal(featureNumber(NaN, [0, 1]), 'not a number');
});

test('the spread of draws is their mean and standard deviation', () => {
  assert.deepEqual(spreadOf([vector(1, 0, 2), vector(3, 0, 2)]), [
    { loc: 2, scale: Math.SQRT2 },
    { loc: 0, scale: 0 },
    { loc: 2, scale: 0 },
  ]);
  assert.deepEqual(spreadOf([vector(1, 2, 3)]), []);
});

test('a vector can be read out', () => {
  assert.equal(vectorInWords(vector(13, 1000, 2), 2), 'alcohol 13.00, proline 1,000 and 1 more');
  assert.equal(vectorInWords(vector(13, 1000, 2)), 'alcohol 13.00, proline 1,000, constant 2.00');
});
