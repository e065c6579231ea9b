/** @import {DataSummary, SplitName} from './contract' */

/** @type {Record<SplitName, string>} */
const SPLIT_WORDS = { train: 'training', validation: 'validation', test: 'test' };

/**
 * What a row is called.
 * @param {Pick<DataSummary, 'image_shape'> | null} dataset null until it is known
 * @param {number} [count]
 * @returns {string} "image", "images", "row" or "rows"
 */
export function rowNoun(dataset, count = 1) {
  const one = dataset && dataset.image_shape.length === 0 ? 'row' : 'image';
  return count === 1 ? one : `${one}s`;
}

/**
 * @param {SplitName} split
 * @param {Pick<DataSummary, 'image_shape'> | null} dataset
 * @param {number} [count]
 * @returns {string} "test image", "training rows"
 */
export function splitNoun(split, dataset, count = 1) {
  return `${SPLIT_WORDS[split]} ${rowNoun(dataset, count)}`;
}

/**
 * A row and its number in the data set's file order.
 * @param {SplitName} split
 * @param {Pick<DataSummary, 'image_shape'> | null} dataset
 * @param {number} index
 * @returns {string} "Test image 5"
 */
export function rowName(split, dataset, index) {
  return capital(`${splitNoun(split, dataset)} ${index}`);
}

/**
 * @param {string} text
 * @returns {string} with a capital letter
 */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * @param {Pick<DataSummary, 'label_names'> | null} dataset
 * @param {number} label
 * @returns {string} its name, or its number as long as it has none; empty where the rows have no labels
 */
export function className(dataset, label) {
  if (dataset && dataset.label_names.length === 0) return '';
  return dataset?.label_names[label] ?? String(label);
}

/**
 * Something with its class, if the rows have one.
 * @param {string} thing like "Test image 5"
 * @param {Pick<DataSummary, 'label_names'> | null} dataset
 * @param {number} label
 * @returns {string} "Test image 5, class 3"
 */
export function withClass(thing, dataset, label) {
  const name = className(dataset, label);
  return name ? `${thing}, class ${name}` : thing;
}

/** @param {number} count */
export const thousands = (count) => count.toLocaleString('en');

/**
 * What a row looks like.
 * @param {Pick<DataSummary, 'image_shape' | 'num_values' | 'feature_names'>} dataset
 * @returns {string} "28×28 grey, 256 levels", "32×32 colour, 256 levels" or "13 features"
 */
export function shapeInWords({ image_shape: shape, num_values: levels, feature_names: features }) {
  const [height, width] = shape;
  if (height === undefined || width === undefined) return `${features.length} ${features.length === 1 ? 'feature' : 'features'}`;
  const size = `${height}×${width} ${shape.length === 3 ? 'colour' : 'grey'}`;
  return levels === null ? size : `${size}, ${levels} levels`;
}

/**
 * @param {DataSummary['counts']} counts
 * @returns {string} "1,797 rows: 1,000 train, 350 validation, 447 test"
 */
export function countsInWords({ total, train, validation, test }) {
  return `${thousands(total)} rows: ${thousands(train)} train, ${thousands(validation)} validation, ${thousands(test)} test`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/**
 * @param {number} bytes
 * @returns {string} "0 B", "12 kB", "3.4 GB"
 */
export function bytesInWords(bytes) {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3 + 1e-9));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}
