import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { ServerLost, get, send } from '../../frontend/http.js';

beforeEach(() => {
  // An answer that never comes.
  mock.method(globalThis, 'fetch', (/** @type {string} */ _path, /** @type {RequestInit} */ { signal }) => new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  }));
});

afterEach(() => mock.restoreAll());

test('a server that does not answer in time is lost', async () => {
  // The timer of a signal alone does not keep Node.js running.
  const awake = setTimeout(() => {}, 1000);
  await assert.rejects(get('/runs', {}, AbortSignal.timeout(5)), ServerLost);
  clearTimeout(awake);
});

test('one that was told to stop is not', async () => {
  const stop = new AbortController();
  const sent = send('POST', '/animations', {}, stop.signal);
  stop.abort();
  await assert.rejects(sent, { name: 'AbortError' });
});
