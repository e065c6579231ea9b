import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usersInWords } from '../../frontend/datasets-in-use.js';
import { importFields, importOptions, importProblems } from '../../frontend/import-options.js';

/** @import {Run} from '../../frontend/contract' */

/** @param {Parameters<typeof importFields>[0]} format */
const paths = (format) => importFields(format).own.map(({ path }) => path);

test('what is asked about a file depends on what it is', () => {
  assert.deepEqual(paths('pictures'), ['image_size', 'grey']);
  assert.deepEqual(paths('table'), ['labelled', 'label_column', 'image_size']);
  assert.deepEqual(paths('idx'), []);
});

test('only what was answered is asked of the server', () => {
  assert.deepEqual(importOptions({ title: '  ', id: '', labelled: true, label_column: '', image_size: '', grey: false }), {});
  assert.deepEqual(importOptions({ title: ' Flowers ', id: 'flowers', grey: true }), { title: 'Flowers', id: 'flowers', grey: true });
});

test('no labels is another wish than labels that are found by name', () => {
  assert.deepEqual(importOptions({ labelled: false, label_column: 'species' }), { label_column: null });
  assert.deepEqual(importOptions({ labelled: true, label_column: ' species ' }), { label_column: 'species' });
  assert.deepEqual(importOptions({ labelled: true, label_column: '' }), {});
});

test('sizes and shares are read as people write them', () => {
  for (const text of ['28x32', '28 × 32', '28, 32', '28*32', '28 32']) assert.deepEqual(importOptions({ image_size: text }), { image_size: [28, 32] });
  const split = { 'split.train': '70', 'split.validation': '10,5', 'split.test': '19.5%', 'split.seed': '3' };
  assert.deepEqual(importOptions(split), { split: { train: 0.7, validation: 0.105, test: 0.195, seed: 3 } });
});

test('what cannot be meant is said before the server is asked', () => {
  const shares = { 'split.train': '70', 'split.validation': '15', 'split.test': '15', 'split.seed': '0' };
  assert.deepEqual(importProblems({ ...shares, image_size: '28×28' }), []);
  assert.deepEqual(importProblems({ image_size: '' }), []);
  assert.match(importProblems({ image_size: 'large' })[0]?.message ?? '', /“large” is no size/);
  assert.deepEqual(importProblems({ ...shares, 'split.train': '80' }), [{ field: 'split.train', message: 'The three shares add up to 110%, not to 100%.' }]);
  assert.equal(importProblems({ ...shares, 'split.test': 'some' })[0]?.field, 'split.test');
  assert.equal(importProblems({ ...shares, 'split.train': '100', 'split.test': '0' })[0]?.field, 'split.train');
});

test('what cannot be read is left to the server to refuse', () => {
  assert.deepEqual(importOptions({ image_size: 'large' }), { image_size: 'large' });
  const split = { 'split.train': 'most', 'split.validation': '', 'split.test': '15', 'split.seed': '0' };
  assert.deepEqual(importOptions(split), { split: { train: 'most', validation: '', test: 0.15, seed: 0 } });
});

test('runs that keep a data set are named, many of them in part', () => {
  const run = (/** @type {string} */ name, dataset = 'wine') => /** @type {Run} */ (/** @type {unknown} */ ({ name, config: { dataset } }));
  const titles = { full: (/** @type {Run} */ { name }) => name };
  assert.equal(usersInWords([run('A', 'iris')], 'wine', titles), '');
  assert.equal(usersInWords([run('A'), run('B', 'iris')], 'wine', titles), '“A” uses it');
  assert.equal(usersInWords([run('A'), run('B')], 'wine', titles), '“A” and “B” use it');
  assert.equal(usersInWords(['A', 'B', 'C', 'D', 'E'].map((name) => run(name)), 'wine', titles), '“A”, “B”, “C” and 2 more runs use it');
});
