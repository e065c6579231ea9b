/** @import {Run} from './contract' */
/** @import {ViewState} from './state.js' */
import { rootOf } from './latent-space.js';

/**
 * Whether runs have one latent space: the same encoder and decoder, under different priors.
 * @param {readonly Run[]} runs
 */
export function sharesSpace(runs) {
  return runs.length > 1 && new Set(runs.map(rootOf)).size === 1;
}

/**
 * Whether all panels show the same part of the plane.
 * @param {Pick<ViewState, 'ranges'>} state
 * @param {readonly Run[]} runs on the stage
 */
export function sharesRanges({ ranges }, runs) {
  return ranges === 'auto' ? sharesSpace(runs) : ranges === 'shared';
}

/**
 * What the panels have in common, and what may be concluded from them.
 * @param {readonly Run[]} runs on the stage
 * @returns {{kind: 'frozen' | 'separate', title: string, text: string} | null} null: there is nothing to compare
 */
export function comparisonOf(runs) {
  if (runs.length < 2) return null;
  if (sharesSpace(runs)) {
    return {
      kind: 'frozen',
      title: 'One latent space',
      text: 'Encoder and decoder are frozen and shared: the same z is the same picture in every panel. Whatever differs is the prior’s doing alone.',
    };
  }
  const together = new Set(runs.map(rootOf)).size < runs.length;
  const sets = new Set(runs.map(({ config }) => config.dataset)).size;
  const link = sets === 1 ? 'What links the panels is the data behind the points.' : 'Panels on the same data are linked by the data behind the points.';
  return {
    kind: 'separate',
    title: together ? 'Several latent spaces' : 'Separate latent spaces',
    text: `The same z means different things in ${together ? 'panels that were not fitted to one frozen model' : 'each panel'}: compare shapes and figures, not places. ${link}`,
  };
}
