import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareSpace } from '../../frontend/latent-space.js';
import { PLACES, TILE_STEPS, holesOnTheWay, logRatios, pathCsv, placesBetween, stepAt, stretchesAbove } from '../../frontend/path.js';
import { chartRange } from '../../frontend/path-chart.js';

/** @import {Run} from '../../frontend/contract' */

test('places lie evenly on the straight line, both ends exact', () => {
  const places = placesBetween([0.1, -2, 5], [0.7, 2, 5]);
  assert.equal(places.length, PLACES);
  assert.deepEqual(places[0], [0.1, -2, 5]);
  assert.deepEqual(places.at(-1), [0.7, 2, 5]);
  assert.deepEqual(places[60]?.map((v) => Number(v.toFixed(12))), [0.4, 0, 5]);
});

test('the strip begins and ends with the pins', () => {
  assert.equal(TILE_STEPS.length, 13);
  assert.deepEqual([TILE_STEPS[0], TILE_STEPS[1], TILE_STEPS.at(-1)], [0, 10, 120]);
  assert.equal(stepAt(1), 120);
  assert.equal(stepAt(0.2501), 30);
});

test('stretches above a limit end where the line between two values crosses it', () => {
  assert.deepEqual(stretchesAbove([0, 2, 2, 0, 0], 1), [[0.125, 0.625]]);
  assert.deepEqual(stretchesAbove([3, 0, 0, 0, 1], 1), [[0, (2 / 3) / 4], [1, 1]]);
  assert.deepEqual(stretchesAbove([2, 2], 1), [[0, 1]]);
  assert.deepEqual(stretchesAbove([0, 0, 0], 1), []);
  assert.deepEqual(stretchesAbove([], 1), []);
});

test('holes on the way are told in a sentence', () => {
  assert.match(holesOnTheWay([], 10), /^No hole on this line/);
  assert.match(holesOnTheWay([[0.125, 0.625]], 10), /crosses a hole: on 50% of the way \(13% to 63%\) the prior promises at least 10 times/);
  assert.match(holesOnTheWay([[0, 0.25], [0.5, 0.6]], 3), /2 holes: on 35% of the way \(0% to 25%, 50% to 60%\)/);
});

test('a curve leaves as CSV with all its digits', () => {
  const curve = { run: 'r', title: '=A', logPrior: Float64Array.of(-1.5, -2), logPosterior: Float64Array.of(-4, -0.1), pictures: [] };
  assert.deepEqual(logRatios(curve), [2.5, -1.9]);
  assert.equal(
    pathCsv([curve], [[0, 1], [2, 1 / 3]]),
    "run,title,at,z1,z2,log_prior,log_aggregated_posterior,log_ratio\r\nr,'=A,0,0,1,-1.5,-4,2.5\r\nr,'=A,1,2,0.3333333333333333,-2,-0.1,-1.9\r\n",
  );
});

test('a chart holds 0 and the threshold, and says when it cuts', () => {
  const limit = Math.log(10);
  assert.deepEqual(chartRange([0.5], limit), { low: -1, high: 1.25 * limit, clipped: false });
  assert.deepEqual(chartRange([-40, 300], limit), { low: -10, high: 10, clipped: true });
  assert.equal(chartRange([1, Infinity], limit).clipped, true);
});

test('runs share a latent space if they share encoder and decoder', () => {
  const run = (/** @type {string} */ id, /** @type {string | null | undefined} */ from) => /** @type {Run} */ ({ id, frozen_from: from });
  assert.equal(shareSpace(run('a', null), run('b', null)), false);
  assert.equal(shareSpace(run('a', undefined), run('a', undefined)), true);
  assert.equal(shareSpace(run('a', null), run('b', 'a')), true);
  assert.equal(shareSpace(run('c', 'a'), run('b', 'a')), true);
});
