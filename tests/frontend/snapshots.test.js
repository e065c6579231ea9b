import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Overviews } from '../../frontend/overviews.js';
import { Snapshots } from '../../frontend/snapshots.js';
import { fakeTimers, settled } from './time.js';

/** @import {Change} from '../../frontend/runs.js' */

fakeTimers();

/** What the server answers, by the beginning of the address: a status, or a body. @type {Record<string, number | object>} */
let answers = {};
/** @type {string[]} */
let asked = [];

beforeEach(() => {
  asked = [];
  mock.method(globalThis, 'fetch', async (/** @type {string} */ path) => {
    const [address = ''] = path.split('?');
    asked.push(address);
    const answer = answers[address];
    return typeof answer === 'number' ? new Response('', { status: answer }) : new Response(JSON.stringify(answer));
  });
});

/** The epochs of a run, and a way to tell of it. */
function parts() {
  /** @type {((change: Change) => void)[]} */
  const listeners = [];
  /** @type {any} */
  const runs = { get: (/** @type {string} */ id) => ({ id, progress: { epoch: 9 } }), subscribe: (/** @type {() => void} */ listener) => listeners.push(listener) };
  const snapshots = new Snapshots(runs, new Overviews());
  const tell = (/** @type {Change} */ change) => listeners.forEach((listener) => listener(change));
  return { snapshots, tell };
}

test('where the overview is refused, the epochs are asked for alone', async () => {
  answers = { '/api/overview': 503, '/api/runs/a/snapshots': { epochs: [0, 1, 2] } };
  const { snapshots } = parts();
  assert.deepEqual(snapshots.of('a'), []);
  await settled();
  assert.deepEqual(snapshots.of('a'), [0, 1, 2]);
  assert.equal(snapshots.has('a'), true);
});

test('where both are refused in passing, it is not known what is stored until they are asked for again', async () => {
  answers = { '/api/overview': 503, '/api/runs/a/snapshots': 503 };
  const { snapshots } = parts();
  let told = 0;
  snapshots.subscribe(() => (told += 1));
  snapshots.of('a');
  await settled();
  assert.deepEqual([snapshots.has('a'), snapshots.problem('a'), told], [false, 'The server answered 503.', 1]);
  assert.equal(asked.length, 2);
  answers = { '/api/overview': { panels: [] }, '/api/runs/a/snapshots': { epochs: [0] } };
  mock.timers.tick(3000);
  await settled();
  assert.deepEqual([snapshots.has('a'), snapshots.problem('a'), snapshots.of('a'), told], [true, '', [0], 2]);
  mock.timers.tick(100_000);
  await settled();
  assert.equal(asked.length, 4);
});

test('a run that is gone is not asked for again', async () => {
  answers = { '/api/overview': 503, '/api/runs/a/snapshots': 503 };
  const { snapshots, tell } = parts();
  snapshots.of('a');
  await settled();
  tell({ kind: 'list', removed: 'a' });
  mock.timers.tick(100_000);
  await settled();
  assert.equal(asked.length, 2);
});
