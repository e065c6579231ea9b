import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negativeElbo, number, place, statusText, timeLeft } from '../../frontend/format.js';
import { Titles } from '../../frontend/titles.js';

/** @import {Run} from '../../frontend/contract' */

/**
 * @param {Partial<Run>} [changes]
 * @returns {Run}
 */
function run(changes = {}) {
  return {
    id: 'r1',
    name: 'VampPrior',
    status: 'queued',
    config: { dataset: 'digits', latent_dim: 2, prior: { kind: 'vampprior' }, training: { seed: 3 } },
    progress: { epoch: 0, epochs: 100, seconds_left: null },
    checkpoint: 0,
    best_epoch: null,
    metrics: null,
    error: null,
    resumable: false,
    resumed: 0,
    note: null,
    created_at: '',
    started_at: null,
    finished_at: null,
    versions: { priorscope: '', torch: '', numpy: '', python: '', device: null, precision: null },
    ...changes,
  };
}

test('numbers have a true minus sign, and no minus zero', () => {
  assert.equal(number(-1.234), '−1.23');
  assert.equal(number(-0.001), '0.00');
  assert.equal(number(-Infinity), '−∞');
  assert.equal(place([0.5, -1.2]), 'z1 0.50, z2 −1.20');
});

test('a figure has the digits that its error allows', () => {
  const estimate = { estimator: 'monte_carlo', samples: 8 };
  assert.deepEqual(negativeElbo({ value: -98.7654, standard_error: 0.6, ...estimate }), { value: '98.8', error: '± 0.6' });
  assert.deepEqual(negativeElbo({ value: -98.7654, standard_error: 0.02, ...estimate }), { value: '98.77', error: '± 0.02' });
  assert.deepEqual(negativeElbo({ value: -98.7654, standard_error: null, ...estimate }), { value: '98.8', error: '' });
});

test('time is told as people tell it', () => {
  const left = (/** @type {number | null} */ seconds_left) =>
    timeLeft(run({ status: 'running', progress: { epoch: 3, epochs: 100, seconds_left } }));
  assert.equal(left(null), '');
  assert.equal(left(0.3), 'under 1 s left');
  assert.equal(left(42.4), '42 s left');
  assert.equal(left(600), '10 min left');
  assert.equal(timeLeft(run()), '');
});

test('a run says what it is doing', () => {
  assert.equal(statusText(run()), 'Waiting to train');
  assert.equal(statusText(run({ status: 'running' })), 'Starting');
  const progress = { epoch: 41, epochs: 200, seconds_left: 12 };
  assert.equal(statusText(run({ status: 'running', progress })), 'Epoch 41 of 200');
  assert.equal(statusText(run({ status: 'cancelled', progress })), 'Cancelled at epoch 41');
});

test('runs are called by their prior, and by their name where that says more', () => {
  const titles = new Titles();
  titles.setPriors([{ kind: 'vampprior', title: 'VampPrior', description: '', options: {} }]);
  assert.equal(titles.full(run()), 'VampPrior');
  assert.equal(titles.full(run({ name: 'my best' })), 'VampPrior, my best');
  assert.equal(titles.name(run({ name: 'VampPrior · digits · seed 3' })), 'seed 3');
  const twin = run({ id: 'r2', name: 'VampPrior · digits · seed 4' });
  assert.equal(titles.short(run({ name: 'my best' }), [run(), twin]), 'my best');
  assert.equal(titles.short(run(), [run()]), 'VampPrior');
});
