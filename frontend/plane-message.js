/** @import {Run} from './contract' */

/**
 * What stands on a plane that has nothing to show yet, or never will.
 * @param {Run} run
 * @param {{ready: boolean, problem: string}} data
 * @returns {string} empty: there is something to show
 */
export function planeMessage(run, { ready, problem }) {
  if (problem) return problem;
  if (run.checkpoint === 0 && run.error) return run.error;
  if (run.status === 'queued') return 'Waiting to train';
  if (run.checkpoint === 0) return run.status === 'running' ? 'Training has begun' : 'This run has learned nothing to show.';
  return ready ? '' : 'Loading…';
}
