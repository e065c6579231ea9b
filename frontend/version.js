/** @import {Run} from './contract' */

/**
 * The number of what the server can say of a run, the larger the newer. With the same weights it says
 * more once the training has ended: until then, of large data sets, all is worked out from some rows only.
 * @param {Pick<Run, 'checkpoint' | 'status'>} run
 */
export function versionOf({ checkpoint, status }) {
  const ended = status !== 'queued' && status !== 'running';
  return 2 * checkpoint + (ended && checkpoint > 0 ? 1 : 0);
}
