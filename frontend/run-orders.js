/** @import {Run} from './contract' */

/** In which order the runs of the rail may stand. @type {Record<string, {label: string, compare: (a: Run, b: Run) => number}>} */
export const ORDERS = {
  newest: { label: 'Newest', compare: (a, b) => b.created_at.localeCompare(a.created_at) },
  oldest: { label: 'Oldest', compare: (a, b) => a.created_at.localeCompare(b.created_at) },
  elbo: { label: 'Best −ELBO', compare: (a, b) => loss(a) - loss(b) },
  likelihood: { label: 'Best log-likelihood', compare: (a, b) => order(a, b, (run) => -likelihood(run)) },
  holes: { label: 'Least hole mass', compare: (a, b) => order(a, b, holeMass) },
  prior: { label: 'Prior', compare: (a, b) => a.config.prior.kind.localeCompare(b.config.prior.kind) },
  status: { label: 'Status', compare: (a, b) => a.status.localeCompare(b.status) },
};

/** @param {Run} run */
const loss = (run) => (run.metrics ? -run.metrics.test.elbo.value : Infinity);

/** @param {Run} run */
const likelihood = (run) => run.metrics?.test.log_likelihood.value ?? -Infinity;

/** @param {Run} run */
const holeMass = (run) => run.metrics?.hole_mass[10].value ?? Infinity;

/**
 * @param {Run} a
 * @param {Run} b
 * @param {(run: Run) => number} value
 */
const order = (a, b, value) => (value(a) === value(b) ? 0 : value(a) - value(b));
