import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Snapshots } from '../../frontend/snapshots.js';
import { settled } from './time.js';

/** What the server has stored. */
let stored = [0, 1, 2, 3];

beforeEach(() => {
  stored = [0, 1, 2, 3];
  Object.assign(globalThis, { window: globalThis });
  mock.method(globalThis, 'fetch', async () => new Response(JSON.stringify({ epochs: stored })));
});

afterEach(() => mock.restoreAll());

/** A run that has come to epoch 3 and whose epochs are known. */
async function known() {
  const run = { id: 'a', progress: { epoch: 3 } };
  /** @type {any} */
  const runs = {
    connection: 'live',
    get: () => run,
    subscribe: (/** @type {(change: object) => void} */ listener) => {
      runs.tell = (/** @type {object} */ change, epoch = run.progress.epoch) => {
        run.progress = { epoch };
        listener(change);
      };
    },
  };
  const overviews = /** @type {any} */ ({ of: async () => ({ snapshots: stored }) });
  const snapshots = new Snapshots(runs, overviews);
  /** @type {string[]} */
  const told = [];
  snapshots.subscribe((id) => told.push(snapshots.of(id).join()));
  snapshots.of('a');
  await settled();
  assert.deepEqual(told.splice(0), ['0,1,2,3']);
  return { snapshots, told, tell: runs.tell };
}

test('a run that goes on from an earlier epoch has no later ones until it comes to them again', async () => {
  const { told, tell } = await known();
  stored = [0, 1];
  tell({ kind: 'run', id: 'a' }, 1);
  await settled();
  assert.deepEqual(told, ['0,1']);
  tell({ kind: 'progress', id: 'a', snapshot: 2 }, 2);
  assert.deepEqual(told, ['0,1', '0,1,2']);
});

test('nor has one that did so while the server was lost', async () => {
  const { snapshots, tell } = await known();
  tell({ kind: 'list' }, 0);
  assert.deepEqual(snapshots.of('a'), [0]);
  tell({ kind: 'list', removed: 'elsewhere' });
  assert.deepEqual(snapshots.of('a'), [0]);
});
