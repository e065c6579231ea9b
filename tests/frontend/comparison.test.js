import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonOf, sharesRanges, sharesSpace } from '../../frontend/comparison.js';
import { readSeeds } from '../../frontend/seeds.js';

/** @import {Run} from '../../frontend/contract' */

/**
 * @param {string} id
 * @param {string | null} frozen_from
 * @returns {Run}
 */
function run(id, frozen_from = null, dataset = 'digits') {
  const config = { dataset, latent_dim: 2, prior: { kind: 'mog' }, training: { seed: 0 } };
  return {
    id, name: id, frozen_from, config, status: 'finished', progress: { epoch: 1, epochs: 1, seconds_left: null },
    checkpoint: 1, best_epoch: 1, metrics: null, error: null, resumable: false, resumed: 0, note: null, created_at: '', started_at: null, finished_at: null,
    versions: { priorscope: '', torch: '', numpy: '', python: '', device: null, precision: null },
  };
}

test('runs on one frozen model share a latent space, with the run that it came from', () => {
  assert.ok(sharesSpace([run('a'), run('b', 'a'), run('c', 'a')]));
  assert.ok(sharesSpace([run('b', 'a'), run('c', 'a')]));
  assert.ok(!sharesSpace([run('a'), run('b')]));
  assert.ok(!sharesSpace([run('a'), run('b', 'a'), run('c')]));
  assert.ok(!sharesSpace([run('a')]));
});

test('ranges are shared where the latent space is, unless someone chose', () => {
  const [frozen, separate] = [[run('a'), run('b', 'a')], [run('a'), run('b')]];
  assert.ok(sharesRanges({ ranges: 'auto' }, frozen) && !sharesRanges({ ranges: 'auto' }, separate));
  assert.ok(!sharesRanges({ ranges: 'own' }, frozen) && sharesRanges({ ranges: 'shared' }, separate));
});

test('the page says what may be concluded', () => {
  assert.equal(comparisonOf([run('a')]), null);
  assert.equal(comparisonOf([run('a'), run('b', 'a')])?.kind, 'frozen');
  const separate = comparisonOf([run('a'), run('b')]);
  assert.equal(separate?.title, 'Separate latent spaces');
  assert.match(separate?.text ?? '', /different things in each panel/);
  assert.equal(comparisonOf([run('a'), run('b', 'a'), run('c')])?.title, 'Several latent spaces');
  assert.match(comparisonOf([run('a'), run('b', null, 'faces')])?.text ?? '', /on the same data/);
});

test('seeds are whole numbers, each once', () => {
  assert.deepEqual(readSeeds('0, 1 2;2,'), { seeds: [0, 1, 2], problem: '' });
  for (const text of ['', ' , ', '1, x', '-1', '1.5', '99999999999']) {
    const { seeds, problem } = readSeeds(text);
    assert.deepEqual(seeds, []);
    assert.notEqual(problem, '');
  }
});
