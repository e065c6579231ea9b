import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Moment } from '../../frontend/moment.js';
import { INITIAL } from '../../frontend/state.js';
import { ViewStore } from '../../frontend/view-store.js';

/** @import {RunStore} from '../../frontend/runs.js' */
/** @import {Snapshots} from '../../frontend/snapshots.js' */

/**
 * Two runs: `a` has ended, `b` trains.
 * @param {Record<string, number[]>} stored
 * @param {number | null} [epoch]
 */
function scene(stored, epoch = null) {
  const store = new ViewStore({ ...INITIAL, runs: ['a', 'b'], active: 'a', epoch });
  /** @type {((run: string) => void)[]} */
  const listeners = [];
  const snapshots = { of: (/** @type {string} */ id) => stored[id] ?? [], subscribe: (/** @type {any} */ heard) => listeners.push(heard) };
  const runs = { get: (/** @type {string} */ id) => ({ status: id === 'a' ? 'finished' : 'running' }) };
  const moment = new Moment(store, /** @type {RunStore} */ (/** @type {unknown} */ (runs)), /** @type {Snapshots} */ (/** @type {unknown} */ (snapshots)));
  let heard = 0;
  moment.subscribe(() => (heard += 1));
  const grow = (/** @type {string} */ id, /** @type {number} */ at) => {
    stored[id]?.push(at);
    for (const listener of listeners) listener(id);
  };
  return { store, moment, grow, heard: () => heard };
}

test('without a chosen epoch everything is of the present', () => {
  const { moment } = scene({ a: [0, 1, 2], b: [0, 1] });
  assert.deepEqual([moment.of('a'), moment.of('b')], [null, null]);
  assert.deepEqual(moment.epochs, [0, 1, 2]);
  assert.deepEqual(moment.after('a', 3), []);
  assert.equal(moment.live, true);
});

test('each run shows its last stored epoch at or before the chosen one', () => {
  const { moment } = scene({ a: [0, 1, 2, 5, 9], b: [0, 2] }, 5);
  assert.deepEqual([moment.of('a'), moment.of('b')], [5, 2]);
  assert.deepEqual(moment.after('a', 3), [9]);
  assert.deepEqual(moment.after('b', 3), []);
});

test('a pause holds the run that trains, and not the one that has ended', () => {
  const { moment, grow, heard } = scene({ a: [0, 1, 2], b: [0, 1] });
  moment.pause();
  assert.deepEqual([moment.of('a'), moment.of('b')], [null, 1]);
  assert.equal(moment.heldInWords(), 'Paused at epoch 1');
  const before = heard();
  grow('b', 2);
  assert.equal(moment.of('b'), 1);
  assert.equal(heard(), before);
  moment.resume();
  assert.equal(moment.of('b'), null);
  assert.equal(moment.paused, false);
});

test('a run that stores its first epoch during a pause stays there', () => {
  const { moment, grow } = scene({ a: [0], b: [] });
  moment.pause();
  assert.equal(moment.of('b'), null);
  assert.equal(moment.heldInWords(), 'Paused');
  grow('b', 0);
  assert.equal(moment.of('b'), 0);
  grow('b', 1);
  assert.equal(moment.of('b'), 0);
});

test('who looks at the past ends the pause', () => {
  const { moment, store, heard } = scene({ a: [0, 1, 2], b: [0, 1] });
  moment.pause();
  store.update({ epoch: 0 }, { record: false });
  assert.equal(moment.paused, false);
  assert.equal(moment.of('b'), 0);
  assert.equal(heard(), 2);
  moment.resume();
  assert.equal(store.state.epoch, null);
});
