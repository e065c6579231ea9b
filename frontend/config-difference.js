/** @import {JsonSchema, Proposal, RunConfig} from './contract' */

/** @typedef {Record<string, unknown>} Tree */

/**
 * What the server fills in where a run's description is silent.
 * @param {JsonSchema} schema of an object
 * @param {JsonSchema} [root] where `$defs` are
 * @returns {Tree}
 */
export function defaultsOf(schema, root = schema) {
  const { properties = {} } = resolve(schema, root);
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) => {
      const resolved = resolve(property, root);
      const inner = resolved.properties ? defaultsOf(resolved, root) : {};
      if (isTree(resolved.default)) return [[name, { ...inner, ...resolved.default }]];
      if (resolved.default !== undefined) return [[name, resolved.default]];
      return Object.keys(inner).length > 0 ? [[name, inner]] : [];
    }),
  );
}

/**
 * @param {JsonSchema} schema
 * @param {JsonSchema} root
 * @returns {JsonSchema}
 */
function resolve(schema, root) {
  if (!schema.$ref) return schema;
  const { $ref: name, ...beside } = schema;
  return { ...root.$defs?.[name.replace('#/$defs/', '')], ...beside };
}

/**
 * @param {unknown} value
 * @returns {value is Tree}
 */
function isTree(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The parts of a tree that are not as in another. A `kind` stays wherever something beside it
 * does, for the other fields belong to it.
 * @param {Tree} tree
 * @param {Tree} defaults
 * @returns {Tree}
 */
export function difference(tree, defaults) {
  const sameKind = tree['kind'] === defaults['kind'];
  const different = Object.entries(tree).flatMap(([key, value]) => {
    const usual = sameKind ? defaults[key] : undefined;
    if (isTree(value) && isTree(usual)) {
      const inner = difference(value, usual);
      return Object.keys(inner).length > 0 ? [[key, inner]] : [];
    }
    return JSON.stringify(value) === JSON.stringify(usual) ? [] : [[key, value]];
  });
  if (different.length > 0 && tree['kind'] !== undefined) return { kind: tree['kind'], ...Object.fromEntries(different) };
  return Object.fromEntries(different);
}

/**
 * What has to be said to train a run like this one: data set, prior and seed always, all else where
 * it differs from what the data set proposes and from the defaults.
 * @param {RunConfig} config
 * @param {JsonSchema} schema of what describes a run
 * @param {{options?: JsonSchema | undefined, proposal?: Proposal | undefined}} known `options`: schema of the prior's;
 *   `proposal` of the data set, which fills in what is left out
 * @returns {Tree}
 */
export function essentials(config, schema, { options, proposal }) {
  const { dataset, prior, ...rest } = config;
  const { dataset: _, prior: __, ...usual } = defaultsOf(schema);
  const { why: ___, ...proposed } = proposal ?? { why: [] };
  const defaults = { ...usual, ...proposed };
  const { training = {}, ...others } = difference(rest, defaults);
  const known = options ? { ...defaultsOf(options), kind: prior.kind } : {};
  return {
    dataset,
    prior: { kind: prior.kind, ...difference(prior, known) },
    training: { seed: config.training.seed, .../** @type {Tree} */ (training) },
    ...others,
  };
}

/**
 * The leaves of a tree with their paths, like "training.epochs".
 * @param {Tree} tree
 * @param {string} [prefix]
 * @returns {[string, unknown][]}
 */
export function leaves(tree, prefix = '') {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? leaves(value, `${prefix}${key}.`) : [/** @type {[string, unknown]} */ ([`${prefix}${key}`, value])],
  );
}
