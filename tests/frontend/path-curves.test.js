import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { PathCurves } from '../../frontend/path-curves.js';
import { settled } from './time.js';

afterEach(() => mock.restoreAll());

test('a line is read again when a run has learned more, or has ended', async () => {
  let asked = 0;
  mock.method(globalThis, 'fetch', async () => {
    asked += 1;
    return new Response('', { status: 404 });
  });
  const curves = new PathCurves(/** @type {any} */ ({}), () => {});
  const path = /** @type {any} */ ([{ z: [0, 0] }, { z: [1, 1] }]);
  for (const [checkpoint, status] of [[1, 'running'], [1, 'running'], [2, 'running'], [2, 'finished'], [2, 'finished']]) {
    curves.want(path, /** @type {any} */ ([{ id: 'a', checkpoint, status }]));
    await settled();
  }
  assert.equal(asked, 3);
});
