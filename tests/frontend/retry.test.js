import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { ApiError, ServerLost } from '../../frontend/http.js';
import { Retry, isPassing } from '../../frontend/retry.js';
import { fakeTimers } from './time.js';

fakeTimers();

/** @param {number} status */
const refusal = (status) => new ApiError({ title: '', detail: 'Not now.', status });

test('a busy server may answer later, a wrong question is never answered', () => {
  for (const status of [409, 429, 500, 502, 503]) assert.ok(isPassing(refusal(status)), String(status));
  for (const status of [403, 404, 422]) assert.ok(!isPassing(refusal(status)), String(status));
  assert.ok(isPassing(new ServerLost()));
  // An answer that broke off.
  assert.ok(isPassing(new SyntaxError('Unexpected end of JSON input')));
});

test('what is wrong with the thing itself is not asked for again for ever', () => {
  for (const status of [409, 500]) {
    const retry = new Retry(() => {});
    for (let i = 0; i < 3; i += 1) {
      assert.equal(retry.after(refusal(status)), true);
      mock.timers.tick(48_000);
    }
    assert.equal(retry.after(refusal(status)), false);
    assert.equal(retry.after(refusal(503)), true);
    mock.timers.tick(48_000);
    // The server answers again, and has a bad start.
    assert.equal(retry.after(refusal(status)), true);
  }
});

test('one more try at a time, less and less often, until it is stopped', () => {
  let tries = 0;
  const retry = new Retry(() => (tries += 1));
  retry.after(refusal(404));
  assert.equal(retry.waiting, false);
  retry.after(refusal(503));
  retry.after(refusal(503));
  mock.timers.tick(2999);
  assert.deepEqual([tries, retry.waiting], [0, true]);
  mock.timers.tick(1);
  assert.deepEqual([tries, retry.waiting], [1, false]);
  retry.after(refusal(503));
  mock.timers.tick(5999);
  assert.equal(tries, 1);
  mock.timers.tick(1);
  assert.deepEqual([tries, retry.hopeless], [2, false]);
  retry.after(refusal(503));
  assert.equal(retry.hopeless, true);
  retry.stop();
  mock.timers.tick(100_000);
  assert.deepEqual([tries, retry.waiting, retry.hopeless], [2, false, false]);
});
