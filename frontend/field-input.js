/** @import {DatasetInfo, FieldProblem} from './contract' */
/** @import {Field} from './schema-fields.js' */
import { el, setText } from './dom.js';
import { shown } from './schema-fields.js';

/** One question with its label, explanation and place for a problem. */
export class FieldInput {
  #input;
  #problem = el('p', { class: 'problem' });
  /** Whether the answer is of whoever fills in the form. */
  touched = false;
  node;

  /**
   * @param {Field} field
   * @param {() => void} onChange
   * @param {string} [form] tells the ids of forms apart that ask the same
   */
  constructor(field, onChange, form = 'field') {
    this.field = field;
    const id = `${form}-${field.path}`;
    this.#problem.id = `${id}-problem`;
    this.#input = inputFor(field);
    this.#input.id = id;
    this.#input.setAttribute('aria-describedby', `${id}-help ${id}-problem`);
    this.#input.addEventListener('input', () => {
      this.touched = true;
    });
    this.#input.addEventListener('change', onChange);
    const label = el('label', { attrs: { for: id } });
    const help = el('p', { class: 'field-help', text: field.description, attrs: { id: `${id}-help` } });
    help.hidden = !field.description;
    const isSwitch = field.input === 'switch';
    if (isSwitch) label.append(this.#input, field.label);
    else label.append(field.label);
    this.node = el(
      'div',
      { class: isSwitch ? 'field field-switch' : 'field', data: { field: field.path } },
      label,
      isSwitch ? null : this.#input,
      help,
      this.#problem,
    );
    this.showProblem('');
  }

  /** @returns {string | boolean} */
  get answer() {
    return this.#input instanceof HTMLInputElement && this.#input.type === 'checkbox'
      ? this.#input.checked
      : this.#input.value;
  }

  set answer(answer) {
    if (this.#input instanceof HTMLInputElement && typeof answer === 'boolean') this.#input.checked = answer;
    else this.#input.value = String(answer);
  }

  /** @param {string[]} answers that are offered while one is typed */
  suggest(answers) {
    const id = `${this.#input.id}-list`;
    this.node.querySelector('datalist')?.remove();
    this.node.append(el('datalist', { attrs: { id } }, ...answers.map((value) => el('option', { attrs: { value } }))));
    this.#input.setAttribute('list', id);
  }

  get invalid() {
    return !this.#problem.hidden;
  }

  focus() {
    this.#input.focus();
  }

  /** @param {string} message */
  showProblem(message) {
    setText(this.#problem, message);
    this.#problem.hidden = !message;
    this.#input.setAttribute('aria-invalid', String(Boolean(message)));
  }
}

/**
 * @param {Field} field
 * @returns {HTMLInputElement | HTMLSelectElement}
 */
function inputFor(field) {
  if (field.input === 'choice') {
    const select = el('select', { class: 'text-field' });
    select.append(...field.choices.map(({ value, label }) => el('option', { text: label, attrs: { value } })));
    select.value = shown(field);
    return select;
  }
  if (field.input === 'switch') {
    return el('input', { attrs: { type: 'checkbox', checked: field.value === true } });
  }
  const numeric = field.input === 'integer' || field.input === 'number';
  return el('input', {
    class: 'text-field',
    attrs: {
      type: 'text',
      inputmode: numeric ? 'decimal' : null,
      value: shown(field),
      autocomplete: 'off',
      placeholder: field.path === 'name' ? 'Named after its prior' : null,
    },
  });
}

/**
 * @param {Field} field
 * @param {DatasetInfo[]} datasets
 * @returns {Field}
 */
export function withDatasets(field, datasets) {
  if (field.path !== 'dataset') return field;
  const choices = datasets.map(({ id, title }) => ({ value: id, label: title }));
  const description = datasets.find(({ id }) => id === field.value)?.description ?? field.description;
  return { ...field, input: 'choice', choices, description: datasets.length === 1 ? description : '' };
}

/**
 * Questions that depend on the answer to another one come and go with it.
 * @param {FieldInput[]} inputs
 */
export function showWhen(inputs) {
  for (const { field, node } of inputs) {
    const { when } = field;
    node.hidden = when !== null && inputs.find((other) => other.field.path === when.path)?.answer !== when.value;
  }
}

/**
 * Each beside its field; what belongs to no field on the form is said below it.
 * @param {FieldInput[]} inputs
 * @param {FieldProblem[]} problems
 * @param {{summary: string, problem: HTMLElement, advanced: HTMLDetailsElement}} form `advanced` is opened where a
 *   problem is folded away in it
 */
export function showProblems(inputs, problems, { summary, problem, advanced }) {
  for (const input of inputs) {
    input.showProblem(problems.find(({ field }) => covers(input.field.path, field))?.message ?? '');
  }
  const homeless = problems.filter(({ field }) => !inputs.some((input) => covers(input.field.path, field)));
  const wrong = inputs.filter(({ invalid }) => invalid);
  const rest = homeless.map(({ field, message }) => `${field}: ${message}`).join(' ');
  setText(problem, rest || (wrong.length === 0 ? summary : ''));
  if (wrong.some(({ node }) => advanced.contains(node))) advanced.open = true;
  wrong[0]?.focus();
}

/**
 * Whether a problem at `place` belongs to the field at `path`: "network.hidden.1" is about
 * "network.hidden".
 * @param {string} path
 * @param {string} place
 */
function covers(path, place) {
  return place === path || place.startsWith(`${path}.`);
}
