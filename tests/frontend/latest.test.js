import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatestOnly } from '../../frontend/latest.js';

test('one at a time, and of those that wait only the latest', async () => {
  const requests = new LatestOnly();
  /** @type {string[]} */
  const began = [];
  /** @type {(() => void)[]} */
  const finish = [];
  const task = (/** @type {string} */ name) => () => {
    began.push(name);
    return /** @type {Promise<void>} */ (new Promise((resolve) => finish.push(resolve)));
  };
  const all = requests.submit(task('a'));
  requests.submit(task('b'));
  requests.submit(task('c'));
  assert.deepEqual(began, ['a']);
  finish[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(began, ['a', 'c']);
  finish[1]?.();
  await all;
  assert.deepEqual(began, ['a', 'c']);
});

test('what waits can be forgotten', async () => {
  const requests = new LatestOnly();
  let ran = 0;
  const first = requests.submit(async () => {
    ran += 1;
  });
  requests.submit(async () => {
    ran += 10;
  });
  requests.clear();
  await first;
  assert.equal(ran, 1);
});
