import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERY_PANEL, FIELDS, INITIAL, MAX_CORNERS, MAX_PANELS, MAX_PINS, SPLITS, THRESHOLDS, showsHoles } from '../../frontend/state.js';
import { choiceText } from '../../frontend/plane-choice.js';
import { fromHash, toHash } from '../../frontend/view-hash.js';
import { ViewStore } from '../../frontend/view-store.js';

/** @import {ViewState} from '../../frontend/state.js' */

/** A small generator of pseudo-random numbers (mulberry32), so that failures can be repeated. */
function random(/** @type {number} */ seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Any state that the page can be in. Ids contain everything that could break a hash.
 * @param {number} seed
 * @returns {ViewState}
 */
function anyState(seed) {
  const next = random(seed);
  const whole = (/** @type {number} */ n) => Math.floor(next() * n);
  const letters = ['a', '7', '-', '_', ',', ';', ':', '=', '&', '#', '%', 'é', ' ', '<'];
  const id = () => Array.from({ length: 1 + whole(6) }, () => letters[whole(letters.length)]).join('');
  const coordinate = () => Number(((next() - 0.5) * 20).toPrecision(6));
  const runs = [...new Set(Array.from({ length: whole(MAX_PANELS + 1) }, id))];
  const pins = Array.from({ length: whole(MAX_PINS) }, () => ({
    run: id(),
    z: Array.from({ length: 1 + whole(4) }, coordinate),
  }));
  const path = pins.length > 1 && next() < 0.5 ? anyPath(pins, whole) : null;
  const boxed = [...runs, EVERY_PANEL].filter(() => next() < 0.5);
  const anyPlane = () =>
    ['', 'axes:1,3', 'pca:12,3', choiceText({ kind: 'points', run: id(), points: [0, 1, 2].map(() => [coordinate(), coordinate(), coordinate()]) })][whole(4)] ?? '';
  const corner = () => /** @type {[number, number]} */ ([coordinate(), coordinate()]);
  return {
    runs,
    active: runs.length ? /** @type {string} */ (runs[whole(runs.length)]) : null,
    large: runs.length > 0 && next() < 0.5,
    views: Object.fromEntries(boxed.map((run) => [run, [-1 - whole(9), 1 + whole(9), -0.5, 0.25 + whole(3)]])),
    pins,
    classes: [...new Set(Array.from({ length: whole(5) }, () => whole(10)))],
    select: runs[0] && next() < 0.5 ? { run: runs[0], epoch: next() < 0.5 ? null : whole(200), plane: anyPlane(), polygon: Array.from({ length: 3 + whole(MAX_CORNERS - 2) }, corner) } : null,
    ranges: /** @type {const} */ (['auto', 'shared', 'own'])[whole(3)] ?? 'auto',
    levels: next() < 0.5 ? 'shared' : 'own',
    field: FIELDS[whole(3)] ?? 'prior',
    holes: /** @type {const} */ (['auto', 'on', 'off'])[whole(3)] ?? 'auto',
    threshold: THRESHOLDS[whole(3)] ?? 10,
    anatomy: next() < 0.5,
    manifold: next() < 0.5,
    path,
    at: path ? whole(121) / 1000 : 0.5,
    plane: anyPlane(),
    reading: next() < 0.5 ? 'marginal' : 'slice',
    through: Object.fromEntries(runs.filter(() => next() < 0.3).map((run) => [run, [coordinate(), coordinate(), coordinate()]])),
    drawing: ['', 'AAECAw', 'Zm9v-_8'][whole(3)] ?? '',
    epoch: next() < 0.5 ? whole(500) : null,
    split: next() < 0.5 ? 'test' : 'train',
    points: SPLITS[whole(3)] ?? 'test',
    sort: ['', 'marginal_kl', '-hole_mass_10'][whole(3)] ?? '',
    theme: /** @type {const} */ (['system', 'light', 'dark'])[whole(3)] ?? 'system',
  };
}

/**
 * @param {ViewState['pins']} pins
 * @param {(n: number) => number} whole
 * @returns {ViewState['path']}
 */
function anyPath(pins, whole) {
  const from = whole(pins.length);
  const to = (from + 1 + whole(pins.length - 1)) % pins.length;
  return [/** @type {ViewState['pins'][number]} */ (pins[from]), /** @type {ViewState['pins'][number]} */ (pins[to])];
}

test('every state survives the way through the address', () => {
  for (let seed = 0; seed < 500; seed++) {
    const state = anyState(seed);
    assert.deepEqual(fromHash(`#${toHash(state)}`), state, `seed ${seed}`);
  }
});

test('the beginning needs no hash', () => {
  assert.equal(toHash({ ...INITIAL }), '');
  assert.deepEqual(fromHash(''), { ...INITIAL });
});

test('nonsense in the address is left out, the rest is kept', () => {
  const state = fromHash('#runs=a,b,a&active=zz&view=a:1,0,0,1;b:0,1,0,1;q:0,1,0,1&pins=a:1,x;b:2,3&classes=1,-2,x,1&levels=odd&theme=neon&%%%');
  assert.deepEqual(state.runs, ['a', 'b']);
  assert.equal(state.active, 'a');
  assert.deepEqual(state.views, { b: [0, 1, 0, 1] });
  assert.deepEqual(state.pins, [{ run: 'b', z: [2, 3] }]);
  assert.deepEqual(state.classes, [1]);
  assert.equal(state.levels, 'shared');
  assert.equal(state.theme, 'system');
});

test('undo and redo walk over what was recorded', () => {
  const store = new ViewStore({ ...INITIAL, runs: ['a', 'b'], active: 'a' });
  store.update({ classes: [3] });
  store.update({ active: 'b' }, { record: false });
  store.update({ pins: [{ run: 'a', z: [1, 2] }] });
  store.undo();
  assert.deepEqual([store.state.classes, store.state.pins.length], [[3], 0]);
  store.undo();
  assert.deepEqual(store.state.classes, []);
  store.redo();
  store.redo();
  assert.equal(store.state.pins.length, 1);
  store.undo();
  store.update({ levels: 'own' });
  store.redo();
  assert.deepEqual([store.state.levels, store.state.pins.length], ['own', 0]);
});

test('undo leaves the theme alone', () => {
  const store = new ViewStore({ ...INITIAL, runs: ['a'] });
  store.update({ classes: [1] });
  store.update({ theme: 'dark' }, { record: false });
  store.undo();
  assert.equal(store.state.theme, 'dark');
  assert.deepEqual(store.state.classes, []);
});

test('undo takes back what was done, not the time that is looked at', () => {
  const store = new ViewStore({ ...INITIAL, runs: ['a'], epoch: 3 });
  store.update({ classes: [1] });
  store.update({ epoch: 40 }, { record: false });
  store.undo();
  assert.deepEqual([store.state.classes, store.state.epoch], [[], 40]);
});

test('a run that leaves the stage takes its frame along, and another one becomes active', () => {
  const store = new ViewStore({ ...INITIAL, runs: ['a', 'b'], active: 'a', views: { a: [0, 1, 0, 1] } });
  store.update({ runs: ['b'] });
  assert.equal(store.state.active, 'b');
  assert.deepEqual(store.state.views, {});
});

test('listeners hear of changes and of nothing else', () => {
  const store = new ViewStore({ ...INITIAL, runs: ['a'], active: 'a' });
  let heard = 0;
  store.subscribe(() => (heard += 1));
  store.update({ levels: 'shared' });
  assert.equal(heard, 0);
  store.update({ levels: 'own' });
  assert.equal(heard, 1);
});

test('holes are outlined with the log-ratio, unless someone chose otherwise', () => {
  assert.equal(showsHoles({ ...INITIAL }), false);
  assert.equal(showsHoles({ ...INITIAL, field: 'log_ratio' }), true);
  assert.equal(showsHoles({ ...INITIAL, field: 'log_ratio', holes: 'off' }), false);
  assert.equal(showsHoles({ ...INITIAL, holes: 'on' }), true);
});

test('fields, thresholds and columns that do not exist are left out of a view', () => {
  const state = fromHash('#epoch=-3&field=posterior&holes=maybe&threshold=7&anatomy=yes&split=all&sort=%3Cb%3E');
  assert.deepEqual(state, { ...INITIAL });
});

test('a path ends with either of its pins, and what a hash says of none is dropped', () => {
  const [a, b, c] = [0, 1, 2].map((v) => ({ run: 'r', z: [v, 0] }));
  if (!a || !b || !c) throw new Error();
  const store = new ViewStore({ ...INITIAL, pins: [a, b, c] });
  store.update({ path: [a, c], at: 0.25 });
  assert.match(toHash(store.state), /path=1,3&at=0.25/);
  store.update({ pins: [a, c] });
  assert.match(toHash(store.state), /path=1,2&at=0.25/);
  store.update({ pins: [c] });
  assert.equal(store.state.path, null);
  assert.equal(store.state.at, INITIAL.at);
  store.undo();
  assert.deepEqual(store.state.path, [a, c]);
  for (const wrong of ['1,9', '1', '1,1', 'x,2', '0,1']) {
    assert.equal(fromHash(`#pins=r:0,0;r:1,0&path=${wrong}`).path, null, wrong);
  }
  assert.equal(fromHash('#pins=r:0,0;r:1,0&path=1,2&at=7').at, INITIAL.at);
  assert.equal(fromHash('#drawing=%3Cscript').drawing, '');
});
