import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proposedAnswer } from '../../frontend/proposed-answers.js';
import { fieldsOf } from '../../frontend/schema-fields.js';

/** @import {JsonSchema} from '../../frontend/contract' */

/** @param {string} kind @param {Record<string, JsonSchema>} rest */
const branch = (kind, rest) => ({ type: 'object', properties: { kind: { const: kind }, ...rest } });

const fields = fieldsOf({
  properties: {
    dataset: { type: 'string', default: 'digits' },
    likelihood: {
      oneOf: [
        branch('categorical', { num_values: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null } }),
        branch('gaussian', { scale: { enum: ['learned', 'predicted'], default: 'learned' } }),
        branch('discretized_logistic', { scale: { enum: ['learned', 'predicted'], default: 'predicted' } }),
      ],
    },
    network: { oneOf: [branch('mlp', { hidden: { type: 'array', default: [256] } })] },
    training: { type: 'object', properties: { epochs: { type: 'integer', default: 120 } } },
  },
});

const proposal = {
  likelihood: { kind: 'gaussian', scale: 'predicted' },
  network: { kind: 'mlp', hidden: [64, 32] },
  training: { epochs: 300 },
  why: [],
};

test('a proposal answers the questions about its parts, and of a union those of its kind only', () => {
  const answers = fields.map((field) => [field.path, field.when?.value, proposedAnswer(proposal, field)]);
  assert.deepEqual(answers, [
    ['dataset', undefined, null],
    ['likelihood.kind', undefined, 'gaussian'],
    ['likelihood.num_values', 'categorical', null],
    ['likelihood.scale', 'gaussian', 'predicted'],
    ['likelihood.scale', 'discretized_logistic', null],
    ['network.kind', undefined, 'mlp'],
    ['network.hidden', 'mlp', '64, 32'],
    ['training.epochs', undefined, '300'],
  ]);
});

test('nothing, too, can be proposed', () => {
  const field = fields.find(({ path }) => path === 'likelihood.num_values');
  assert.ok(field);
  assert.equal(proposedAnswer({ ...proposal, likelihood: { kind: 'categorical', num_values: null } }, field), '');
  assert.equal(proposedAnswer({ ...proposal, likelihood: { kind: 'categorical' } }, field), null);
});
