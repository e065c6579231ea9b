import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochAt, epochInWords, evenly, everyNth, keptInWords, positionOf, standIn, unionOf } from '../../frontend/epochs.js';

/** @import {Run} from '../../frontend/contract' */

/**
 * @param {Partial<Run>} differing
 * @returns {Run}
 */
function run(differing) {
  const of = { epoch: 74, epochs: 120, seconds_left: null };
  return /** @type {Run} */ ({ status: 'finished', progress: of, best_epoch: 60, ...differing });
}

test('runs share one timeline, with each epoch once', () => {
  assert.deepEqual(unionOf([[0, 1, 2, 10], [0, 2, 3], []]), [0, 1, 2, 3, 10]);
});

test('the last stored epoch at or before the chosen one stands for it', () => {
  const stored = [0, 1, 5, 20];
  assert.deepEqual([0, 4, 5, 19, 400].map((epoch) => standIn(stored, epoch)), [0, 1, 5, 5, 20]);
  assert.equal(standIn([3, 4], 1), 3);
  assert.equal(standIn([], 1), null);
});

test('the scrubber has a place for each stored epoch and one for the present', () => {
  const stored = [0, 1, 5, 20];
  assert.deepEqual([0, 1, 7, 99, null].map((epoch) => positionOf(stored, epoch)), [0, 1, 2, 3, 4]);
  assert.deepEqual([-1, 0, 3, 4].map((position) => epochAt(stored, position)), [0, 0, 20, null]);
  assert.equal(positionOf([], 7), 0);
});

test('a selection of epochs begins with the first and ends with the last', () => {
  assert.deepEqual(everyNth([0, 1, 2, 3, 4, 5], 2), [0, 2, 4, 5]);
  assert.deepEqual(everyNth([0, 1, 2], 1), [0, 1, 2]);
  assert.deepEqual(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8], 3), [0, 4, 8]);
  assert.deepEqual(evenly([0, 1], 6), [0, 1]);
});

test('panels say which epoch they show, and which is kept', () => {
  assert.equal(epochInWords(run({}), 12, 12), 'Epoch 12 of 74');
  assert.equal(epochInWords(run({}), 74, 110), 'Epoch 74, its last');
  assert.equal(epochInWords(run({ status: 'running' }), 74, 110), 'Epoch 74 of 74');
  assert.equal(keptInWords(run({})), 'kept: epoch 60');
  assert.equal(keptInWords(run({ status: 'running' })), '');
  assert.equal(keptInWords(run({ best_epoch: null })), '');
});
