import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anatomyOf, effectiveInWords } from '../../frontend/anatomy.js';
import { NO_FEATURES } from '../../frontend/feature-bars.js';
import { diverging, rgb } from '../../frontend/colors.js';
import { toCsv } from '../../frontend/csv.js';
import { densityOf, outsideOf } from '../../frontend/density.js';
import { FIGURES, best, estimatorInWords, sorted } from '../../frontend/figure-list.js';
import { percent } from '../../frontend/format.js';
import { boxAround, neighboursOf } from '../../frontend/holes.js';
import { holeCurvesFigure, holeCurvesTable } from '../../frontend/hole-curves.js';
import { RATIO_LEVELS, highestDensityLevel } from '../../frontend/levels.js';
import { contourTrace, planeFigure } from '../../frontend/plane-figure.js';
import { factor, ratioInWords } from '../../frontend/ratio.js';
import { decompositions, stacked } from '../../frontend/surgery-bars.js';
import { palette } from './palette.js';
import { WHOLE, wire } from './wire.js';

/** @import {Estimate, Figures, SplitFigures} from '../../frontend/contract' */

/**
 * @param {number} value
 * @param {number | null} [error]
 * @returns {Estimate}
 */
const estimate = (value, error = null) => ({ value, standard_error: error, estimator: error === null ? 'quadrature' : 'monte_carlo', samples: 400 });

/**
 * @param {number} elbo
 * @param {number} holes
 * @returns {Figures}
 */
function figures(elbo, holes) {
  const split = /** @type {SplitFigures} */ ({
    elbo: estimate(elbo, 0.01),
    reconstruction: estimate(elbo + 4, 0.01),
    cross_entropy: estimate(5.5),
    posterior_entropy: estimate(1.5),
    mutual_information: estimate(3.7),
    marginal_kl: estimate(0.3),
    log_likelihood: estimate(elbo + 2),
  });
  const masses = { 3: estimate(2 * holes), 10: estimate(holes), 100: estimate(holes / 10) };
  return {
    train: split,
    test: split,
    hole_mass: masses,
    uncovered_mass: masses,
    held_out_mass: masses,
    hole_at_5_percent: estimate(0.2),
    total_variation: estimate(0.3),
    reverse_kl: estimate(0.4),
    held_out_gap: estimate(-0.1),
    total_correlation: null,
    dimension_mutual_information: [],
  };
}

const grid = { ...WHOLE, z1: wire(Float64Array.of(0, 1)), z2: wire(Float64Array.of(0, 1)), integral: null, checkpoint: 1, epoch: null, note: null };
const bounds = /** @type {[number, number, number, number]} */ ([0, 1, 0, 1]);
const prior = densityOf({ ...grid, bounds, field: 'prior', values: wire(Float32Array.of(-1, -20, -20, -3), '2, 2') });
const ratio = densityOf({ ...grid, bounds, field: 'log_ratio', values: wire(Float32Array.of(4, 900, -18, -2), '2, 2') });

test('every field has its own colours, those of the log-ratio with a neutral middle', () => {
  const trace = contourTrace(ratio, RATIO_LEVELS, palette);
  const scale = /** @type {[number, string][]} */ (trace['colorscale']);
  assert.equal(scale.length, RATIO_LEVELS.count + 1);
  assert.equal(scale[3]?.[1], '#eeeeee');
  assert.deepEqual(trace['contours'], { start: -5, end: 5, size: 2, coloring: 'fill' });
  assert.notDeepEqual(contourTrace(prior, RATIO_LEVELS, palette)['colorscale'], scale);
  const colors = diverging('#0000ff', '#ffffff', '#ff0000', 7);
  assert.deepEqual(colors.map((color) => rgb(color)[0] >= 250), [false, false, false, true, true, true, true]);
});

test('a log-ratio says nothing where neither the prior nor the data is', () => {
  // Cells: a hole; beyond everything; uncovered data, log q = -2; an ordinary place.
  const outside = outsideOf(ratio, prior, { prior: -8, posterior: -8 });
  assert.deepEqual([...outside].map((value) => value > 0), [false, true, false, false]);
  const options = { levels: RATIO_LEVELS, range: bounds, width: 300, height: 300, axes: /** @type {[string, string]} */ (['z₁', 'z₂']), palette };
  assert.equal(planeFigure({ ...options, density: ratio }).data.length, 1);
  assert.equal(planeFigure({ ...options, density: { ...ratio, outside } }).data[1]?.['fillcolor'], palette.blank);
});

test('the region of highest density holds the mass asked for', () => {
  const values = Float64Array.of(0.5, 0.3, 0.15, 0.05).map(Math.log);
  assert.equal(highestDensityLevel({ ...prior, values }, 0.9), Math.log(0.15));
});

test('the ratio in words', () => {
  assert.equal(ratioInWords(Math.log(40), 10).text, 'Hole: the prior promises 40 times what the data put here');
  assert.equal(ratioInWords(Math.log(10), 10).kind, 'hole');
  assert.deepEqual(ratioInWords(Math.log(5), 10), { kind: 'covered', text: 'Covered: the prior promises 5.0 times what the data put here' });
  assert.equal(ratioInWords(Math.log(5), 3).kind, 'hole');
  assert.equal(ratioInWords(-Math.log(12), 10).text, 'Uncovered: the data is here 12 times more than the prior says');
  assert.equal(ratioInWords(0.001, 10).text, 'Covered: prior and data agree here');
  assert.equal(factor(Math.exp(9000)), 'over a million');
  assert.equal(factor(1234), '1,234');
});

test('a table in a file keeps all digits, and texts that look like formulas stay texts', () => {
  const text = toCsv([
    ['name', 'value'],
    ['=HYPERLINK("x")', -98.20340863039982],
    ['-ish, @home', null],
    ['two\nlines', 1e-13],
    ['a;=1', '\uff1dwide'],
    [' +1', 'a - b'],
  ]);
  assert.equal(text, 'name,value\r\n"\'=HYPERLINK(""x"")",-98.20340863039982\r\n"\'-ish, @home",\r\n"two\nlines",1e-13\r\n"a;\'=1",\'\uff1dwide\r\n\' +1,a - b\r\n');
});

test('runs are sorted by any figure, those without it last', () => {
  const rows = [
    { name: 'none', figures: null },
    { name: 'few', figures: figures(-99, 0.01) },
    { name: 'many', figures: figures(-98, 0.2) },
  ];
  const names = (/** @type {string} */ sort) => sorted(rows, sort).map(({ name }) => name);
  assert.deepEqual(names(''), ['none', 'few', 'many']);
  assert.deepEqual(names('hole_mass_10'), ['few', 'many', 'none']);
  assert.deepEqual(names('-hole_mass_10'), ['many', 'few', 'none']);
  assert.deepEqual(names('negative_elbo'), ['many', 'few', 'none']);
  assert.deepEqual(names('no_such_figure'), ['none', 'few', 'many']);
});

test('what cannot be told apart from the best is best, too', () => {
  const info = /** @type {(typeof FIGURES)[number]} */ (FIGURES.find(({ id }) => id === 'negative_elbo'));
  assert.deepEqual(best([estimate(98, 0.1), estimate(98.2, 0.1), estimate(99, 0.1), undefined], info), [true, true, false, false]);
  assert.deepEqual(best([estimate(98, 0.1)], info), [false]);
  assert.deepEqual(best([estimate(1), estimate(2)], { ...info, better: null }), [false, false]);
});

test('every figure is explained and says how it was estimated', () => {
  assert.equal(new Set(FIGURES.map(({ id }) => id)).size, FIGURES.length);
  for (const { meaning, formula, id } of FIGURES) {
    assert.ok(meaning.endsWith('.') && meaning.length > 60, id);
    assert.ok(formula.length > 3, id);
    assert.match(id, /^[a-z_0-9]+$/);
  }
  assert.equal(estimatorInWords(estimate(1)), 'Estimated on a grid, exact but for its step (400 grid points).');
});

test('both decompositions of the ELBO end at the same place', () => {
  const [terms, surgery] = decompositions(figures(-98, 0.1).test).map(stacked);
  assert.deepEqual(terms?.map(({ from, to }) => [from, to]), [[0, 5.5], [4, 5.5]]);
  assert.ok(Math.abs((surgery?.at(-1)?.to ?? 0) - 4) < 1e-12);
});

test('hole curves share a square with their diagonal, and differ in more than colour', () => {
  const curve = { epsilon: [0, 0.05, 1], mass: [0, 0.2, 1] };
  const runs = ['a', '<b>'].map((title) => ({ title, curve, headline: estimate(0.2) }));
  const { data, layout } = holeCurvesFigure(runs, { side: 400, palette });
  assert.equal(layout['width'], layout['height']);
  const lines = data.filter(({ name }) => name);
  assert.deepEqual(lines.map(({ name }) => name), ['a', '&lt;b&gt;']);
  assert.equal(new Set(lines.map(({ line }) => /** @type {{dash: string}} */ (line).dash)).size, 2);
  assert.deepEqual(data.at(-1)?.['y'], [0.2, 0.2]);
  assert.deepEqual(holeCurvesTable(runs).slice(0, 5), [['run', 'epsilon', 'hole_mass'], ['a', 0, 0], ['a', 0.05, 0.2], ['a', 1, 1], ['<b>', 0, 0]]);
});

test('what comes with a hole', () => {
  const wired = { index: wire(Int32Array.of(7, 8), '1, 2'), label: wire(Int32Array.of(3, 5), '1, 2'), distance: wire(Float32Array.of(0.5, 1), '1, 2') };
  assert.deepEqual(neighboursOf(wired), [[{ index: 7, label: 3, distance: 0.5 }, { index: 8, label: 5, distance: 1 }]]);
  const [from, to] = boxAround([[[0, 0], [2, 0], [2, 1]]]);
  assert.ok(from < 0 && to > 2);
});

test('components and how many of them do the work', () => {
  const anatomy = anatomyOf(
    {
      checkpoint: 1,
      epoch: null,
      kind: 'mog',
      what: 'Gaussians.',
      components: {
        loc: wire(Float32Array.of(0, 1, 2, 3), '2, 2'),
        scale: wire(Float32Array.of(1, 1, 2, 2), '2, 2'),
        weights: wire(Float32Array.of(0.75, 0.25)),
        effective_number: 1.75,
      },
      pseudo_inputs: null,
      lines: null,
    },
    NO_FEATURES,
  );
  assert.deepEqual(anatomy.components[1], { number: 2, loc: [2, 3], scale: [2, 2], weight: 0.25, picture: null });
  assert.match(effectiveInWords(anatomy), /^2 components with the variety of 1\.8 equally heavy ones: some are hardly used\.$/);
  assert.equal(effectiveInWords({ ...anatomy, components: [] }), '');
});

test('shares are told with the digits that matter', () => {
  assert.deepEqual([0.2371, 0.0337, 0.0004, 1e-7, 0, 1].map(percent), ['24%', '3.4%', '0.04%', '<0.01%', '0%', '100%']);
});
