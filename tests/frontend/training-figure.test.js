import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossRange, spread, trainingFigure, trainingTable } from '../../frontend/training-figure.js';
import { palette } from './palette.js';

/** @import {ElboTerm, History} from '../../frontend/contract' */

/**
 * @param {number[]} elbo
 * @returns {History}
 */
function history(elbo) {
  /** @type {Record<Exclude<ElboTerm, 'elbo'>, number[]>} */
  const none = { reconstruction: [], cross_entropy: [], posterior_entropy: [] };
  return {
    epoch: elbo.map((_, i) => i + 1),
    seconds: elbo.map(() => 0.1),
    train: { ...none, elbo },
    validation: { ...none, elbo: elbo.map((v) => v - 1) },
  };
}

test('training curves show the negative ELBO of training and validation', () => {
  const curves = [{ title: 'VampPrior', history: history([-150, -110, -100]) }];
  const { data, layout } = trainingFigure(curves, { width: 800, height: 280, labelled: true, palette, epoch: null });
  assert.equal(data.length, 2);
  assert.deepEqual(data[1]?.['y'], [151, 111, 101]);
  const [label] = /** @type {{text: string}[]} */ (layout['annotations']);
  assert.match(label?.text ?? '', /VampPrior 101\.0/);
  const bare = trainingFigure(curves, { width: 300, height: 280, labelled: false, palette, epoch: null });
  assert.deepEqual(bare.layout['annotations'], []);
});

test('training curves as a table', () => {
  const two = history([-150, -110]);
  const terms = { elbo: [1, 2], reconstruction: [3, 4], cross_entropy: [5, 6], posterior_entropy: [7, 8] };
  const rows = trainingTable([{ title: 'a', history: { ...two, train: terms, validation: terms } }]);
  assert.deepEqual(rows[0]?.slice(0, 5), ['run', 'epoch', 'seconds', 'train_elbo', 'train_reconstruction']);
  assert.deepEqual(rows.slice(1), [['a', 1, 0.1, 1, 3, 5, 7, 1, 3, 5, 7], ['a', 2, 0.1, 2, 4, 6, 8, 2, 4, 6, 8]]);
});

test('the curves fill the plot, but for their steep start', () => {
  const [low, high] = lossRange([[300, 200, ...Array.from({ length: 98 }, (_, i) => 110 - i / 10)]]);
  assert.ok(low < 100.3 && low > 95);
  assert.ok(high > 110 && high < 130);
  assert.deepEqual(lossRange([[]]), [0, 1]);
});

test('labels move apart and stay on the plot', () => {
  assert.deepEqual(spread([10, 12, 50], 15, 100), [10, 25, 50]);
  assert.deepEqual(spread([95, 96, 97], 10, 100), [80, 90, 100]);
  assert.deepEqual(spread([], 10, 100), []);
});
