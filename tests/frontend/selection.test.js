import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { toCsv } from '../../frontend/csv.js';
import { chosenMedians, chosenRows, drawingOrder } from '../../frontend/points.js';
import { cornersOf, imagesIn, inside, polygonOf } from '../../frontend/region.js';
import { Selection } from '../../frontend/selection.js';
import { selectionTable } from '../../frontend/selection-table.js';
import { INITIAL } from '../../frontend/state.js';
import { ViewStore } from '../../frontend/view-store.js';
import { settled } from './time.js';

/** @import {Point} from '../../frontend/geometry.js' */

const loc = Float64Array.of(0, 0, 1, 1, 2, 0.5, 5, 5);
const points = {
  loc,
  z: loc,
  scale: Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
  latentDim: 2,
  label: Int32Array.of(3, 8, 3, 5),
  index: Int32Array.of(1350, 1351, 1352, 1353),
  split: /** @type {const} */ ('test'), total: 4,
  checkpoint: 1,
};

test('a box selects the images whose points lie in it', () => {
  const box = cornersOf([0.5, 2.5, 0, 1.5]);
  assert.deepEqual([...imagesIn(points, box)], [1351, 1352]);
  assert.equal(imagesIn(points, cornersOf([8, 9, 8, 9])).size, 0);
});

test('a lasso may be concave, in either direction', () => {
  /** @type {Point[]} */
  const letter = [[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3]];
  for (const path of [letter, letter.toReversed()]) {
    assert.ok(inside(path, 0.5, 2));
    assert.ok(inside(path, 2.5, 2));
    assert.ok(!inside(path, 1.5, 2));
    assert.ok(!inside(path, -1, 2));
  }
});

test('a long path keeps its shape in few corners', () => {
  /** @type {Point[]} */
  const circle = Array.from({ length: 500 }, (_, i) => [2 + Math.cos(i / 80), Math.sin(i / 80)]);
  const polygon = polygonOf(circle, 64);
  assert.equal(polygon.length, 64);
  for (const [z1, z2] of polygon) assert.ok(Math.abs(Math.hypot(z1 - 2, z2) - 1) < 1e-3);
  assert.ok(inside(polygon, 2.9, 0.1) && !inside(polygon, 3.1, 0.1));
  assert.deepEqual(polygonOf([[1, 1], [1, 1], [2, 2.0000001], [3, 1]], 64), [[1, 1], [2, 2], [3, 1]]);
});

test('selection and isolated classes work together', () => {
  const both = chosenRows(points, [3], new Set([1350, 1351]));
  assert.deepEqual([...both], [1, 0, 0, 0]);
  assert.deepEqual(drawingOrder(both), [1, 2, 3, 0]);
  const chosen = chosenRows(points, [], new Set([1351, 1353]));
  assert.deepEqual(chosenMedians(points, chosen, drawingOrder(chosen)).map(({ label }) => label), [5, 8]);
});

test('of very many points some are drawn, the chosen ones first, whatever their order', () => {
  // Sorted by class with a period of ten: taking every tenth would show one class only.
  const label = Int32Array.from({ length: 50_000 }, (_, i) => i % 10);
  const all = drawingOrder(new Uint8Array(50_000).fill(1), 10_000);
  assert.equal(all.length, 10_000);
  assert.equal(new Set(all).size, 10_000);
  const counts = Array.from({ length: 10 }, (_, k) => all.filter((i) => label[i] === k).length);
  assert.ok(counts.every((n) => Math.abs(n - 1000) < 20), String(counts));
  const third = Uint8Array.from(label, (k) => (k === 3 ? 1 : 0));
  const isolated = drawingOrder(third, 10_000);
  assert.equal(isolated.length, 10_000);
  assert.equal(isolated.filter((i) => third[i]).length, 5000);
  const crowded = drawingOrder(Uint8Array.from(label, (k) => (k > 0 ? 1 : 0)), 10_000);
  assert.equal(crowded.length, 10_000);
  assert.equal(crowded.filter((i) => label[i] === 0).length, 2000);
});

test('the table has a row for each image and run, and names stay names', () => {
  const other = { ...points, latentDim: 1, index: Int32Array.of(1351, 9, 10, 11) };
  const table = selectionTable(
    [{ index: 1351, label: '8' }, { index: 1353, label: '=1+1' }],
    [{ id: 'a', name: '=cmd()', points }, { id: 'b', name: 'One, two', points: other }],
  );
  assert.equal(
    toCsv(table),
    'index,label,run,run_id,z1,z2,scale1,scale2\r\n' +
      "1351,8,'=cmd(),a,1,1,0.3,0.4\r\n" +
      '1351,8,"One, two",b,0,,0.1,\r\n' +
      "1353,'=1+1,'=cmd(),a,5,5,0.7,0.8\r\n",
  );
});

test('who follows the selection is told once its points are there, though a panel asked for it first', () => {
  const select = { run: 'a', epoch: null, plane: '', polygon: cornersOf([0.5, 2.5, 0, 1.5]) };
  const store = /** @type {any} */ ({ state: { select }, subscribe() {} });
  const runs = /** @type {any} */ ({ get: () => ({ checkpoint: 1, config: { dataset: 'digits' } }), subscribe() {} });
  const selection = new Selection(runs, store, /** @type {any} */ ({}), () => points);
  let told = 0;
  selection.subscribe(() => told++);
  assert.deepEqual([...(selection.imagesOf('a') ?? [])], [1351, 1352]);
  selection.update();
  selection.update();
  assert.equal(told, 1);
});

/** A selection whose points no panel shows yet, while the server answers nothing. */
function refused() {
  let asked = 0;
  mock.method(globalThis, 'fetch', async () => {
    asked += 1;
    return new Response('', { status: 503 });
  });
  const store = new ViewStore({ ...INITIAL, runs: ['a'], active: 'a' });
  /** @type {(change: object) => void} */
  let tell = () => {};
  const run = { id: 'a', checkpoint: 1, config: { dataset: 'digits', latent_dim: 2 } };
  const runs = /** @type {any} */ ({ get: () => run, subscribe: (/** @type {typeof tell} */ listener) => { tell = listener; } });
  /** @type {typeof points | null} */
  let shown = null;
  const selection = new Selection(runs, store, /** @type {any} */ ({ load: async () => ({}) }), () => shown);
  /** @type {string[]} */
  const told = [];
  // As the page does: whoever hears of the selection looks for its images.
  selection.subscribe(() => told.push(`${selection.images?.size ?? 'unknown'} ${selection.problem}`));
  const region = { run: 'a', epoch: null, plane: '', polygon: cornersOf([0.5, 2.5, 0, 1.5]) };
  return {
    selection, store, told, region,
    get asked() {
      return asked;
    },
    tell: (/** @type {object} */ change) => tell(change),
    show: () => {
      shown = points;
      selection.update();
    },
  };
}

const REFUSED = 'unknown The server answered 503.';

test('what was refused is forgotten once a panel has the points', async (t) => {
  const page = refused();
  t.after(() => mock.restoreAll());
  page.store.update({ select: page.region });
  await settled();
  assert.deepEqual([page.told, page.asked], [[REFUSED], 1]);
  page.show();
  assert.deepEqual(page.told, [REFUSED, '2 ']);
});

test('and asked for again when the server is back, or the region is chosen again', async (t) => {
  const page = refused();
  t.after(() => mock.restoreAll());
  page.store.update({ select: page.region });
  await settled();
  page.tell({ kind: 'progress', id: 'a', snapshot: null });
  assert.equal(page.asked, 1);
  page.tell({ kind: 'list' });
  await settled();
  assert.deepEqual([page.told, page.asked], [[REFUSED, REFUSED], 2]);
  page.store.update({ select: null });
  assert.equal(page.selection.problem, '');
  page.store.update({ select: page.region });
  await settled();
  assert.equal(page.asked, 3);
});

test('what is refused of a region that is left says nothing of the next', async (t) => {
  const page = refused();
  t.after(() => mock.restoreAll());
  page.store.update({ select: page.region });
  page.show();
  await settled();
  assert.deepEqual(page.told, ['2 ']);
});
