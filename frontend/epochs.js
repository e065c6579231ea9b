/** @import {Run} from './contract' */

/**
 * Stored epochs of several runs in one list, ascending, each once.
 * @param {readonly (readonly number[])[]} lists
 * @returns {number[]}
 */
export function unionOf(lists) {
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}

/**
 * The stored epoch that stands for `epoch`: the last one that is not later. A run that ended earlier
 * shows its last; one whose first is later shows that.
 * @param {readonly number[]} stored ascending
 * @param {number} epoch
 * @returns {number | null} null if nothing is stored
 */
export function standIn(stored, epoch) {
  return stored.findLast((at) => at <= epoch) ?? stored[0] ?? null;
}

/**
 * Where the scrubber stands: one step for each stored epoch, and the present behind them.
 * @param {readonly number[]} stored
 * @param {number | null} epoch null: the present
 * @returns {number}
 */
export function positionOf(stored, epoch) {
  const at = epoch === null ? null : standIn(stored, epoch);
  return at === null ? stored.length : stored.indexOf(at);
}

/**
 * @param {readonly number[]} stored
 * @param {number} position
 * @returns {number | null}
 */
export function epochAt(stored, position) {
  return stored[Math.max(0, position)] ?? null;
}

/**
 * Every n-th, counted from the first; the last is always among them.
 * @param {readonly number[]} stored
 * @param {number} n
 * @returns {number[]}
 */
export function everyNth(stored, n) {
  return stored.filter((_, i) => i % n === 0 || i === stored.length - 1);
}

/**
 * At most `count`, evenly spread, the first and the last among them.
 * @param {readonly number[]} stored
 * @param {number} count at least 2
 * @returns {number[]}
 */
export function evenly(stored, count) {
  if (stored.length <= count) return [...stored];
  return Array.from({ length: count }, (_, i) => /** @type {number} */ (stored[Math.round((i * (stored.length - 1)) / (count - 1))]));
}

/**
 * What a panel says of the epoch that it shows: "Epoch 12 of 120", "Epoch 74, its last".
 * @param {Run} run
 * @param {number} shown
 * @param {number | null} chosen
 * @returns {string}
 */
export function epochInWords({ status, progress }, shown, chosen) {
  const ended = status !== 'running' && status !== 'queued';
  if (ended && chosen !== null && shown < chosen && shown === progress.epoch) return `Epoch ${shown}, its last`;
  return `Epoch ${shown} of ${progress.epoch}`;
}

/**
 * Which weights the run keeps: "kept: epoch 97". Empty while it trains.
 * @param {Run} run
 * @returns {string}
 */
export function keptInWords({ status, best_epoch: best }) {
  return status === 'running' || status === 'queued' || best === null ? '' : `kept: epoch ${best}`;
}
