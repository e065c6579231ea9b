/** @import {Run} from './contract' */
/** @import {Titles} from './titles.js' */

/** More names than this are not told one by one. */
const NAMED = 3;

/**
 * Which runs keep a data set from being deleted.
 * @param {readonly Run[]} runs
 * @param {string} dataset
 * @param {Pick<Titles, 'full'>} titles
 * @returns {string} empty: none; "Standard normal, seed 0, and 4 more runs use it"
 */
export function usersInWords(runs, dataset, titles) {
  const users = runs.filter(({ config }) => config.dataset === dataset);
  if (users.length === 0) return '';
  const names = users.slice(0, NAMED).map((run) => `“${titles.full(run)}”`);
  const rest = users.length - names.length;
  const all = rest > 0 ? `${names.join(', ')} and ${rest} more runs` : names.join(names.length === 2 ? ' and ' : ', ');
  return `${all} ${users.length === 1 ? 'uses' : 'use'} it`;
}
