import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakePage } from './page.js';
import { palette } from './palette.js';

fakePage();
// It asks for the width of the window as soon as it is there.
const { DecoderCard } = await import('../../frontend/decoder-card.js');

/** A card beside two runs that train. */
function page() {
  /** @type {Record<string, number>} */
  const checkpoints = { a: 1, b: 1 };
  /** @type {((change: object) => void)[]} */
  const listeners = [];
  /** @type {string[]} */
  const refreshed = [];
  const probe = {
    place: { run: 'a', z: [0], source: 'keys', near: null },
    decoded: null, problem: '', subscribe() {},
    refresh: () => refreshed.push(`${probe.place.run} ${checkpoints[probe.place.run]}`),
  };
  /** @type {any} */
  const parts = {
    probe,
    runs: {
      get: (/** @type {string} */ id) => ({ id, checkpoint: checkpoints[id], status: 'running', config: { latent_dim: 1 } }),
      subscribe: (/** @type {(change: object) => void} */ listener) => listeners.push(listener),
    },
    store: { state: { active: 'a', pins: [], path: null }, subscribe() {} },
    titles: { full: () => '' }, moment: { of: () => null, subscribe() {} }, planes: { subscribe() {} },
    readings: document.createElement('table'), palette: () => palette,
  };
  new DecoderCard(parts);
  return {
    refreshed,
    look: (/** @type {string} */ run) => {
      probe.place = { ...probe.place, run };
    },
    learn: (/** @type {string} */ id, /** @type {number} */ checkpoint) => {
      checkpoints[id] = checkpoint;
      for (const listener of listeners) listener({ kind: 'progress', id, snapshot: null });
    },
  };
}

test('what a run has learned is decoded anew, once, whatever number another run has reached', () => {
  const { refreshed, look, learn } = page();
  look('a');
  learn('a', 5);
  learn('a', 5);
  learn('b', 4);
  look('b');
  learn('b', 5);
  assert.deepEqual(refreshed, ['a 5', 'b 5']);
});
