/** @import {FieldProblem, ImportOptions, Preview, SplitName, Upload} from './contract' */
/** @import {Field} from './schema-fields.js' */

/**
 * @param {Partial<Field> & {path: string, label: string}} field
 * @returns {Field}
 */
function question(field) {
  return { description: '', input: 'text', value: '', optional: true, choices: [], minimum: undefined, maximum: undefined, when: null, ...field };
}

const NAMES = [
  question({ path: 'title', label: 'Title' }),
  question({ path: 'id', label: 'Id', description: 'In addresses and commands: small letters, digits, - and _' }),
  question({ path: 'description', label: 'Description' }),
];

const SPLIT = [
  question({ path: 'split.train', label: 'Training %', input: 'number', value: 70, description: 'Is learned from' }),
  question({ path: 'split.validation', label: 'Validation %', input: 'number', value: 15, description: 'Says when to stop' }),
  question({ path: 'split.test', label: 'Test %', input: 'number', value: 15, description: 'Is measured on; a test set that comes along stays one' }),
  question({ path: 'split.seed', label: 'Seed', input: 'integer', value: 0, description: 'Of the random split, in which every class has its share' }),
];

const LABELS = [
  question({ path: 'labelled', label: 'The rows have labels', input: 'switch', value: true }),
  question({ path: 'label_column', label: 'Label column', description: 'Empty: a column named label, class, target or y, if there is one' }),
];

const SIZE = question({ path: 'image_size', label: 'Size of the pictures', description: 'Height and width, such as 28×28: all are resized to it. Empty: as they are' });

const PICTURE_ROWS = { ...SIZE, label: 'Rows that are pictures', description: 'If each row holds the pixels of a picture: its height and width, such as 28×28' };

const GREY = question({ path: 'grey', label: 'Turn colours into grey', input: 'switch', value: false });

/** @type {Record<Upload['format'] | 'openml', Field[]>} */
const ASKED = {
  arrays: [SIZE, GREY],
  pictures: [SIZE, GREY],
  table: [...LABELS, PICTURE_ROWS],
  idx: [],
  openml: [...LABELS, PICTURE_ROWS],
};

/**
 * What can be chosen about a file.
 * @param {Upload['format'] | 'openml'} format
 * @returns {{own: Field[], names: Field[], split: Field[]}}
 */
export function importFields(format) {
  return { own: ASKED[format], names: NAMES, split: SPLIT };
}

/** Whether the pictures' size has been given in a way that can be read: "28x28", "28 × 28", "28, 28". */
const SIZE_TEXT = /^\s*(\d+)\s*[x×*, ]\s*(\d+)\s*$/i;

/**
 * What the answers ask of the server. What cannot be read is sent as it is, and refused with a sentence.
 * @param {Record<string, string | boolean>} answers by path; those that are left out are not asked
 * @returns {ImportOptions}
 */
export function importOptions(answers) {
  /** @type {Record<string, unknown>} */
  const options = {};
  for (const path of ['title', 'id', 'description']) {
    const text = String(answers[path] ?? '').trim();
    if (text) options[path] = text;
  }
  const column = String(answers['label_column'] ?? '').trim();
  if (answers['labelled'] === false) options['label_column'] = null;
  else if (column) options['label_column'] = column;
  const size = String(answers['image_size'] ?? '').trim();
  if (size) options['image_size'] = SIZE_TEXT.exec(size)?.slice(1).map(Number) ?? size;
  if (answers['grey'] === true) options['grey'] = true;
  const split = splitOptions(answers);
  if (split) options['split'] = split;
  return options;
}

/** @type {readonly SplitName[]} */
const SHARES = ['train', 'validation', 'test'];

/** @param {Record<string, string | boolean>} answers */
function splitOptions(answers) {
  if (answers['split.train'] === undefined) return null;
  const shares = SHARES.map((name) => /** @type {const} */ ([name, readNumber(answers[`split.${name}`], 100)]));
  return Object.fromEntries([...shares, ['seed', readNumber(answers['split.seed'], 1)]]);
}

/**
 * @param {string | boolean | undefined} answer
 * @param {number} divisor
 * @returns {number | string}
 */
function readNumber(answer, divisor) {
  const text = String(answer ?? '').trim().replace('%', '').replace(',', '.');
  const value = Number(text);
  // Percent of percent: 0.1 + 0.2 is not 0.3.
  return text === '' || Number.isNaN(value) ? text : Number((value / divisor).toPrecision(12));
}

/**
 * What cannot be meant, in words that know how it was asked.
 * @param {Record<string, string | boolean>} answers by path
 * @returns {FieldProblem[]}
 */
export function importProblems(answers) {
  const size = String(answers['image_size'] ?? '').trim();
  const problems = size && !SIZE_TEXT.test(size) ? [{ field: 'image_size', message: `“${size}” is no size: write height and width, such as 28×28.` }] : [];
  if (answers['split.train'] === undefined) return problems;
  const shares = SHARES.map((name) => ({ name, share: readNumber(answers[`split.${name}`], 100) }));
  const wrong = shares.find(({ share }) => typeof share !== 'number' || share <= 0 || share >= 1);
  const sum = shares.reduce((total, { share }) => total + Number(share), 0);
  if (wrong) problems.push({ field: `split.${wrong.name}`, message: 'A share is a number between 0 and 100.' });
  else if (Math.abs(sum - 1) > 1e-6) problems.push({ field: 'split.train', message: `The three shares add up to ${Number((100 * sum).toFixed(4))}%, not to 100%.` });
  return problems;
}

/**
 * What was found in the file, for the fields that nobody has filled in.
 * @param {Preview} preview
 * @returns {Record<string, string>}
 */
export function foundAnswers({ title, id, description }) {
  return { title, id, description };
}
