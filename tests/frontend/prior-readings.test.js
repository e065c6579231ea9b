import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { PriorReadings } from '../../frontend/prior-readings.js';
import { Probe } from '../../frontend/probe.js';
import { FakeElement, fakePage } from './page.js';
import { settled } from './time.js';
import { wire } from './wire.js';

const NEAREST = { index: wire(Int32Array.of(0), '1, 1'), label: wire(Int32Array.of(0), '1, 1'), distance: wire(Float64Array.of(0), '1, 1') };

/** Requests that are not answered yet. @type {{path: string, z: number, answer: (logPrior: number | null) => void}[]} */
let asked = [];

beforeEach(() => {
  asked = [];
  fakePage();
  mock.method(globalThis, 'fetch', (/** @type {string} */ path, /** @type {{body: string}} */ { body }) => new Promise((resolve) => {
    asked.push({
      path,
      z: JSON.parse(body).z[0][0],
      answer: (logPrior) => resolve(logPrior === null ? new Response('', { status: 503 }) : new Response(JSON.stringify({
        images: wire(Uint8Array.of(0), '1, 1, 1'), values: null, nearest: NEAREST, reencoded: null, draws: null, draw_values: null,
        log_prior: wire(Float64Array.of(logPrior)), log_aggregated_posterior: wire(Float64Array.of(0)),
      }))),
    });
  }));
});

afterEach(() => mock.restoreAll());

/** Two runs of one latent space on the stage, and a place that is looked at. */
function stage() {
  /** @type {Record<string, any>} */
  const known = { a: { id: 'a', checkpoint: 1, frozen_from: null }, b: { id: 'b', checkpoint: 1, frozen_from: 'a' } };
  /** @type {(change: object) => void} */
  let tell = () => {};
  /** @type {any} */
  const runs = { get: (/** @type {string} */ id) => known[id], subscribe: (/** @type {typeof tell} */ listener) => { tell = listener; } };
  const probe = new Probe(() => new Promise(() => {}));
  /** @type {any} */
  const store = { state: { runs: ['a', 'b'] }, subscribe() {} };
  /** @type {any} */
  const titles = { short: (/** @type {{id: string}} */ { id }) => id, full: () => '' };
  const readings = new PriorReadings({ probe, runs, store, titles });
  /** @param {number} z */
  const look = (z, run = 'a') => probe.show({ run, z: [z], source: 'keys', near: null, nearestClass: null });
  const learn = (/** @type {string} */ id, /** @type {number} */ checkpoint) => {
    known[id] = { ...known[id], checkpoint };
    tell({ kind: 'progress', id, snapshot: null });
  };
  /** What both priors say. */
  const shown = () => /** @type {any} */ (readings.node).all.filter((/** @type {FakeElement} */ { tag }) => tag === 'td').flatMap((/** @type {FakeElement} */ { textContent }, /** @type {number} */ i) => (i % 3 === 0 ? [textContent] : []));
  return { look, learn, shown, tell: (/** @type {object} */ change) => tell(change), end: () => probe.end() };
}

/** Answers what both runs were asked. @param {number | null} logPrior null: not now */
async function answer(logPrior) {
  for (const one of asked.splice(0)) one.answer(logPrior);
  await settled();
}


test('a place that is told of again while another is asked for is read', async () => {
  const { look, shown } = stage();
  look(1);
  look(2);
  // The same coordinates in another array, seen from another panel.
  look(2, 'b');
  assert.deepEqual(asked.map(({ path, z }) => `${path} ${z}`), ['/api/runs/a/decode 1', '/api/runs/b/decode 1']);
  await answer(-1);
  assert.deepEqual(asked.map(({ z }) => z), [2, 2]);
  await answer(-2);
  assert.deepEqual(shown(), ['−2.00', '−2.00']);
  look(2);
  assert.equal(asked.length, 0);
});

test('after an error the place is asked for again', async () => {
  const { look, shown, tell } = stage();
  look(1);
  await answer(null);
  assert.deepEqual(shown(), []);
  look(1);
  await answer(null);
  assert.equal(asked.length, 0);
  tell({ kind: 'list' });
  await answer(-3);
  assert.deepEqual(shown(), ['−3.00', '−3.00']);
});

test('what a run learns is read, one question after the other', async () => {
  const { look, learn, shown, tell } = stage();
  look(1);
  await answer(-1);
  for (const checkpoint of [2, 3, 4]) learn('b', checkpoint);
  assert.equal(asked.length, 2);
  await answer(-2);
  assert.equal(asked.length, 2);
  await answer(-4);
  assert.equal(asked.length, 0);
  assert.deepEqual(shown(), ['−4.00', '−4.00']);
  learn('b', 4);
  tell({ kind: 'run', id: 'elsewhere' });
  assert.equal(asked.length, 0);
});

test('what comes when nobody looks any more is not shown', async () => {
  const { look, shown, end } = stage();
  look(1);
  end();
  await answer(-1);
  assert.deepEqual(shown(), []);
});
