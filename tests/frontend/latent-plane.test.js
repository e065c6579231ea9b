import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anatomyOn } from '../../frontend/anatomy.js';
import { ellipseOf, outlineOf } from '../../frontend/ellipse.js';
import { nearestOnLine } from '../../frontend/geometry.js';
import { standing } from '../../frontend/holes.js';
import { CURVES, ROWS, framed, planeThrough, wholeOf } from '../../frontend/latent-plane.js';
import { heights, riseOf } from '../../frontend/line-painting.js';
import { choiceOf, choiceText, planeOfRun } from '../../frontend/plane-choice.js';
import { readingInWords } from '../../frontend/plane-reading.js';
import { SHOWN_WHOLE } from './wire.js';

/** @import {LatentPlane} from '../../frontend/latent-plane.js' */

const s = Math.SQRT1_2;

/** Turned in a space of four dimensions, away from its middle. */
const turned = { plane: 'pca:1,2', names: /** @type {[string, string]} */ (['PC 1', 'PC 2']), origin: [1, 2, 3, 4], axes: /** @type {[number[], number[]]} */ ([[s, s, 0, 0], [0, 0, s, -s]]) };
const coordinates = { plane: 'axes:3,12', names: /** @type {[string, string]} */ (['z3', 'z12']), origin: [7, 8, 0, 0], axes: /** @type {[number[], number[]]} */ ([[0, 0, 1, 0], [0, 0, 0, 1]]) };

/** @param {number} dimensions */
const whole = (dimensions) => /** @type {LatentPlane} */ (wholeOf(/** @type {any} */ ({ config: { latent_dim: dimensions } })));

/**
 * @param {readonly number[]} found
 * @param {readonly number[]} expected
 */
function close(found, expected) {
  assert.equal(found.length, expected.length);
  found.forEach((v, i) => assert.ok(Math.abs(v - /** @type {number} */ (expected[i])) < 1e-9, `${found} is not ${expected}`));
}

test('points of a plane go into the latent space and back, wherever it passes through', () => {
  for (const at of [null, [0, 0, 0, 0], [5, -1, 2, 9]]) {
    const plane = planeThrough(turned, at);
    for (const point of /** @type {[number, number][]} */ ([[0, 0], [1.5, -2]])) {
      close(plane.toPlane(plane.toLatent(point)), point);
      assert.ok(plane.distance(plane.toLatent(point)) < 1e-9);
    }
    if (at) close(plane.toLatent(plane.toPlane(at)), at);
  }
});

test('where the plane passes through changes no coordinates on it, only what lies beside', () => {
  const [usual, moved] = [planeThrough(coordinates, null), planeThrough(coordinates, [1, 2, 30, 40])];
  assert.deepEqual(usual.toPlane([0, 0, 3, 4]), [3, 4]);
  assert.deepEqual(moved.toPlane([0, 0, 3, 4]), [3, 4]);
  assert.deepEqual(usual.toLatent([3, 4]), [7, 8, 3, 4]);
  assert.deepEqual(moved.toLatent([3, 4]), [1, 2, 3, 4]);
  assert.equal(usual.key, moved.key);
  assert.deepEqual(moved.section('marginal'), { plane: 'axes:3,12', reading: 'marginal' });
  assert.deepEqual(moved.section('slice'), { plane: 'axes:3,12', at: '1,2,30,40', reading: 'slice' });
  assert.deepEqual(moved.axes, ['z₃', 'z₁₂']);
});

test('the distance of a place is that to the nearest point of the plane', () => {
  assert.ok(Math.abs(planeThrough(coordinates, null).distance([7 + 3, 8 - 4, 100, -100]) - 5) < 1e-9);
});

test('projected points are those of each row', () => {
  const encoded = { z: Float64Array.of(1, 2, 3, 4, 2, 3, 3, 4), scale: new Float64Array(8), latentDim: 4, label: Int32Array.of(0, 1), index: Int32Array.of(5, 6), split: /** @type {const} */ ('test'), total: 3, checkpoint: 1 };
  const plane = planeThrough(turned, [9, 9, 9, 9]);
  const points = plane.project(encoded);
  close([...points.loc], [...plane.toPlane([1, 2, 3, 4]), ...plane.toPlane([2, 3, 3, 4])]);
  assert.equal(points.z, encoded.z);
  const flat = { ...encoded, z: Float64Array.of(1, 2, 3, 4), latentDim: 2 };
  assert.equal(whole(2).project(flat).loc, flat.z);
});

test('a Gaussian on a plane has the ellipse of its projected covariance', () => {
  const { at, rx, ry, angle } = planeThrough(coordinates, null).ellipse([0, 0, 5, 6], [9, 9, 0.5, 2]);
  assert.deepEqual(at, [5, 6]);
  close([rx, ry, Math.abs(angle)], [2, 0.5, 90]);
  const skew = planeThrough({ ...turned, axes: [[s, s, 0, 0], [s, -s, 0, 0]] }, null).ellipse([1, 2, 3, 4], [3, 1, 1, 1]);
  // Turned by half a right angle, the axes of the covariance are z1 and z2 again.
  close([skew.rx, skew.ry, skew.angle], [3, 1, 45]);
  close(whole(2).ellipse([1, 2], [0.1, 0.2]).at, [1, 2]);
});

test('the outline of an ellipse lies on it', () => {
  const ellipse = ellipseOf([1, -1], 4, 1.2, 1);
  for (const [x, y] of outlineOf(ellipse)) {
    const [u, v] = [x - 1, y + 1];
    // u' C^-1 u = 1
    assert.ok(Math.abs((u * u - 2.4 * u * v + 4 * v * v) / (4 - 1.44) - 1) < 1e-9);
  }
});

test('the parts of a prior are laid out once for each plane', () => {
  const anatomy = { what: '', effective: 1, lines: [[[0, 0, 1, 2], [0, 0, 3, 4]]], components: [{ number: 1, loc: [0, 0, 5, 6], scale: [1, 1, 1, 1], weight: 1, picture: null }] };
  const plane = planeThrough(coordinates, null);
  const shown = anatomyOn(anatomy, plane);
  assert.deepEqual(shown.lines, [[[1, 2], [3, 4]]]);
  assert.deepEqual(shown.components[0]?.ellipse.at, [5, 6]);
  assert.equal(anatomyOn(anatomy, plane), shown);
  assert.notEqual(anatomyOn(anatomy, planeThrough(turned, null)), shown);
});

test('a plane in the view is read and written alike, and nonsense is none', () => {
  for (const text of ['', 'pca:2,3', 'axes:1,64', 'points:a%2Cb:1,2,3;4,5,6;-7,8.5,9']) {
    const choice = choiceOf(text);
    assert.ok(choice, text);
    assert.equal(choiceText(choice), text);
  }
  assert.equal(choiceText({ kind: 'pca', pair: [1, 2] }), '');
  for (const text of ['pca', 'axes:1,1', 'axes:0,2', 'axes:1,65', 'axes:1', 'tsne:1,2', 'points:a:1,2,3;4,5,6', 'points:a:1,2;3,4;5,6', 'points:a:1,2,x;4,5,6;7,8,9', 'points::1,2,3;4,5,6;7,8,9']) {
    assert.equal(choiceOf(text), null, text);
  }
});

test('three places mean something in their own latent space only', () => {
  const run = (/** @type {string} */ id, /** @type {string | null} */ from, dimensions = 3) => /** @type {any} */ ({ id, frozen_from: from, config: { latent_dim: dimensions } });
  const all = [run('a', null), run('b', 'a'), run('c', null)];
  const runs = /** @type {any} */ ({ get: (/** @type {string} */ id) => all.find((one) => one.id === id) });
  const text = 'points:a:1,2,3;4,5,6;7,8,10';
  assert.equal(planeOfRun(text, all[0], runs), 'points:1,2,3;4,5,6;7,8,10');
  assert.equal(planeOfRun(text, all[1], runs), 'points:1,2,3;4,5,6;7,8,10');
  assert.equal(planeOfRun(text, all[2], runs), 'pca:1,2');
  assert.equal(planeOfRun('', all[2], runs), 'pca:1,2');
  assert.equal(planeOfRun('axes:1,3', all[2], runs), 'axes:1,3');
});

test('the panel says how a density was worked out', () => {
  const plane = planeThrough(turned, null);
  const of = (/** @type {object} */ more) => readingInWords(/** @type {any} */ ({ ...SHOWN_WHOLE, ...more }), plane, 0.62);
  assert.equal(of({ reading: 'slice' }).text, 'Slice, exact');
  assert.equal(of({ reading: 'marginal' }).text, 'Marginal, exact');
  const drawn = of({ reading: 'marginal', samples: 16384, standardError: 0.034 });
  assert.equal(drawn.text, 'Marginal, Monte Carlo, N\u00a0=\u00a016,384,\u00a0±\u00a03.4%');
  assert.match(drawn.title, /16,384 draws of the flow.*62% of the variance/);
});

// Lines -------------------------------------------------------------------------------------------

test('a line fills the height of its frame, with a row for each class below its curves', () => {
  const line = whole(1);
  assert.deepEqual(framed(line, [-3, 3, -9, 9], 300, 200), [-3, 3, 0, 1]);
  assert.deepEqual(line.bounds([-3, 3, 0, 1]), [-3, 3]);
  assert.deepEqual(line.toLatent([2, 0.7]), [2]);
  const points = line.project({ z: Float64Array.of(1, 2, 3), scale: new Float64Array(3), latentDim: 1, label: Int32Array.of(0, 1, 0), index: Int32Array.of(1, 2, 3), split: /** @type {const} */ ('test'), total: 3, checkpoint: 1 });
  const [first, second, third] = [points.loc[1], points.loc[3], points.loc[5]].map(Number);
  assert.equal(first, third);
  assert.ok(/** @type {number} */ (second) < /** @type {number} */ (first));
  assert.ok([first, second].every((y) => /** @type {number} */ (y) > ROWS.bottom && /** @type {number} */ (y) < ROWS.top));
  assert.deepEqual(nearestOnLine(points.z, 2.2, (i) => i !== 1), { index: 2, distance: 3 - 2.2 });
});

test('curves reach from their base to the top', () => {
  const curves = { prior: Float64Array.of(-3, -1), posterior: Float64Array.of(-2, Math.log(0.5)) };
  const density = /** @type {any} */ ({ ...SHOWN_WHOLE, field: 'prior', curves });
  const rise = riseOf(heights(density));
  close([rise(0), rise(0.5)], [CURVES.bottom, CURVES.top]);
  const ratio = riseOf(heights({ ...density, field: 'log_ratio' }));
  close([ratio(-5), ratio(0), ratio(5)], [CURVES.bottom, (CURVES.bottom + CURVES.top) / 2, CURVES.top]);
});

test('holes of a line stand upright, and stay the same as long as they are', () => {
  const holes = [/** @type {any} */ ({ rank: 1, rings: [[[-1, 0], [2, 0]]] })];
  const upright = standing(holes);
  const xs = upright[0]?.rings[0]?.map(([x]) => x);
  assert.deepEqual(xs, [-1, 2, 2, -1]);
  assert.equal(standing(holes), upright);
});
