import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Imports } from '../../frontend/imports.js';
import { fakePage } from './page.js';
import { fakeTimers, settled } from './time.js';

fakeTimers();

/** What the server says next: a status, or how far the import is. @type {(number | string)[]} */
let answers = [];
let asked = 0;

beforeEach(() => {
  fakePage();
  Object.assign(globalThis, { localStorage: { getItem: () => null, setItem() {} } });
  asked = 0;
  mock.method(globalThis, 'fetch', async () => {
    asked += 1;
    const answer = answers.shift() ?? 'running';
    if (typeof answer === 'number') return new Response('<p>A proxy’s page</p>', { status: answer, headers: { 'content-type': 'text/html' } });
    return new Response(JSON.stringify({ id: 'a', title: 'Mine', status: answer, error: null }));
  });
});

/** An import that has been started, and looked at so many times. @param {number} times */
async function followed(times) {
  const imports = new Imports(/** @type {any} */ ({ load: async () => {} }));
  await imports.start({ upload: 'u' }, 'Mine');
  for (let i = 0; i < times; i += 1) {
    mock.timers.tick(400);
    await settled();
  }
  return imports.current;
}

test('an import is followed past answers that are none', async () => {
  answers = ['running', 502, 503, 'running', 409, 'finished'];
  const current = await followed(7);
  assert.deepEqual([current?.status, current?.error], ['finished', null]);
  assert.equal(asked, 6);
});

test('one that the server knows nothing of has failed', async () => {
  answers = ['running', 404];
  const current = await followed(3);
  assert.deepEqual([current?.status, current?.error], ['failed', 'The server answered 404.']);
  assert.equal(asked, 2);
});
