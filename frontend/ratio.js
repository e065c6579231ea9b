/** Factors beyond this are no longer told apart. */
const HUGE = 1e6;

/**
 * @param {number} value at least 1
 * @returns {string} "1.3", "40", "1,200", "over a million"
 */
export function factor(value) {
  if (value > HUGE) return 'over a million';
  return value < 9.95 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

/**
 * @param {number} logRatio
 * @returns {string} "12×" where the prior promises 12 times as much, "1/12" where the data is 12 times denser
 */
export function ratioInShort(logRatio) {
  const times = factor(Math.exp(Math.abs(logRatio)));
  return logRatio >= 0 || times === '1.0' ? `${times}×` : `1/${times}`;
}

/**
 * What log p(z) - log q(z) means.
 * @param {number} logRatio
 * @param {number} threshold from which ratio on a place counts as a hole, or as uncovered
 * @returns {{kind: 'hole' | 'covered' | 'uncovered', text: string}}
 */
export function ratioInWords(logRatio, threshold) {
  const limit = Math.log(threshold);
  const times = factor(Math.exp(Math.abs(logRatio)));
  const promises = `the prior promises ${times} times what the data put here`;
  const exceeds = `the data is here ${times} times more than the prior says`;
  if (logRatio >= limit) return { kind: 'hole', text: `Hole: ${promises}` };
  if (logRatio <= -limit) return { kind: 'uncovered', text: `Uncovered: ${exceeds}` };
  if (times === '1.0') return { kind: 'covered', text: 'Covered: prior and data agree here' };
  return { kind: 'covered', text: `Covered: ${logRatio > 0 ? promises : exceeds}` };
}

/** Where neither the prior nor the data has anything to say. */
const OUTSIDE = 'Outside: hardly anything of the prior and of the data lies out here';

/**
 * What the densities at a place mean.
 * @param {{logPrior: number, logPosterior: number}} densities
 * @param {{prior: number, posterior: number}} edge log densities around nearly all of each
 * @param {number} threshold from which ratio on a place counts as a hole, or as uncovered
 * @returns {{kind: 'hole' | 'covered' | 'uncovered' | 'outside', text: string}}
 */
export function placeInWords({ logPrior, logPosterior }, edge, threshold) {
  if (logPrior < edge.prior && logPosterior < edge.posterior) return { kind: 'outside', text: OUTSIDE };
  return ratioInWords(logPrior - logPosterior, threshold);
}
