/** @import {Estimate, Figures, RunConfig, Threshold} from './contract' */
import { THRESHOLDS } from './state.js';

/**
 * One of the numbers that are known of a run.
 * @typedef {object} FigureInfo
 * @property {string} id in addresses and in CSV files
 * @property {string} title
 * @property {string} [symbol]
 * @property {(figures: Figures) => Estimate | undefined} read
 * @property {'lower' | 'higher' | null} better
 * @property {'nats' | 'share' | 'bits'} unit
 * @property {boolean} [ofData] it compares only between runs whose likelihoods are of the same data in the same form
 * @property {string} meaning two sentences
 * @property {string} formula
 * @property {boolean} [detail] only on request: the table is wide enough without it
 */

/** @param {Estimate} estimate */
const negative = (estimate) => ({ ...estimate, value: -estimate.value });

/** @param {number} tau */
const key = (tau) => /** @type {Threshold} */ (String(tau));

/** @type {FigureInfo[]} those that every run has */
export const FIGURES = [
  {
    id: 'negative_elbo',
    title: '−ELBO',
    read: ({ test }) => negative(test.elbo),
    better: 'lower',
    unit: 'nats',
    ofData: true,
    meaning:
      'What training minimises, on the test images: how badly they are reconstructed, and how far their posteriors are from the prior. It bounds −log p(x) from above.',
    formula: '−E_q(z|x)[log p(x|z) + log p(z) − log q(z|x)]',
  },
  {
    id: 'log_likelihood',
    title: 'Log-likelihood',
    symbol: 'log p(x)',
    read: ({ test }) => test.log_likelihood,
    better: 'higher',
    unit: 'nats',
    ofData: true,
    meaning:
      'How well the model as a whole predicts the test images, whatever the encoder does. On a plane it is computed on a grid, not bounded.',
    formula: 'log ∫ p(x|z) p(z) dz',
  },
  {
    id: 'bits_per_dimension',
    title: 'Bits per dimension',
    read: ({ test }) => test.bits_per_dimension,
    better: 'lower',
    unit: 'bits',
    ofData: true,
    meaning:
      'The log-likelihood of the test images in bits, turned round and shared out among the values of a row. So it can be compared with figures for pictures of another size.',
    formula: '−log p(x) / (D log 2)',
    detail: true,
  },
  {
    id: 'marginal_kl',
    title: 'Marginal KL',
    symbol: 'KL(q‖p)',
    read: ({ train }) => train.marginal_kl,
    better: 'lower',
    unit: 'nats',
    meaning:
      'How far the aggregated posterior of the training images is from the prior: the part of the ELBO that a better prior can win back. It says little about holes, which cost only few nats.',
    formula: '∫ q(z) log[q(z) / p(z)] dz',
  },
  {
    id: 'mutual_information',
    title: 'Mutual information',
    symbol: 'I(x; z)',
    read: ({ train }) => train.mutual_information,
    better: null,
    unit: 'nats',
    meaning:
      'How much a place in the latent space tells about the training image that was encoded there; at most log N. More is not better by itself: it is paid for in the ELBO.',
    formula: 'H[q(z)] − E_x H[q(z|x)]',
  },
  {
    id: 'held_out_gap',
    title: 'Held-out gap',
    read: (figures) => figures.held_out_gap,
    better: null,
    unit: 'nats',
    meaning:
      'What the prior loses against the aggregated posterior of the training images, at the places of test images. Below 0 the prior fits unseen data better than all training images together do.',
    formula: 'E_q_test(z)[log q_train(z) − log p(z)]',
  },
  ...THRESHOLDS.map((tau) => /** @type {FigureInfo} */ ({
    id: `hole_mass_${tau}`,
    title: `Hole mass ${tau}×`,
    read: (figures) => figures.hole_mass[key(tau)],
    better: 'lower',
    unit: 'share',
    meaning: `Of 100 draws from the prior, so many land where it promises at least ${tau} times what the training images put there. The decoder was hardly ever trained in such places.`,
    formula: `P_p[p(z) / q(z) ≥ ${tau}]`,
    detail: tau !== 10,
  })),
  {
    id: 'hole_at_5_percent',
    title: 'H(.05)',
    read: (figures) => figures.hole_at_5_percent,
    better: 'lower',
    unit: 'share',
    meaning:
      'The largest share of the prior that can be had in a region with no more than 5% of the data: .05 if there are no holes. It does not depend on the units of z, so it compares priors whose latent spaces differ.',
    formula: 'max{ p(S) : q(S) ≤ .05 }',
  },
  {
    id: 'total_variation',
    title: 'Total variation',
    read: (figures) => figures.total_variation,
    better: 'lower',
    unit: 'share',
    meaning:
      'The largest difference between the prior’s and the data’s share of any region: the largest height of the hole curve above its diagonal. 0: they are the same; 1: they do not meet.',
    formula: 'max_ε [H(ε) − ε] = ½ ∫ |p(z) − q(z)| dz',
  },
  ...THRESHOLDS.map((tau) => /** @type {FigureInfo} */ ({
    id: `uncovered_mass_${tau}`,
    title: `Uncovered ${tau}×`,
    read: (figures) => figures.uncovered_mass[key(tau)],
    better: 'lower',
    unit: 'share',
    meaning: `The share of the data’s mass where it is more than ${tau} times as dense as the prior says: the converse of a hole. Draws from the prior seldom look like these images.`,
    formula: `P_q[p(z) / q(z) < 1/${tau}]`,
    detail: tau !== 3,
  })),
  {
    id: 'held_out_mass_10',
    title: 'Held-out mass 10×',
    read: (figures) => figures.held_out_mass[10],
    better: null,
    unit: 'share',
    meaning:
      'The share of the test images’ mass in the holes at 10×. Where it is as large as the hole mass, the “holes” are mere gaps between training images.',
    formula: 'P_q_test[p(z) / q(z) ≥ 10]',
    detail: true,
  },
  {
    id: 'reverse_kl',
    title: 'Reverse KL',
    symbol: 'KL(p‖q)',
    read: (figures) => figures.reverse_kl,
    better: 'lower',
    unit: 'nats',
    meaning:
      'The mean log-ratio under the prior: holes weigh heavily in it, uncovered data hardly. Far tails, where the data is practically nothing, can dominate it.',
    formula: '∫ p(z) log[p(z) / q(z)] dz',
    detail: true,
  },
  {
    id: 'total_correlation',
    title: 'Total correlation',
    symbol: 'TC(q)',
    read: (figures) => figures.total_correlation?.total_correlation,
    better: null,
    unit: 'nats',
    meaning:
      'How strongly the coordinates of z depend on each other in the data. The marginal KL is this, plus the KL along each dimension, minus the dependence that the prior models itself.',
    formula: 'KL(q(z) ‖ q(z₁) q(z₂))',
    detail: true,
  },
  {
    id: 'dimension_kl',
    title: 'Dimension-wise KL',
    read: (figures) => sum(figures.total_correlation?.dimension_kl ?? []),
    better: null,
    unit: 'nats',
    meaning: 'How far the single coordinates of the data are from those of the prior, added up. The second part of the marginal KL.',
    formula: '∑_d KL(q(z_d) ‖ p(z_d))',
    detail: true,
  },
  {
    id: 'prior_dependence',
    title: 'Prior dependence',
    read: (figures) => figures.total_correlation?.prior_dependence,
    better: null,
    unit: 'nats',
    meaning: 'How much of the dependence between coordinates the prior itself describes, at the places of the data. 0 for the standard normal prior, whose coordinates are independent.',
    formula: 'E_q[log p(z) − ∑_d log p(z_d)]',
    detail: true,
  },
];

const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';

/**
 * @param {number} dimension from 1 on
 * @returns {FigureInfo}
 */
function dimensionInfo(dimension) {
  const z = `z${[...String(dimension)].map((digit) => SUBSCRIPTS[Number(digit)]).join('')}`;
  return {
    id: `mutual_information_z${dimension}`,
    title: `I(x; ${z})`,
    read: (figures) => figures.dimension_mutual_information[dimension - 1],
    better: null,
    unit: 'nats',
    meaning: `How much ${z} alone tells about the training image that was encoded there. Near 0 the encoder does not use this dimension: it puts all images alike there (posterior collapse). The dimensions need not add up to I(x; z), for they may tell the same.`,
    formula: `H[q(${z})] − E_x H[q(${z}|x)]`,
    detail: true,
  };
}

/**
 * All that is known of runs: with one figure for each dimension of the latent space that has most.
 * @param {{figures: Figures | null}[]} rows
 * @returns {FigureInfo[]}
 */
export function figuresOf(rows) {
  const dimensions = Math.max(0, ...rows.map(({ figures }) => figures?.dimension_mutual_information.length ?? 0));
  return [...FIGURES, ...Array.from({ length: dimensions }, (_, d) => dimensionInfo(d + 1))];
}

/**
 * @param {Estimate[]} estimates
 * @returns {Estimate | undefined}
 */
function sum(estimates) {
  const [first] = estimates;
  if (!first) return undefined;
  const errors = estimates.map(({ standard_error: error }) => error);
  const exact = errors.some((error) => error === null);
  return {
    ...first,
    value: estimates.reduce((total, { value }) => total + value, 0),
    standard_error: exact ? null : Math.hypot(...errors.map((error) => error ?? 0)),
  };
}

/** @type {Record<string, string>} */
const ESTIMATORS = {
  closed_form: 'by a formula, exact',
  quadrature: 'on a grid, exact but for its step',
  monte_carlo: 'from random draws',
  importance_weighted: 'from weighted draws: a lower bound on average',
};

/**
 * @param {Estimate} estimate
 * @returns {string}
 */
export function estimatorInWords({ estimator, samples }) {
  const count = samples === null ? '' : ` (${samples.toLocaleString('en')} ${estimator === 'quadrature' ? 'grid points' : 'draws'})`;
  return `Estimated ${ESTIMATORS[estimator] ?? estimator}${count}.`;
}

/**
 * Runs in the order of one of their figures; those without it come last.
 * @template {{figures: Figures | null}} T
 * @param {T[]} rows
 * @param {string} sort id of a figure, "-" in front for the largest first
 * @returns {T[]}
 */
export function sorted(rows, sort) {
  const info = figuresOf(rows).find(({ id }) => id === sort.replace(/^-/, ''));
  if (!info) return rows;
  const sign = sort.startsWith('-') ? -1 : 1;
  const value = (/** @type {T} */ row) => (row.figures ? (info.read(row.figures)?.value ?? null) : null);
  return rows.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return sign * (x - y);
  });
}

/**
 * What the likelihoods of runs are of, and whether they compare.
 * @param {{run: {config: Pick<RunConfig, 'dataset'>}, figures: Figures | null}[]} rows
 * @returns {{alike: boolean, text: string}}
 */
export function likelihoodsInWords(rows) {
  const known = rows.filter(({ figures }) => figures);
  const sets = new Set(known.map(({ run }) => run.config.dataset));
  const measures = [...new Set(known.map(({ figures }) => figures?.log_likelihood_of ?? ''))];
  if (sets.size > 1) return { alike: false, text: 'These runs are on several data sets: their likelihoods do not compare.' };
  if (measures.length > 1) return { alike: false, text: `The likelihoods of these runs do not compare: they are of ${measures.filter(Boolean).join('; or of ')}.` };
  return { alike: true, text: measures[0] ? `Likelihoods are of ${measures[0]}.` : '' };
}

/**
 * Those that are best, or too close to the best to be told apart from it.
 * @param {(Estimate | undefined)[]} estimates
 * @param {FigureInfo} info
 * @returns {boolean[]}
 */
export function best(estimates, { better }) {
  const known = estimates.filter((estimate) => estimate !== undefined);
  if (better === null || known.length < 2) return estimates.map(() => false);
  const sign = better === 'lower' ? 1 : -1;
  const winner = known.reduce((a, b) => (sign * b.value < sign * a.value ? b : a));
  return estimates.map((estimate) => {
    if (!estimate) return false;
    const error = Math.hypot(estimate.standard_error ?? 0, winner.standard_error ?? 0);
    return sign * (estimate.value - winner.value) <= 2 * error;
  });
}
