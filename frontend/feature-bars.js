/** @import {DatasetInfo} from './contract' */

/**
 * What the values of a vector are: their names, and between which values the training rows lie.
 * @typedef {{names: readonly string[], ranges: readonly (readonly [number, number])[]}} Features
 */

/**
 * A row of numbers, each with a meaning and a unit of its own.
 * @typedef {{values: Float64Array, features: Features}} Vector
 */

/**
 * One bar of a chart of features.
 * @typedef {object} Bar
 * @property {number} share of the training range that is filled, 0 to 1
 * @property {'below' | 'above' | null} beyond the training range
 */

/** Of pictures, and of vectors about which nothing is known yet. @type {Features} */
export const NO_FEATURES = { names: [], ranges: [] };

/**
 * @param {Pick<DatasetInfo, 'feature_names' | 'feature_ranges'> | null | undefined} dataset null until it is known
 * @returns {Features}
 */
export function featuresOf(dataset) {
  return dataset?.feature_ranges ? { names: dataset.feature_names, ranges: dataset.feature_ranges } : NO_FEATURES;
}

/**
 * Where a value lies on the range of the training rows.
 * @param {number} value
 * @param {readonly [number, number]} range
 * @returns {Bar}
 */
export function barOf(value, [low, high]) {
  const beyond = value < low ? 'below' : value > high ? 'above' : null;
  // A feature that is the same in all training rows has no range to lie on.
  const share = high > low ? (value - low) / (high - low) : value < low ? 0 : value > high ? 1 : 0.5;
  return { share: Math.min(1, Math.max(0, share)), beyond };
}

/**
 * @param {Vector} vector
 * @returns {Bar[]} none as long as it is not known what the features are
 */
export function barsOf({ values, features }) {
  return features.ranges.map((range, i) => barOf(/** @type {number} */ (values[i]), range));
}

/** A range is told apart into at least so many steps. */
const STEPS = 200;

/**
 * A value in its own unit, with as many digits as tell it apart on its range: "1,065", "13.24", "0.0041".
 * @param {number} value
 * @param {readonly [number, number]} range of the training rows
 * @returns {string} with a true minus sign
 */
export function featureNumber(value, [low, high]) {
  if (!Number.isFinite(value)) return 'not a number';
  const largest = Math.max(Math.abs(low), Math.abs(high), Math.abs(value));
  const digits = high > low ? Math.ceil(-Math.log10((high - low) / STEPS)) : 2;
  if (largest >= 1e7 || digits > 6) return value.toExponential(2).replace('e+', 'e').replaceAll('-', '−');
  const places = Math.max(0, digits);
  const text = value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
  return (/[1-9]/.test(text) ? text : text.replace('-', '')).replace('-', '−');
}

/**
 * How far the draws of a place lie apart.
 * @param {readonly Vector[]} draws of the same features
 * @returns {{loc: number, scale: number}[]} mean and standard deviation of each feature; none for fewer than two draws
 */
export function spreadOf(draws) {
  const [first] = draws;
  if (!first || draws.length < 2) return [];
  return Array.from(first.values, (_, i) => {
    const all = draws.map(({ values }) => /** @type {number} */ (values[i]));
    const loc = all.reduce((sum, v) => sum + v, 0) / all.length;
    const squares = all.reduce((sum, v) => sum + (v - loc) ** 2, 0);
    return { loc, scale: Math.sqrt(squares / (all.length - 1)) };
  });
}

/**
 * The vector in words, for those who do not see its bars.
 * @param {Vector} vector
 * @param {number} [most] features that are named
 * @returns {string} "alcohol 13.24, hue 1.04 and 11 more"
 */
export function vectorInWords({ values, features: { names, ranges } }, most = 6) {
  const named = ranges.slice(0, most).map((range, i) => `${names[i]} ${featureNumber(/** @type {number} */ (values[i]), range)}`);
  const rest = ranges.length - named.length;
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(', ');
}
