/** @import {Run} from './contract' */

/**
 * Whether the same z means the same in both runs: they are one run, or share encoder and decoder.
 * @param {Run} a
 * @param {Run} b
 */
export function shareSpace(a, b) {
  return (a.frozen_from ?? a.id) === (b.frozen_from ?? b.id);
}
