/** @import {Proposal} from './contract' */
/** @import {Field} from './schema-fields.js' */
import { shown } from './schema-fields.js';

/** The parts of a run that a data set proposes. */
const PARTS = /** @type {const} */ (['likelihood', 'network', 'training']);

/**
 * What a data set proposes for a question.
 * @param {Proposal} proposal
 * @param {Field} field
 * @returns {string | boolean | null} an answer; null: it proposes nothing, or another kind than the question is about
 */
export function proposedAnswer(proposal, field) {
  const [part, ...names] = field.path.split('.');
  const known = PARTS.find((name) => name === part);
  if (!known) return null;
  /** @type {unknown} */
  let value = proposal[known];
  if (field.when && field.when.path === `${part}.kind` && field.when.value !== proposal[/** @type {'likelihood'} */ (known)].kind) return null;
  for (const name of names) value = /** @type {Record<string, unknown> | undefined} */ (value)?.[name];
  if (value === undefined) return null;
  return typeof value === 'boolean' ? value : shown({ ...field, value });
}
