import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { ImportForm } from '../../frontend/import-form.js';
import { FakeElement, fakePage } from './page.js';
import { palette } from './palette.js';
import { fakeTimers, settled } from './time.js';
import { wire } from './wire.js';

fakeTimers();

const PREVIEW = {
  title: 'Mine', id: 'mine', description: '', image_shape: [], feature_names: ['x'], label_names: [], class_counts: [], notes: [],
  sample: { images: null, values: wire(Float64Array.of(1), '1, 1'), label: wire(Int32Array.of(0)) },
  statistics: { minimum: 0, maximum: 1, mean: 0.5, share_at_extremes: null },
  counts: { total: 10, train: 7, validation: 2, test: 1 }, feature_ranges: [[0, 1]], proposal: { why: [] },
};

/** Looks that are not answered yet. @type {(() => void)[]} */
let asked = [];

beforeEach(() => {
  asked = [];
  fakePage();
  mock.method(globalThis, 'fetch', () => new Promise((resolve) => {
    asked.push(() => resolve(new Response(JSON.stringify(PREVIEW))));
  }));
});

/** A form whose file is being looked at. */
function opened() {
  /** @type {any} */
  const upload = { id: 'u', format: 'table', filename: 'mine.csv', bytes: 9 };
  const form = new ImportForm({ upload, palette: () => palette, onImport: async () => {}, onOther() {} });
  const node = /** @type {FakeElement} */ (/** @type {unknown} */ (form.node));
  const one = (/** @type {(node: FakeElement) => boolean} */ is) => /** @type {FakeElement} */ (node.all.find(is));
  return {
    submit: one(({ attributes }) => attributes['type'] === 'submit'),
    said: () => node.all.filter(({ className, hidden }) => className === 'problem' && !hidden).map(({ textContent }) => textContent).join(''),
    /** @param {string} text */
    type(text) {
      one(({ attributes }) => attributes['aria-describedby']?.includes('import-image_size') ?? false).value = text;
      node.dispatchEvent(new Event('input'));
      mock.timers.tick(350);
    },
    get busy() {
      return node.dataset['busy'];
    },
  };
}

/** The oldest look is answered. */
async function answer() {
  asked.shift()?.();
  await settled();
}

test('a look at an earlier input says nothing of one that cannot be meant', async () => {
  const form = opened();
  form.type('large');
  const wrong = '“large” is no size: write height and width, such as 28×28.';
  assert.equal(form.said(), wrong);
  await answer();
  assert.deepEqual([form.said(), form.submit.disabled, form.busy], [wrong, true, 'false']);
});

test('nor of one that is still looked at', async () => {
  const form = opened();
  form.type('1x1');
  await answer();
  assert.deepEqual([form.submit.disabled, form.busy], [true, 'true']);
  await answer();
  assert.deepEqual([form.said(), form.submit.disabled, form.busy], ['', false, 'false']);
});
