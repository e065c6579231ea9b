/** @import {DatasetInfo, FieldProblem, JsonSchema, PriorKind, Run} from './contract' */
/** @import {Field} from './schema-fields.js' */
import { ApiError, api, sentence } from './api.js';
import { openDialog } from './dialog.js';
import { el, setText } from './dom.js';
import { fieldsOf, nest, readAnswer, shown } from './schema-fields.js';

/** What most people set; everything else is folded away. */
const BASIC = ['name', 'dataset', 'latent_dim', 'training.epochs', 'training.seed'];

/**
 * Asks what to train and starts it.
 * @param {{onCreated: (run: Run) => void}} options
 */
export async function openRunForm({ onCreated }) {
  const body = el('div', { class: 'run-form' }, el('p', { class: 'muted', text: 'Loading the options…' }));
  const dialog = openDialog('New run', body);
  try {
    const [priors, schema, datasets] = await Promise.all([api.priors(), api.runSchema(), api.datasets()]);
    const form = new RunForm(priors, schema, datasets, (run) => {
      onCreated(run);
      dialog.close();
    });
    body.replaceChildren(form.node);
    form.focus();
  } catch (error) {
    body.replaceChildren(el('p', { class: 'problem', text: sentence(error), attrs: { role: 'alert' } }));
  }
}

class RunForm {
  #priors;
  #onCreated;
  /** @type {FieldInput[]} */
  #runInputs;
  /** @type {FieldInput[]} */
  #priorInputs = [];
  #options = el('div', { class: 'fields' });
  #problem = el('p', { class: 'form-problem problem', attrs: { role: 'alert' } });
  #submit = el('button', { class: 'button primary', text: 'Train', attrs: { type: 'submit' } });
  #advanced;
  node;

  /**
   * @param {PriorKind[]} priors
   * @param {JsonSchema} schema
   * @param {DatasetInfo[]} datasets
   * @param {(run: Run) => void} onCreated
   */
  constructor(priors, schema, datasets, onCreated) {
    this.#priors = priors;
    this.#onCreated = onCreated;
    const asked = fieldsOf(schema).filter((field) => !field.path.startsWith('prior'));
    this.#runInputs = asked.map((field) => new FieldInput(withDatasets(field, datasets), () => this.#showWhen()));
    const basic = this.#runInputs.filter(({ field }) => BASIC.includes(field.path));
    const rest = this.#runInputs.filter(({ field }) => !BASIC.includes(field.path));
    this.#advanced = el(
      'details',
      { class: 'form-group' },
      el('summary', { text: 'Advanced' }),
      el('div', { class: 'fields' }, ...rest.map(({ node }) => node)),
    );
    this.node = el(
      'form',
      { attrs: { novalidate: true }, on: { submit: (event) => this.#send(event) } },
      this.#choosePrior(),
      this.#options,
      el('div', { class: 'form-group' }, el('h3', { text: 'Run' }), el('div', { class: 'fields' }, ...basic.map(({ node }) => node))),
      this.#advanced,
      this.#problem,
      el('div', { class: 'dialog-actions' }, this.#submit),
    );
    this.#setPrior(/** @type {PriorKind} */ (priors[0]));
    this.#showWhen();
  }

  focus() {
    this.node.querySelector('input')?.focus();
  }

  #choosePrior() {
    const choices = this.#priors.map((prior, i) =>
      el(
        'label',
        { class: 'prior-choice' },
        el('input', {
          attrs: { type: 'radio', name: 'prior', value: prior.kind, checked: i === 0 },
          on: { change: () => this.#setPrior(prior) },
        }),
        el('strong', { text: prior.title }),
        el('span', { text: prior.description }),
      ),
    );
    return el('fieldset', {}, el('legend', { text: 'Prior' }), el('div', { class: 'prior-choices' }, ...choices));
  }

  /** @param {PriorKind} prior */
  #setPrior(prior) {
    this.#priorInputs = fieldsOf(prior.options, 'prior').map((field) => new FieldInput(field, () => this.#showWhen()));
    this.#options.replaceChildren(...this.#priorInputs.map(({ node }) => node));
    this.#options.hidden = this.#priorInputs.length === 0;
    this.#showWhen();
  }

  get #inputs() {
    return [...this.#priorInputs, ...this.#runInputs];
  }

  /** Questions that depend on the answer to another one come and go with it. */
  #showWhen() {
    for (const { field, node } of this.#inputs) {
      const { when } = field;
      node.hidden = when !== null && this.#inputs.find((other) => other.field.path === when.path)?.answer !== when.value;
    }
  }

  #body() {
    const answers = this.#inputs
      .filter(({ node }) => !node.hidden)
      .map(({ field, answer }) => /** @type {const} */ ([field.path, readAnswer(field, answer)]));
    const kind = new FormData(this.node).get('prior');
    return nest([['prior.kind', kind], ...answers]);
  }

  /** @param {SubmitEvent} event */
  async #send(event) {
    event.preventDefault();
    this.#submit.disabled = true;
    this.#showProblems([], '');
    try {
      this.#onCreated(await api.createRun(this.#body()));
    } catch (error) {
      this.#showProblems(error instanceof ApiError ? error.fields : [], sentence(error));
    } finally {
      this.#submit.disabled = false;
    }
  }

  /**
   * Each beside its field; what belongs to no field on the form is said below it.
   * @param {FieldProblem[]} problems
   * @param {string} summary
   */
  #showProblems(problems, summary) {
    for (const input of this.#inputs) {
      input.showProblem(problems.find(({ field }) => covers(input.field.path, field))?.message ?? '');
    }
    const homeless = problems.filter(({ field }) => !this.#inputs.some((input) => covers(input.field.path, field)));
    const wrong = this.#inputs.filter(({ invalid }) => invalid);
    const rest = homeless.map(({ field, message }) => `${field}: ${message}`).join(' ');
    setText(this.#problem, rest || (wrong.length === 0 ? summary : ''));
    if (wrong.some(({ node }) => this.#advanced.contains(node))) this.#advanced.open = true;
    wrong[0]?.focus();
  }
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

/**
 * @param {Field} field
 * @param {DatasetInfo[]} datasets
 * @returns {Field}
 */
function withDatasets(field, datasets) {
  if (field.path !== 'dataset') return field;
  const choices = datasets.map(({ id, title }) => ({ value: id, label: title }));
  const description = datasets.find(({ id }) => id === field.value)?.description ?? field.description;
  return { ...field, input: 'choice', choices, description: datasets.length === 1 ? description : '' };
}

/** One question with its label, explanation and place for a problem. */
class FieldInput {
  #input;
  #problem = el('p', { class: 'problem' });
  node;

  /**
   * @param {Field} field
   * @param {() => void} onChange
   */
  constructor(field, onChange) {
    this.field = field;
    const id = `field-${field.path}`;
    this.#problem.id = `${id}-problem`;
    this.#input = inputFor(field);
    this.#input.id = id;
    this.#input.setAttribute('aria-describedby', `${id}-help ${id}-problem`);
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
