import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { FrameCache } from '../../frontend/frames.js';
import { LatentData } from '../../frontend/latent-data.js';
import { wholeOf } from '../../frontend/latent-plane.js';
import { Overviews } from '../../frontend/overviews.js';
import { fakeTimers, settled } from './time.js';
import { WHOLE, wire } from './wire.js';

/** @import {Run} from '../../frontend/contract' */
/** @import {LatentPlane} from '../../frontend/latent-plane.js' */
/** @import {Wanted} from '../../frontend/latent-data.js' */

fakeTimers();

const SIDE = 9;
const AXIS = Float64Array.from({ length: SIDE }, (_, i) => i - 4);
const BOWL = Float64Array.from({ length: SIDE * SIDE }, (_, i) => -((AXIS[i % SIDE] ?? 0) ** 2 + (AXIS[Math.floor(i / SIDE)] ?? 0) ** 2) / 2);
const PLANE = /** @type {LatentPlane} */ (wholeOf(/** @type {any} */ ({ config: { latent_dim: 2 } })));

/** Rows that the server encodes: some while a run trains, all when it has ended. */
let rows = 1;
/** The status of every answer, or 0. */
let refusal = 0;
/** Whether answers break off. */
let broken = false;
/** @type {string[]} */
let asked = [];

beforeEach(() => {
  [rows, refusal, broken, asked] = [1, 0, false, []];
  mock.method(globalThis, 'fetch', async (/** @type {string} */ path) => {
    const url = new URL(path, 'http://server');
    asked.push(url.pathname);
    if (refusal) return new Response('', { status: refusal });
    if (broken) return new Response('{"fie');
    const answer = url.pathname.endsWith('/points') ? points() : url.pathname.endsWith('/density') ? density(url.searchParams) : { panels: [] };
    return new Response(JSON.stringify(answer));
  });
});

function points() {
  const loc = wire(new Float64Array(2 * rows), `${rows}, 2`);
  return { loc, scale: loc, label: wire(new Int32Array(rows)), index: wire(new Int32Array(rows)), split: 'test', count: rows, total: 2, checkpoint: 3, epoch: null };
}

/** @param {URLSearchParams} query */
function density(query) {
  const bounds = query.get('bounds')?.split(',').map(Number) ?? [-4, 4, -4, 4];
  const values = wire(BOWL.map((v) => v - rows), `${SIDE}, ${SIDE}`);
  return { ...WHOLE, field: query.get('field'), bounds, z1: wire(AXIS), z2: wire(AXIS), values, checkpoint: 3, epoch: query.has('epoch') ? Number(query.get('epoch')) : null, note: null };
}

/**
 * @param {Run['status']} status
 * @param {Partial<Wanted>} [options]
 * @returns {Wanted}
 */
function wanted(status, options = {}) {
  const run = /** @type {Run} */ (/** @type {unknown} */ ({ id: 'a', status, checkpoint: 3 }));
  return { run, plane: PLANE, reading: 'marginal', field: 'aggregated_posterior', resolution: SIDE, split: 'test', frame: (home) => home, epoch: null, epochs: [0, 1, 2], ahead: [], ...options };
}

/** The data of a run, and the problems that its listener has seen. */
function data() {
  /** @type {string[]} */
  const told = [];
  const all = new LatentData('a', { frames: new FrameCache(), overviews: new Overviews() }, () => told.push(all.problem));
  return { data: all, told };
}

test('points and densities of a run that trained are read again when it has ended', async () => {
  const { data: shown } = data();
  shown.want(wanted('running'));
  await settled();
  assert.deepEqual([shown.points?.label.length, shown.density?.values[0], shown.settled], [1, -17, true]);
  const before = asked.length;
  shown.want(wanted('running'));
  await settled();
  assert.equal(asked.length, before);
  rows = 2;
  shown.want(wanted('finished'));
  assert.equal(shown.settled, false);
  await settled();
  assert.deepEqual([shown.points?.label.length, shown.density?.values[0], shown.settled], [2, -18, true]);
});

test('what a finished run was refused in passing is asked for again; meanwhile the reason is told', async () => {
  const { data: shown, told } = data();
  refusal = 503;
  shown.want(wanted('finished'));
  await settled();
  assert.deepEqual([shown.ready, shown.settled, told], [false, false, ['The server answered 503.']]);
  const before = asked.length;
  refusal = 0;
  mock.timers.tick(2999);
  await settled();
  assert.equal(asked.length, before);
  mock.timers.tick(1);
  await settled();
  assert.deepEqual([shown.ready, shown.settled, shown.problem, told.at(-1)], [true, true, '', '']);
});

test('a frame that moves does not make a busy server busier, another field is asked for at once', async () => {
  const { data: shown } = data();
  shown.want(wanted('finished'));
  await settled();
  refusal = 503;
  const before = asked.length;
  for (let i = 0; i < 20; i += 1) {
    shown.want(wanted('finished', { field: 'prior', frame: () => [i, i + 1, 0, 1] }));
    await settled();
  }
  assert.equal(asked.length, before + 1);
  // The server is back: at once, whatever was waited for.
  shown.forgive();
  shown.want(wanted('finished', { field: 'prior' }));
  await settled();
  assert.equal(asked.length, before + 2);
  refusal = 0;
  shown.want(wanted('finished', { field: 'log_ratio' }));
  await settled();
  assert.deepEqual([shown.settled, shown.density?.field], [true, 'log_ratio']);
});

test('so is an answer that broke off; what is shown stays in sight', async () => {
  const { data: shown } = data();
  shown.want(wanted('finished'));
  await settled();
  broken = true;
  shown.want(wanted('finished', { field: 'prior' }));
  await settled();
  assert.deepEqual([shown.ready, shown.settled, shown.problem], [true, false, '']);
  broken = false;
  mock.timers.tick(3000);
  await settled();
  assert.deepEqual([shown.settled, shown.density?.field], [true, 'prior']);
});

test('nobody waits for an epoch that is refused again and again', async () => {
  const { data: shown, told } = data();
  shown.want(wanted('finished'));
  await settled();
  refusal = 500;
  shown.want(wanted('finished', { epoch: 1 }));
  for (const pause of [3000, 6000]) {
    await settled();
    assert.equal(shown.settled, false);
    mock.timers.tick(pause);
  }
  await settled();
  assert.deepEqual([shown.settled, shown.problem], [true, 'The server answered 500.']);
  // The next one has a chance of its own.
  refusal = 0;
  shown.want(wanted('finished', { epoch: 2 }));
  assert.equal(shown.settled, false);
  await settled();
  assert.deepEqual([shown.settled, shown.epoch, told.at(-1)], [true, 2, '']);
});

test('a refusal that lasts is not asked about again, unless something else is wanted', async () => {
  const { data: shown, told } = data();
  refusal = 404;
  shown.want(wanted('running'));
  await settled();
  assert.deepEqual([shown.settled, told], [true, ['The server answered 404.']]);
  const before = asked.length;
  mock.timers.tick(100_000);
  shown.want(wanted('running'));
  await settled();
  assert.equal(asked.length, before);
  refusal = 0;
  shown.want(wanted('finished'));
  await settled();
  assert.deepEqual([shown.ready, shown.problem], [true, '']);
});

test('what was refused of one epoch is not told of the next', async () => {
  const { data: shown } = data();
  shown.want(wanted('finished'));
  await settled();
  refusal = 422;
  shown.want(wanted('finished', { epoch: 1 }));
  await Promise.resolve();
  shown.want(wanted('finished', { epoch: 2 }));
  refusal = 0;
  await settled();
  assert.deepEqual([shown.epoch, shown.problem, shown.settled], [2, '', true]);
});

test('a panel that is gone asks for nothing more', async () => {
  const { data: shown } = data();
  refusal = 503;
  shown.want(wanted('finished'));
  shown.dispose();
  await settled();
  const underWay = asked.length;
  mock.timers.tick(100_000);
  await settled();
  assert.equal(asked.length, underWay);
});
