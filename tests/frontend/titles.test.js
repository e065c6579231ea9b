import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Titles } from '../../frontend/titles.js';

/** @import {Run} from '../../frontend/contract' */

const titles = new Titles();
titles.setPriors([{ kind: 'mog', title: 'Mixture', description: '', options: {} }]);

/**
 * @param {string} dataset
 * @param {number} seed
 * @returns {Run}
 */
const run = (dataset, seed) =>
  /** @type {Run} */ (/** @type {unknown} */ ({ id: `${dataset} ${seed}`, name: `Mixture · ${dataset} · seed ${seed}`, config: { dataset, prior: { kind: 'mog' }, training: { seed } } }));

test('runs on several data sets are told apart by them', () => {
  const [wine, iris, other] = [run('wine', 0), run('iris', 0), run('wine', 1)];
  assert.equal(titles.apart(wine, [wine]), '');
  assert.equal(titles.apart(wine, [wine, other]), 'seed 0');
  assert.equal(titles.apart(wine, [wine, iris]), 'wine · seed 0');
  assert.equal(titles.short(wine, [wine, iris]), 'Mixture, wine · seed 0');
  assert.equal(titles.short(wine, [wine, other]), 'Mixture, seed 0');
});
