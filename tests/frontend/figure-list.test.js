import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf, likelihoodsInWords, sorted } from '../../frontend/figure-list.js';

/** @import {Estimate, Figures} from '../../frontend/contract' */

/** @param {number[]} values */
const along = (values) => ({
  figures: /** @type {Figures} */ ({
    dimension_mutual_information: values.map((value) => /** @type {Estimate} */ ({ value, standard_error: null, estimator: 'quadrature', samples: 9 })),
  }),
});

const ids = (/** @type {{figures: Figures | null}[]} */ rows) =>
  figuresOf(rows).flatMap(({ id }) => (id.startsWith('mutual_information_z') ? [id] : []));

test('each dimension of the latent space has its mutual information', () => {
  assert.deepEqual(ids([]), []);
  assert.deepEqual(ids([{ figures: null }, along([2, 1]), along([3])]), ['mutual_information_z1', 'mutual_information_z2']);
  const twelfth = figuresOf([along(Array(12).fill(1))]).at(-1);
  assert.equal(twelfth?.title, 'I(x; z₁₂)');
  assert.equal(twelfth?.read(/** @type {Figures} */ (along([1]).figures)), undefined);
});

test('runs are sorted by the mutual information of a dimension', () => {
  const rows = [along([2, 1]), along([3]), along([1, 2])];
  assert.deepEqual(sorted(rows, 'mutual_information_z2'), [rows[0], rows[2], rows[1]]);
  assert.deepEqual(sorted(rows, '-mutual_information_z1'), [rows[1], rows[0], rows[2]]);
});

test('likelihoods compare where they are of the same data in the same form', () => {
  const row = (/** @type {string} */ dataset, /** @type {string} */ of) => ({ run: { config: { dataset } }, figures: /** @type {Figures} */ ({ log_likelihood_of: of }) });
  const waiting = { run: { config: { dataset: 'iris' } }, figures: null };
  assert.deepEqual(likelihoodsInWords([row('digits', '17 levels'), row('digits', '17 levels'), waiting]), { alike: true, text: 'Likelihoods are of 17 levels.' });
  const binarised = likelihoodsInWords([row('digits', '17 levels'), row('digits', 'two levels')]);
  assert.ok(!binarised.alike);
  assert.match(binarised.text, /17 levels; or of two levels/);
  assert.match(likelihoodsInWords([row('digits', 'levels'), row('iris', 'levels')]).text, /several data sets/);
  assert.deepEqual(likelihoodsInWords([waiting]), { alike: true, text: '' });
});
