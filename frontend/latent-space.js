/** @import {Run} from './contract' */

/**
 * The run whose encoder and decoder this one has: its own, unless they were frozen.
 * @param {Run} run
 */
export function rootOf(run) {
  return run.frozen_from ?? run.id;
}

/**
 * Whether the same z means the same in both runs: they are one run, or share encoder and decoder.
 * @param {Run} a
 * @param {Run} b
 */
export function shareSpace(a, b) {
  return rootOf(a) === rootOf(b);
}
