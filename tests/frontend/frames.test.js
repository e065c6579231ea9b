import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameCache } from '../../frontend/frames.js';
import { planeThrough, wholeOf } from '../../frontend/latent-plane.js';

/** @import {Asked, Frame} from '../../frontend/frames.js' */
/** @import {LatentPlane} from '../../frontend/latent-plane.js' */

const whole = /** @type {LatentPlane} */ (wholeOf(/** @type {any} */ ({ config: { latent_dim: 2 } })));

/** @type {Asked} */
const grid = { field: 'prior', bounds: [-1, 1, -1, 1], resolution: 10, plane: whole, reading: 'marginal', split: 'test' };

/**
 * A frame of 1000 bytes.
 * @param {number} epoch
 */
function frame(epoch) {
  return /** @type {Frame} */ (
    /** @type {unknown} */ ({ epoch, points: { loc: new Float64Array(15), scale: new Float64Array(10) }, density: { values: new Float64Array(100) } })
  );
}

test('frames are found by run, epoch, field and place', () => {
  const cache = new FrameCache();
  const one = frame(1);
  cache.put('a', grid, one);
  assert.equal(cache.get('a', 1, { ...grid, bounds: [-1, 1, -1, 1] }), one);
  assert.equal(cache.get('b', 1, grid), null);
  assert.equal(cache.get('a', 2, grid), null);
  assert.equal(cache.get('a', 1, { ...grid, field: 'log_ratio' }), null);
  assert.equal(cache.get('a', 1, { ...grid, bounds: [-1, 1, -1, 2] }), null);
  assert.equal(cache.get('a', 1, { ...grid, split: 'train' }), null);
});

test('frames of one plane are not taken for those of another, nor slices for marginals', () => {
  const cache = new FrameCache();
  const axes = /** @type {[number[], number[]]} */ ([[1, 0, 0], [0, 1, 0]]);
  const at = (/** @type {number[] | null} */ z) => planeThrough({ plane: 'axes:1,2', names: ['z1', 'z2'], origin: [0, 0, 2], axes }, z);
  const one = frame(1);
  cache.put('a', { ...grid, plane: at(null) }, one);
  assert.equal(cache.get('a', 1, grid), null);
  assert.equal(cache.get('a', 1, { ...grid, plane: at([0, 0, 5]) }), one);
  assert.equal(cache.get('a', 1, { ...grid, plane: at(null), reading: 'slice' }), null);
  cache.put('a', { ...grid, plane: at(null), reading: 'slice' }, one);
  assert.equal(cache.get('a', 1, { ...grid, plane: at([0, 0, 5]), reading: 'slice' }), null);
});

test('those that were not used for longest make room', () => {
  const cache = new FrameCache(3000);
  for (const epoch of [0, 1, 2]) cache.put('a', grid, frame(epoch));
  cache.get('a', 0, grid);
  cache.put('a', grid, frame(3));
  cache.put('a', grid, frame(3));
  assert.deepEqual([0, 1, 2, 3].map((epoch) => cache.get('a', epoch, grid) !== null), [true, false, true, true]);
});

test('a frame that is larger than all the room is kept as long as it is the last', () => {
  const cache = new FrameCache(10);
  cache.put('a', grid, frame(0));
  assert.ok(cache.get('a', 0, grid));
  cache.put('a', grid, frame(1));
  assert.equal(cache.get('a', 0, grid), null);
});
