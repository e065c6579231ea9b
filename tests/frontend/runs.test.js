import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { RunStore } from '../../frontend/runs.js';
import { settled } from './time.js';

/** @param {string} id */
const run = (id, status = 'queued') => ({ id, status, checkpoint: 0, progress: { epoch: 0, epochs: 9, seconds_left: null } });

/** The lists that were asked for and not yet answered. @type {((runs: object[], total?: number) => Promise<void>)[]} */
let asked = [];
/** @type {EventTarget} */
let stream;

beforeEach(() => {
  asked = [];
  const answer = (/** @type {object[]} */ items, /** @type {number} */ total) => new Response(JSON.stringify({ items, total }));
  mock.method(globalThis, 'fetch', () => new Promise((resolve) => {
    asked.push(async (items, total = items.length) => {
      resolve(answer(items, total));
      await settled();
    });
  }));
  class FakeSource extends EventTarget {
    static CLOSED = 2;
    readyState = 1;

    constructor() {
      super();
      stream = this;
    }
  }
  Object.assign(globalThis, { EventSource: FakeSource, window: globalThis });
});

afterEach(() => mock.restoreAll());

/**
 * @param {string} name
 * @param {object} data
 */
const tell = (name, data) => stream.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));

/** @param {RunStore} runs */
const known = (runs) => runs.all.map(({ id, status }) => `${id} ${status}`);

/** A store whose first list is answered and whose stream is open, with the second list under way. */
async function opened() {
  const runs = new RunStore();
  runs.connect();
  await settled();
  await asked[0]?.([run('old')]);
  stream.dispatchEvent(new Event('open'));
  await settled();
  assert.equal(asked.length, 2);
  return runs;
}

test('a run that is created while the list is under way stays', async () => {
  const runs = await opened();
  tell('status', run('new'));
  assert.deepEqual(known(runs), ['old queued', 'new queued']);
  await asked[1]?.([run('old')]);
  assert.deepEqual(known(runs), ['old queued', 'new queued']);
});

test('so do the state of a run, how far it is, and that it is gone', async () => {
  const runs = await opened();
  tell('status', run('new'));
  tell('deleted', { run: 'old' });
  tell('status', run('new', 'running'));
  tell('progress', { run: 'new', checkpoint: 1, epoch: 3, epochs: 9, seconds_left: 2, snapshot: null });
  await asked[1]?.([run('old'), run('new')]);
  assert.deepEqual(known(runs), ['new running']);
  assert.equal(runs.get('new')?.progress.epoch, 3);
  // What was told before the next list is asked for is in that one.
  const again = runs.load();
  await settled();
  await asked[2]?.([run('third')]);
  await again;
  assert.deepEqual(known(runs), ['third queued']);
});

test('one list is read after the other', async () => {
  const runs = new RunStore();
  runs.connect();
  await settled();
  stream.dispatchEvent(new Event('open'));
  // Whoever asks while one waits gets that one.
  runs.load();
  await settled();
  assert.equal(asked.length, 1);
  await asked[0]?.([]);
  assert.equal(asked.length, 2);
  await asked[1]?.([run('a')]);
  assert.deepEqual(known(runs), ['a queued']);
  assert.equal(runs.connection, 'live');
  assert.equal(asked.length, 2);
});

test('listeners are told once of what they can see', async () => {
  const runs = await opened();
  /** @type {string[]} */
  const told = [];
  runs.subscribe((change) => told.push(`${change.kind} ${runs.all.length}`));
  tell('status', run('new'));
  tell('deleted', { run: 'unheard of' });
  await asked[1]?.([run('old')]);
  assert.deepEqual(told, ['list 2', 'list 2']);
});

test('a run that was just created is added, and never set back', async () => {
  const runs = await opened();
  runs.add(/** @type {any} */ (run('mine')));
  assert.deepEqual(known(runs), ['old queued', 'mine queued']);
  // The server told of its start before it answered that it was created.
  tell('status', run('mine', 'running'));
  runs.add(/** @type {any} */ (run('mine')));
  await asked[1]?.([run('old'), run('mine', 'finished')]);
  runs.add(/** @type {any} */ (run('mine')));
  assert.deepEqual(known(runs), ['old queued', 'mine running']);
});

test('a list is read though a listener broke on the one before', async () => {
  const runs = await opened();
  let broken = true;
  runs.subscribe(() => {
    if (broken) throw new Error('broken');
  });
  const first = assert.rejects(runs.load(), /broken/);
  await asked[1]?.([run('old')]);
  await asked[2]?.([run('a')]);
  await first;
  broken = false;
  const second = runs.load();
  await settled();
  await asked[3]?.([run('b')]);
  await second;
  assert.deepEqual(known(runs), ['b queued']);
});

test('pages are read again from the start where a run was deleted meanwhile', async () => {
  const runs = new RunStore();
  const load = runs.load();
  await settled();
  await asked[0]?.([run('a'), run('b')], 3);
  // “a” is gone, so that the page after two runs begins after “c”.
  await asked[1]?.([], 2);
  await asked[2]?.([run('b'), run('c')], 2);
  await load;
  assert.deepEqual(known(runs), ['b queued', 'c queued']);
});
