import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionOf } from '../../frontend/version.js';

test('a run says more with every checkpoint, and once more when its training has ended', () => {
  const course = /** @type {const} */ ([[0, 'queued'], [1, 'running'], [2, 'running'], [2, 'finished']]);
  const versions = course.map(([checkpoint, status]) => versionOf({ checkpoint, status }));
  assert.deepEqual(versions, versions.toSorted((a, b) => a - b));
  assert.equal(new Set(versions).size, course.length);
  // What a run that goes on says before it has learned more is nothing new; after that it is.
  assert.ok(versionOf({ checkpoint: 2, status: 'running' }) < versionOf({ checkpoint: 2, status: 'cancelled' }));
  assert.ok(versionOf({ checkpoint: 3, status: 'running' }) > versionOf({ checkpoint: 2, status: 'cancelled' }));
});

test('a run that has ended without weights says nothing', () => {
  assert.equal(versionOf({ checkpoint: 0, status: 'failed' }), 0);
});
