/** @import {Run} from './contract' */
/** @import {LatentData} from './latent-data.js' */

/**
 * What stands on a plane that has nothing to show yet, or never will.
 * @param {Run} run
 * @param {Pick<LatentData, 'ready' | 'problem'>} data
 * @returns {string} empty: there is something to show
 */
export function planeMessage(run, { ready, problem }) {
  const dimensions = run.config.latent_dim;
  if (dimensions !== 2) {
    return `A latent space of ${dimensions} ${dimensions === 1 ? 'dimension' : 'dimensions'} is no plane to draw. Its places can be typed beside; holes, numbers and samples are below.`;
  }
  if (problem) return problem;
  if (run.checkpoint === 0 && run.error) return run.error;
  if (run.status === 'queued') return 'Waiting to train';
  if (run.checkpoint === 0) return run.status === 'running' ? 'Training has begun' : 'This run has learned nothing to show.';
  return ready ? '' : 'Loading…';
}
