import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { defaultsOf, difference, essentials, leaves } from '../../frontend/config-difference.js';
import { pythonLiteral, shellWord, visibleJson } from '../../frontend/quoting.js';
import { commandText, curlText, pythonText } from '../../frontend/reproduction.js';

/** @import {JsonSchema, RunConfig} from '../../frontend/contract' */

const HOSTILE = [
  'plain',
  '',
  "it's",
  '$(touch pwned) `id` "; rm -rf ~; #',
  "!! !$ \\' \\\\",
  'line\nbreak\ttab\u001b[2J\u0007\r',
  'right\u202eto left\u200bhidden',
  'é ü 漢字 😀',
  '-rf',
  'a\\u0041\\n%s',
];

test('any text is one word of the shell', () => {
  const words = HOSTILE.map(shellWord);
  const { stdout } = spawnSync('bash', ['-c', `printf '%s\\1' ${words.join(' ')}`], { encoding: 'utf8' });
  assert.deepEqual(stdout.split('\u0001').slice(0, -1), HOSTILE);
  for (const word of words) assert.doesNotMatch(word, /[\p{Cc}\p{Cf}]/u);
});

test('JSON shows every character and stays the same', () => {
  for (const text of HOSTILE) {
    assert.doesNotMatch(visibleJson({ text }), /[\p{Cc}\p{Cf}]/u);
    assert.deepEqual(JSON.parse(visibleJson({ text })), { text });
  }
});

test('Python reads the same values', (t) => {
  const value = { texts: HOSTILE, numbers: [1, -2.5, 1e-7], none: null, yes: true, no: false };
  const python = spawnSync('python3', ['-c', `import json; print(json.dumps(${pythonLiteral(value)}))`], { encoding: 'utf8' });
  if (python.error) return t.skip('There is no python3.');
  assert.deepEqual(JSON.parse(python.stdout), value);
});

/** @type {JsonSchema} */
const schema = {
  $defs: {
    File: { properties: { kind: { const: 'given', default: 'given' } } },
    Training: { properties: { seed: { default: 0 }, epochs: { default: 120 }, patience: { default: 15 } } },
    Network: { properties: { hidden: { default: [256, 256] }, activation: { default: 'leaky_relu' } } },
  },
  properties: {
    dataset: { default: 'digits' },
    split: { oneOf: [{ $ref: '#/$defs/File' }], default: { kind: 'given' } },
    prior: { oneOf: [] },
    latent_dim: { default: 2 },
    network: { $ref: '#/$defs/Network', default: { hidden: [256, 256], activation: 'leaky_relu' } },
    training: { $ref: '#/$defs/Training' },
    name: { default: null },
  },
};
const options = /** @type {JsonSchema} */ ({ properties: { kind: { const: 'mog', default: 'mog' }, num_components: { default: 16 }, weights: { default: 'learned' } } });

/** @type {RunConfig} */
const config = {
  dataset: 'digits',
  split: { kind: 'stratified', seed: 0 },
  prior: { kind: 'mog', num_components: 7, weights: 'learned' },
  latent_dim: 2,
  network: { hidden: [32], activation: 'leaky_relu' },
  training: { seed: 0, epochs: 3, patience: 15 },
};

test('only what differs from the defaults is said, and data set, prior and seed', () => {
  assert.deepEqual(defaultsOf(schema)['training'], { seed: 0, epochs: 120, patience: 15 });
  const said = essentials(config, schema, { options });
  assert.deepEqual(said, {
    dataset: 'digits',
    prior: { kind: 'mog', num_components: 7 },
    training: { seed: 0, epochs: 3 },
    split: { kind: 'stratified', seed: 0 },
    network: { hidden: [32] },
  });
  assert.deepEqual(leaves(said).map(([path]) => path), ['dataset', 'prior.kind', 'prior.num_components', 'training.seed', 'training.epochs', 'split.kind', 'split.seed', 'network.hidden']);
  assert.deepEqual(difference({ kind: 'a', x: 1 }, { kind: 'a', x: 1 }), {});
  assert.deepEqual(essentials(config, schema, {})['prior'], config.prior);
});

test('what the data set proposes need not be said, what differs from it must', () => {
  const proposal = { likelihood: { kind: 'gaussian', min_scale: 0.05 }, network: { kind: 'mlp', hidden: [64] }, training: { epochs: 200, seed: 0 }, why: ['Because.'] };
  const taken = { ...config, likelihood: proposal.likelihood, network: proposal.network, training: { seed: 0, epochs: 200 } };
  const short = essentials(taken, schema, { options, proposal });
  assert.deepEqual(short['training'], { seed: 0 });
  assert.ok(!('likelihood' in short) && !('network' in short) && !('why' in short));
  const other = essentials({ ...taken, likelihood: { kind: 'gaussian', min_scale: 0.1 }, network: { kind: 'convolutional', hidden: [64] } }, schema, { options, proposal });
  assert.deepEqual(other['likelihood'], { kind: 'gaussian', min_scale: 0.1 });
  assert.deepEqual(other['network'], { kind: 'convolutional', hidden: [64] });
});

test('the texts say what is on the screen', () => {
  const run = { config: essentials(config, schema, { options }), name: "it's", frozenFrom: null, density: null, pins: [[0.5, -1]], epoch: null };
  const density = { field: /** @type {const} */ ('log_ratio'), resolution: 104, bounds: /** @type {[number, number, number, number]} */ ([-4, 4, -3, 3]), epoch: 5, section: {} };
  const frozen = { ...run, name: '', frozenFrom: 'abc', density, pins: [], epoch: 5 };
  const screen = { server: 'http://127.0.0.1:8000', address: 'http://127.0.0.1:8000/#runs=a,b', token: false, threshold: 10, runs: [run, frozen] };

  const lines = commandText(screen).split('\n').filter((line) => line.includes('priorscope '));
  assert.equal(
    lines[0],
    "run1=$(priorscope train --server http://127.0.0.1:8000 --dataset digits --prior mog --set prior.num_components=7 --seed 0 --epochs 3 --set split.kind=stratified --set split.seed=0 --set 'network.hidden=[32]' --name='it'\\''s' --id-only)",
  );
  assert.deepEqual(lines.slice(1), [
    'priorscope holes --server http://127.0.0.1:8000 "$run1" --tau 10',
    'run2=$(priorscope train --server http://127.0.0.1:8000 --frozen-from abc --prior mog --set prior.num_components=7 --seed 0 --epochs 3 --id-only)',
    'priorscope holes --server http://127.0.0.1:8000 "$run2" --tau 10 --epoch 5',
    'priorscope runs --server http://127.0.0.1:8000 --limit 2',
  ]);

  const python = pythonText(screen);
  assert.match(python, /"name": "it's"\}, None, None, \[\[0\.5, -1\]\]\),/);
  assert.match(python, /"frozen_from": "abc".*\}, 5, \{.*"bounds": \(-4, 4, -3, 3\), "epoch": 5\}, \[\]\),/);

  const curl = curlText(screen);
  assert.match(curl, /density\?field=log_ratio&resolution=104&bounds=-4,4,-3,3&epoch=5" -o density-2\.json/);
  assert.match(curl, /\/decode" .* '\{"z":\[\[0\.5,-1\]\]\}' -o pins-1\.json/);
  assert.match(curl, /holes\?tau=10" -o holes-1\.json[^]*holes\?tau=10&epoch=5" -o holes-2\.json/);
  assert.doesNotMatch(curl, /density-1|pins-2/);
  for (const text of [commandText(screen), python, curl]) assert.match(text, /\n# http:\/\/127\.0\.0\.1:8000\/#runs=a,b\n$/);

  const section = { plane: 'axes:1,3', at: '0,0.5,2', reading: /** @type {const} */ ('slice') };
  const onPlane = { ...screen, runs: [{ ...frozen, density: { ...density, section } }] };
  assert.match(pythonText(onPlane), /"epoch": 5, "plane": "axes:1,3", "at": \(0, 0.5, 2\), "reading": "slice"\}/);
  assert.match(pythonText(onPlane), /tau=10, epoch=epoch, plane=\(field or \{\}\)\.get\("plane"\)\)/);
  assert.match(curlText(onPlane), /holes\?tau=10&epoch=5&plane=axes:1,3"/);
  assert.match(commandText(onPlane), /--tau 10 --plane axes:1,3 --epoch 5/);
  assert.match(curlText(onPlane), /&epoch=5&plane=axes:1,3&at=0,0.5,2&reading=slice" -o/);

  for (const text of [lines.join('\n'), python, curl]) assert.doesNotMatch(text, /token/i);
  const guarded = { ...screen, token: true };
  assert.match(commandText(guarded), /# PRIORSCOPE_TOKEN has to hold/);
  assert.match(pythonText(guarded), /^import os\n[^]*PriorscopeClient\("http:\/\/127.0.0.1:8000", token=os.environ\["PRIORSCOPE_TOKEN"\]\)/m);
  assert.equal(curlText(guarded).match(/curl -H "\$authorization"/g)?.length, curl.match(/curl /g)?.length);
});
