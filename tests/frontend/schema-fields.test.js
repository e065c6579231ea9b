import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldsOf, nest, readAnswer, sentenceCase, shown } from '../../frontend/schema-fields.js';

/** @import {JsonSchema} from '../../frontend/contract' */

/** @type {JsonSchema} */
const SCHEMA = {
  $defs: {
    Given: { type: 'object', title: 'GivenSplit', properties: { kind: { const: 'given' } } },
    Stratified: {
      type: 'object',
      title: 'Seeded split',
      properties: { kind: { const: 'stratified' }, seed: { type: 'integer', default: 0 } },
    },
    Network: {
      type: 'object',
      properties: {
        hidden: { type: 'array', items: { type: 'integer' }, default: [256, 256] },
        activation: { enum: ['leaky_relu', 'tanh'], type: 'string', default: 'leaky_relu' },
      },
    },
  },
  properties: {
    name: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null, title: 'Name' },
    latent_dim: { type: 'integer', default: 2, minimum: 1, maximum: 64, title: 'Latent Dim' },
    split: { oneOf: [{ $ref: '#/$defs/Given' }, { $ref: '#/$defs/Stratified' }], default: { kind: 'stratified', seed: 5 } },
    network: { $ref: '#/$defs/Network', default: { hidden: [64], activation: 'tanh' } },
    fixed: { const: 1 },
    learn: { type: 'boolean', default: true },
  },
};

const fields = fieldsOf(SCHEMA);
const field = (/** @type {string} */ path) => {
  const found = fields.find((one) => one.path === path);
  assert.ok(found, `no field ${path}`);
  return found;
};

test('a schema becomes questions in its order', () => {
  assert.deepEqual(
    fields.map(({ path }) => path),
    ['name', 'latent_dim', 'split.kind', 'split.seed', 'network.hidden', 'network.activation', 'learn'],
  );
});

test('kinds of input, labels, limits and defaults come from the schema', () => {
  assert.equal(field('latent_dim').input, 'integer');
  assert.equal(field('latent_dim').label, 'Latent dimensions');
  assert.deepEqual([field('latent_dim').minimum, field('latent_dim').maximum], [1, 64]);
  assert.equal(field('name').input, 'text');
  assert.equal(field('name').optional, true);
  assert.equal(field('learn').input, 'switch');
  assert.equal(field('network.hidden').input, 'integers');
  assert.equal(shown(field('network.hidden')), '64');
  assert.equal(shown(field('name')), '');
  assert.equal(field('network.activation').value, 'tanh');
});

test('a union is a choice whose branches ask only when chosen', () => {
  assert.equal(field('split.kind').value, 'stratified');
  assert.deepEqual(
    field('split.kind').choices.map(({ label }) => label),
    ['Given', 'Seeded split'],
  );
  assert.deepEqual(field('split.seed').when, { path: 'split.kind', value: 'stratified' });
  assert.equal(field('split.seed').value, 5);
});

test('options of a prior are asked below its path', () => {
  const options = { properties: { kind: { const: 'mog' }, num_components: { type: 'integer', title: 'Num Components' } } };
  const [only, ...rest] = fieldsOf(options, 'prior');
  assert.equal(rest.length, 0);
  assert.equal(only?.path, 'prior.num_components');
  assert.equal(only?.label, 'Number of components');
});

test('titles are in sentence case', () => {
  assert.equal(sentenceCase('Learning Rate'), 'Learning rate');
  assert.equal(sentenceCase('leaky_relu'), 'Leaky relu');
  assert.equal(sentenceCase('GTM'), 'GTM');
});

test('answers are read as what they are; what cannot be read is left to the server', () => {
  assert.equal(readAnswer(field('latent_dim'), ' 3 '), 3);
  assert.equal(readAnswer(field('latent_dim'), 'three'), 'three');
  assert.equal(readAnswer(field('latent_dim'), ''), undefined);
  assert.deepEqual(readAnswer(field('network.hidden'), '64, 32 16'), [64, 32, 16]);
  assert.equal(readAnswer(field('learn'), false), false);
});

test('answers are nested by path, unanswered questions left out', () => {
  const body = nest([['prior.kind', 'mog'], ['prior.num_components', 4], ['name', undefined], ['dataset', 'digits']]);
  assert.deepEqual(body, { prior: { kind: 'mog', num_components: 4 }, dataset: 'digits' });
});
