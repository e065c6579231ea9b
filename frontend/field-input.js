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
    // Branches of a union may ask for fields of one name.
    const id = [form, field.path, field.when?.value].filter(Boolean).join('-');
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

  /**
   * Choices that cannot be taken.
   * @param {Record<string, string>} reasons by value
   */
  refuse(reasons) {
    for (const option of this.node.querySelectorAll('option')) {
      option.disabled = option.value in reasons;
      option.title = reasons[option.value] ?? '';
    }
    this.explain(Object.values(reasons));
  }

  /** @param {string[]} sentences below the question */
  explain(sentences) {
    this.node.querySelector('.field-notes')?.remove();
    if (sentences.length) this.node.append(el('ul', { class: 'field-help field-notes' }, ...sentences.map((text) => el('li', { text }))));
  }

  /** @param {string} text instead of the explanation that the question came with */
  describe(text) {
    const help = /** @type {HTMLElement} */ (this.node.querySelector('.field-help'));
    setText(help, text);
    help.hidden = text === '';
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
  return { ...field, input: 'choice', choices: datasets.map(({ id, title }) => ({ value: id, label: title })) };
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
  const asked = inputs.filter(({ node }) => !node.hidden);
  for (const input of inputs) input.showProblem('');
  for (const input of asked) input.showProblem(problems.find(({ field }) => covers(input.field.path, field))?.message ?? '');
  const homeless = problems.filter(({ field }) => !asked.some((input) => covers(input.field.path, field)));
  const wrong = asked.filter(({ invalid }) => invalid);
  const rest = homeless.map(({ field, message }) => `${field}: ${message}`).join(' ');
  setText(problem, rest || (wrong.length === 0 ? summary : ''));
  if (wrong.some(({ node }) => advanced.contains(node))) advanced.open = true;
  wrong[0]?.focus();
  if (problem.textContent) problem.scrollIntoView({ block: 'nearest' });
}

/**
 * Whether a problem at `place` belongs to the field at `path`: "network.hidden.1" is about
 * "network.hidden".
 * @param {string} path
 * @param {string} place
 */
function covers(path, place) {
  // What is wrong with a part as a whole, "likelihood", belongs to the choice of its kind.
  return place === path || place.startsWith(`${path}.`) || `${place}.kind` === path;
}
