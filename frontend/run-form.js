/** @import {DatasetInfo, FieldProblem, JsonSchema, PriorKind, Run} from './contract' */
import { ApiError, api, sentence } from './api.js';
import { DataChoice } from './data-choice.js';
import { openDialog } from './dialog.js';
import { el } from './dom.js';
import { FieldInput, showProblems, showWhen, withDatasets } from './field-input.js';
import { fieldsOf, nest, readAnswer } from './schema-fields.js';

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
  #data;
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
    const asked = fieldsOf(schema).filter(({ path }) => !path.startsWith('prior') && path !== 'frozen_from');
    this.#runInputs = asked.map((field) => new FieldInput(withDatasets(field, datasets), () => this.#showWhen()));
    this.#data = new DataChoice(this.#runInputs, datasets);
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

  #showWhen() {
    this.#data.update();
    showWhen(this.#inputs);
  }

  #body() {
    const answers = this.#inputs
      .filter(({ node }) => !node.hidden)
      .map(({ field, answer }) => /** @type {const} */ ([field.path, readAnswer(field, answer)]));
    const kind = new FormData(this.node).get('prior');
    return nest([['prior.kind', kind], ...answers]);
  }

  /**
   * @param {FieldProblem[]} problems
   * @param {string} summary
   */
  #showProblems(problems, summary) {
    showProblems(this.#inputs, problems, { summary, problem: this.#problem, advanced: this.#advanced });
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
}
