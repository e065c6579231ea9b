/** @import {JsonSchema} from './contract' */

/**
 * One question that the form asks.
 * @typedef {object} Field
 * @property {string} path like "training.epochs"
 * @property {string} label
 * @property {string} description
 * @property {'integer' | 'number' | 'text' | 'choice' | 'switch' | 'integers'} input
 * @property {unknown} value the default
 * @property {boolean} optional an empty answer means none
 * @property {{value: string, label: string}[]} choices
 * @property {number | undefined} minimum
 * @property {number | undefined} maximum
 * @property {{path: string, value: string} | null} when asked only if that field has that value
 */

/**
 * @param {JsonSchema} schema
 * @param {JsonSchema} root where `$defs` are
 * @returns {JsonSchema}
 */
function resolve(schema, root) {
  if (!schema.$ref) return schema;
  const name = schema.$ref.replace('#/$defs/', '');
  const { $ref: _, ...beside } = schema;
  return { ...root.$defs?.[name], ...beside };
}

/** @type {Record<string, string>} */
const PLAIN_WORDS = { num: 'number of', dim: 'dimensions', dataset: 'data set' };

/**
 * "Num Components" becomes "Number of components"; "L2 norm" stays.
 * @param {string} title
 */
export function sentenceCase(title) {
  const words = title.trim().split(/[\s_]+/).map((word) => PLAIN_WORDS[word.toLowerCase()] ?? word);
  const text = words.map((word, i) => (i > 0 && /^[A-Z][a-z]+$/.test(word) ? word.toLowerCase() : word)).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {string} value like "leaky_relu" */
const choice = (value) => ({ value, label: sentenceCase(value) });

/**
 * The questions that a JSON Schema asks, in its order. Constants are not asked; a union told apart
 * by `kind` becomes a choice followed by each branch's own questions.
 * @param {JsonSchema} schema
 * @param {string} [prefix] path of the object that the schema describes
 * @param {JsonSchema} [root]
 * @param {Record<string, unknown>} [defaults] override the schema's own
 * @returns {Field[]}
 */
export function fieldsOf(schema, prefix = '', root = schema, defaults = {}) {
  const { properties = {} } = resolve(schema, root);
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    return fieldsOfProperty(resolve(property, root), path, root, defaults[name]);
  });
}

/**
 * @param {JsonSchema} schema
 * @param {string} path
 * @param {JsonSchema} root
 * @param {unknown} override
 * @returns {Field[]}
 */
function fieldsOfProperty(schema, path, root, override) {
  if (schema.const !== undefined) return [];
  const value = override ?? schema.default;
  const branches = (schema.oneOf ?? schema.anyOf ?? []).map((branch) => resolve(branch, root));
  const kinds = branches.filter((branch) => branch.properties?.['kind']?.const !== undefined);
  if (kinds.length > 0) return fieldsOfUnion(kinds, path, root, record(value), schema);
  if (branches.length > 0) {
    const kept = branches.filter((branch) => branch.type !== 'null');
    const only = /** @type {JsonSchema} */ (kept.length === 1 ? kept[0] : { type: 'string' });
    const { anyOf: _any, oneOf: _one, ...own } = schema;
    return fieldsOfProperty({ ...only, ...own }, path, root, override).map((field) => ({
      ...field,
      optional: kept.length < branches.length,
    }));
  }
  if (schema.properties) return fieldsOf(schema, path, root, record(value));
  return [leaf(schema, path, value)];
}

/**
 * @param {JsonSchema[]} branches
 * @param {string} path
 * @param {JsonSchema} root
 * @param {Record<string, unknown>} value
 * @param {JsonSchema} schema
 * @returns {Field[]}
 */
function fieldsOfUnion(branches, path, root, value, schema) {
  const kindPath = `${path}.kind`;
  const kinds = branches.map((branch) => String(branch.properties?.['kind']?.const));
  const selected = value['kind'] === undefined ? kinds[0] : String(value['kind']);
  const question = {
    ...leaf({ ...schema, enum: kinds, title: schema.title ?? lastName(path) }, kindPath, selected),
    choices: branches.map((branch, i) => {
      const kind = /** @type {string} */ (kinds[i]);
      // A class name of the server is not a title for people.
      return /\s/.test(branch.title ?? '') ? { value: kind, label: branch.title ?? '' } : choice(kind);
    }),
  };
  const followUps = branches.flatMap((branch, i) => {
    const kind = /** @type {string} */ (kinds[i]);
    const fields = fieldsOf(branch, path, root, kind === selected ? value : {});
    return fields.map((field) => ({ ...field, when: field.when ?? { path: kindPath, value: kind } }));
  });
  return [question, ...followUps];
}

/**
 * @param {JsonSchema} schema
 * @param {string} path
 * @param {unknown} value
 * @returns {Field}
 */
function leaf(schema, path, value) {
  return {
    path,
    label: sentenceCase(schema.title ?? lastName(path)),
    description: schema.description ?? '',
    input: inputKind(schema),
    value,
    optional: false,
    choices: (schema.enum ?? []).map((item) => choice(String(item))),
    minimum: schema.minimum ?? schema.exclusiveMinimum,
    maximum: schema.maximum ?? schema.exclusiveMaximum,
    when: null,
  };
}

/**
 * @param {JsonSchema} schema
 * @returns {Field['input']}
 */
function inputKind(schema) {
  if (schema.enum) return 'choice';
  if (schema.type === 'boolean') return 'switch';
  if (schema.type === 'integer' || schema.type === 'number') return schema.type;
  if (schema.type === 'array') return 'integers';
  return 'text';
}

/** @param {string} path */
const lastName = (path) => /** @type {string} */ (path.split('.').at(-1));

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
function record(value) {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/**
 * What an answer means. Anything that cannot be read goes to the server as typed, whose sentence
 * about it then appears beside the field.
 * @param {Field} field
 * @param {string | boolean} answer
 * @returns {unknown} undefined: leave it to the default
 */
export function readAnswer(field, answer) {
  if (typeof answer === 'boolean') return answer;
  const text = answer.trim();
  if (text === '') return undefined;
  const asNumber = (/** @type {string} */ part) => (Number.isNaN(Number(part)) ? part : Number(part));
  if (field.input === 'integer' || field.input === 'number') return asNumber(text);
  if (field.input === 'integers') return text.split(/[\s,]+/).filter(Boolean).map(asNumber);
  return text;
}

/**
 * How a value is shown in its input.
 * @param {Field} field
 * @returns {string}
 */
export function shown(field) {
  if (field.value === undefined || field.value === null) return '';
  return Array.isArray(field.value) ? field.value.join(', ') : String(field.value);
}

/**
 * @param {Iterable<readonly [string, unknown]>} answers by path
 * @returns {Record<string, unknown>} nested; what is undefined is left out
 */
export function nest(answers) {
  /** @type {Record<string, unknown>} */
  const body = {};
  for (const [path, value] of answers) {
    if (value === undefined) continue;
    const names = path.split('.');
    const last = /** @type {string} */ (names.pop());
    let target = body;
    for (const name of names) target = /** @type {typeof body} */ (target[name] ??= {});
    target[last] = value;
  }
  return body;
}
