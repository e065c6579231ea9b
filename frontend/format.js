/** @import {Estimate, Run} from './contract' */

/**
 * @param {number} value
 * @param {number} [digits]
 * @returns {string} with a true minus sign
 */
export function number(value, digits = 2) {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : 'not a number';
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
}

/**
 * As it stands in a field that can be typed into.
 * @param {number} value
 */
export const editable = (value) => (Math.abs(value) < 0.005 ? 0 : value).toFixed(2);

/**
 * A share of 1: "24%", "3.4%", "0.02%", "<0.01%".
 * @param {number} share
 * @returns {string}
 */
export function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.01) return '<0.01%';
  return `${number(value, value === 0 || value >= 9.95 ? 0 : value >= 0.095 ? 1 : 2)}%`;
}

/**
 * "z1 0.50, z2 −1.20"
 * @param {readonly number[]} z
 * @returns {string}
 */
export function place(z) {
  return shortened(z.map((value, i) => `z${i + 1} ${number(value)}`), 8);
}

/**
 * "0.50, −1.20"
 * @param {readonly number[]} z
 * @returns {string}
 */
export function coordinates(z) {
  return shortened(z.map((value) => number(value)), 4);
}

/**
 * @param {string[]} texts
 * @param {number} most so many are told; of more only the first ones
 */
function shortened(texts, most) {
  return texts.length <= most ? texts.join(', ') : `${texts.slice(0, most - 1).join(', ')}, … (${texts.length} in all)`;
}

/**
 * The negative ELBO and its standard error, to the digit in which the error shows: "98.7", "± 0.6".
 * @param {Estimate} elbo
 * @returns {{value: string, error: string}}
 */
export function negativeElbo({ value, standard_error: error }) {
  const digits = error ? Math.min(2, Math.max(1, Math.ceil(-Math.log10(error)))) : 1;
  return { value: number(-value, digits), error: error === null ? '' : `± ${number(error, digits)}` };
}

/**
 * How long a run will go on, if that can be told.
 * @param {Run} run
 * @returns {string}
 */
export function timeLeft(run) {
  const { epoch, seconds_left: seconds } = run.progress;
  if (run.status !== 'running' || epoch === 0 || seconds === null) return '';
  if (seconds < 1) return 'under 1 s left';
  if (seconds < 90) return `${Math.round(seconds)} s left`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min left`;
  return `${Math.round(seconds / 3600)} h left`;
}

/**
 * What a run is doing, in words.
 * @param {Run} run
 * @returns {string}
 */
export function statusText(run) {
  const { epoch, epochs } = run.progress;
  switch (run.status) {
    case 'queued':
      return 'Waiting to train';
    case 'running':
      return epoch === 0 ? 'Starting' : `Epoch ${epoch} of ${epochs}`;
    case 'finished':
      return `${epoch} epochs`;
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return epoch ? `Cancelled at epoch ${epoch}` : 'Cancelled';
    case 'interrupted':
      return `Interrupted at epoch ${epoch}`;
  }
}
