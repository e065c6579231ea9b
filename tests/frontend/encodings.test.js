import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Encodings } from '../../frontend/encodings.js';
import { fakeTimers, settled } from './time.js';
import { wire } from './wire.js';

fakeTimers();

const DIGITS = { id: 'digits', image_shape: [2, 2], num_values: 17 };
const RUN = { id: 'a', status: 'running', checkpoint: 1, config: { dataset: 'digits' } };

/** @type {string[]} */
let asked = [];

beforeEach(() => {
  asked = [];
  mock.method(globalThis, 'fetch', async (/** @type {string} */ path) => {
    asked.push(path);
    return new Response('{"title": "Not today", "detail": "Not today"}', { status: 503, headers: { 'content-type': 'application/problem+json' } });
  });
});

/** Parts of a page whose runs are known, and whose data sets are when the test says so. */
function parts() {
  /** @type {(() => void)[]} */
  const listeners = [];
  /** @type {any} */
  let known = null;
  /** @type {any} */
  const all = {
    runs: { get: (/** @type {string} */ id) => ({ ...RUN, id }), subscribe() {} },
    store: { state: { runs: ['a'], drawing: 'AQIDBA' }, subscribe() {} },
    datasets: { get: () => known, subscribe: (/** @type {() => void} */ listener) => listeners.push(listener) },
  };
  const learn = () => {
    known = DIGITS;
    for (const listener of listeners) listener();
  };
  return { all, learn };
}

test('a drawing that is there before the data sets are known is encoded once they are', async () => {
  const { all, learn } = parts();
  new Encodings(all).update();
  mock.timers.tick(100);
  assert.deepEqual(asked, []);
  learn();
  mock.timers.tick(100);
  await settled();
  assert.deepEqual(asked, ['/api/runs/a/encode']);
});

const one = wire(Float64Array.of(1));
const ENCODED = { loc: one, scale: one, reconstruction: wire(new Uint8Array(4), '1, 2, 2'), log_prior: one, log_aggregated_posterior: one };

test('a drawing that was refused in passing is encoded after a while; an answer for another run changes nothing', async () => {
  const { all, learn } = parts();
  all.store.state.runs = ['a', 'b'];
  const encodings = new Encodings(all);
  learn();
  mock.method(globalThis, 'fetch', async (/** @type {string} */ path) => {
    asked.push(path);
    return path.startsWith('/api/runs/a/') ? new Response('', { status: 503 }) : new Response(JSON.stringify(ENCODED));
  });
  mock.timers.tick(100);
  await settled();
  assert.deepEqual([encodings.of('a')?.problem, encodings.of('b')?.problem], ['The server answered 503.', '']);
  const before = asked.length;
  encodings.update();
  mock.timers.tick(100);
  await settled();
  assert.equal(asked.length, before);
  mock.method(globalThis, 'fetch', async () => new Response(JSON.stringify(ENCODED)));
  mock.timers.tick(3000);
  mock.timers.tick(100);
  await settled();
  assert.deepEqual([encodings.of('a')?.problem, encodings.of('a')?.value?.loc], ['', [1]]);
});

test('a drawing that nobody shows any more is not asked about again', async () => {
  const { all, learn } = parts();
  const encodings = new Encodings(all);
  learn();
  mock.timers.tick(100);
  await settled();
  all.store.state.runs = [];
  encodings.update();
  mock.timers.tick(100_000);
  await settled();
  assert.deepEqual(asked, ['/api/runs/a/encode']);
});

test('a drawing is encoded again when a run has ended: then all rows count', async () => {
  const { all, learn } = parts();
  mock.method(globalThis, 'fetch', async (/** @type {string} */ path) => {
    asked.push(path);
    return new Response(JSON.stringify(ENCODED));
  });
  const encodings = new Encodings(all);
  learn();
  for (const status of ['running', 'running', 'finished']) {
    all.runs.get = (/** @type {string} */ id) => ({ ...RUN, id, status });
    encodings.update();
    mock.timers.tick(100);
    await settled();
  }
  assert.equal(asked.filter((path) => path.endsWith('/encode')).length, 2);
});
