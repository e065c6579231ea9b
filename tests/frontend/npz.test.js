import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, npy, npz } from '../../frontend/npz.js';
import { arraysOf, gridTable } from '../../frontend/panel-files.js';

test('the checksum is that of zip files', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test('values begin at a multiple of 64 bytes, whatever the shape', () => {
  for (const shape of [[3], [3, 1], [1, 3, 1], [1234567, 0]]) {
    const count = shape.reduce((product, length) => product * length);
    assert.equal((npy({ values: new Float64Array(count), shape }).length - 8 * count) % 64, 0);
  }
});

test('numpy reads the same arrays', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'npz-'));
  const file = join(folder, 'a.npz');
  const whole = Float64Array.of(9, 0.1, -2, Infinity, 1e300, 5, 6);
  writeFileSync(
    file,
    npz({
      values: { values: whole.subarray(1), shape: [2, 3] },
      label: { values: Int32Array.of(-1, 7), shape: [2] },
      small: { values: Float32Array.of(0.5), shape: [1] },
      none: { values: new Uint8Array(), shape: [0, 4] },
    }),
  );
  const script = `
import json, sys, zipfile
import numpy
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
found = numpy.load(sys.argv[1])
print(json.dumps({name: [found[name].dtype.str, found[name].shape, found[name].tolist()] for name in found}))`;
  const python = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  if (python.error || python.stderr.includes('No module named')) return t.skip('There is no python3 with numpy.');
  assert.equal(python.stderr, '');
  assert.deepEqual(JSON.parse(python.stdout.replace('Infinity', '"Infinity"')), {
    values: ['<f8', [2, 3], [[0.1, -2, 'Infinity'], [1e300, 5, 6]]],
    label: ['<i4', [2], [-1, 7]],
    small: ['<f4', [1], [0.5]],
    none: ['|u1', [0, 4], []],
  });
});

test('a grid as a table: z1 runs along the rows of the grid, z2 along its columns', () => {
  const grid = {
    field: /** @type {const} */ ('prior'),
    z1: Float64Array.of(-1, 1),
    z2: Float64Array.of(10, 20, 30),
    values: Float64Array.of(1, 2, 3, 4, 5, 6),
  };
  assert.deepEqual(gridTable(grid, ['z1', 'z2']), [['z1', 'z2', 'log_prior'], [-1, 10, 1], [1, 10, 2], [-1, 20, 3], [1, 20, 4], [-1, 30, 5], [1, 30, 6]]);
});

test('the grid of a line has one coordinate, that of a plane of a larger space its names', () => {
  const line = { field: /** @type {const} */ ('log_ratio'), z1: Float64Array.of(-1, 1), z2: new Float64Array(), values: Float64Array.of(3, 4) };
  assert.deepEqual(gridTable(line, ['z1', '']), [['z1', 'log_ratio'], [-1, 3], [1, 4]]);
  assert.deepEqual(gridTable({ ...line, z2: Float64Array.of(7) }, ['PC 1', 'PC 2'])[0], ['PC 1', 'PC 2', 'log_ratio']);
});

test('of points on a plane of a larger space both places are saved', () => {
  const points = /** @type {any} */ ({ z: new Float64Array(6), scale: new Float64Array(6), loc: new Float64Array(4), latentDim: 3, label: new Int32Array(2), index: new Int32Array(2) });
  const density = /** @type {any} */ ({ field: 'prior', z1: new Float64Array(3), z2: new Float64Array(2), values: new Float64Array(6) });
  const { loc, on_plane: shown, prior } = arraysOf(points, density, { name: 'axes:1,2' });
  assert.deepEqual([loc?.shape, shown?.shape, prior?.shape], [[2, 3], [2, 2], [2, 3]]);
  assert.equal('on_plane' in arraysOf(points, density, { name: '' }), false);
});
