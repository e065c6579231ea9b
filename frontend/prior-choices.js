/** @import {FieldProblem, PriorKind} from './contract' */
import { el, setText } from './dom.js';
import { FieldInput, showProblems, showWhen } from './field-input.js';
import { fieldsOf, readAnswer } from './schema-fields.js';

/** Any number of the priors, and the options of each. */
export class PriorChoices {
  #priors;
  /** @type {Map<string, HTMLInputElement>} */
  #checks = new Map();
  /** @type {Map<string, {node: HTMLElement, inputs: FieldInput[], problem: HTMLElement}>} */
  #groups = new Map();
  #all = el('button', { class: 'link-button', attrs: { type: 'button' } });
  options;
  node;

  /** @param {PriorKind[]} priors */
  constructor(priors) {
    this.#priors = priors;
    this.#all.addEventListener('click', () => this.#checkAll(this.chosen.length < priors.length));
    this.node = el(
      'fieldset',
      { on: { change: () => this.#update() } },
      el('legend', { text: 'Priors' }),
      this.#all,
      el('div', { class: 'prior-choices' }, ...priors.map((prior) => this.#choice(prior))),
    );
    this.options = el(
      'details',
      { class: 'form-group', on: { change: () => this.#update() } },
      el('summary', { text: 'Options of each prior' }),
      ...priors.map((prior) => this.#group(prior)),
    );
    this.#update();
  }

  /** @returns {PriorKind[]} */
  get chosen() {
    return this.#priors.filter(({ kind }) => this.#checks.get(kind)?.checked);
  }

  /**
   * @param {PriorKind} prior
   * @returns {(readonly [string, unknown])[]} by path
   */
  answers({ kind }) {
    const inputs = this.#groups.get(kind)?.inputs ?? [];
    return inputs.filter(({ node }) => !node.hidden).map(({ field, answer }) => [field.path, readAnswer(field, answer)]);
  }

  /**
   * @param {PriorKind | null} prior that was refused
   * @param {FieldProblem[]} problems
   */
  showProblems(prior, problems) {
    for (const [kind, { inputs, problem }] of this.#groups) {
      const own = kind === prior?.kind ? problems : [];
      const summary = own.map(({ message }) => message).join(' ');
      showProblems(inputs, own, { summary, problem, advanced: this.options });
      if (own.length) this.options.open = true;
    }
  }

  /** @param {PriorKind} prior */
  #choice({ kind, title, description }) {
    const check = el('input', { attrs: { type: 'checkbox', name: 'priors', value: kind, checked: true } });
    this.#checks.set(kind, check);
    return el('label', { class: 'prior-choice' }, check, el('strong', { text: title }), el('span', { text: description }));
  }

  /** @param {PriorKind} prior */
  #group({ kind, title, options }) {
    const inputs = fieldsOf(options, 'prior').map((field) => new FieldInput(field, () => this.#update(), `compare-${kind}`));
    const problem = el('p', { class: 'problem' });
    const node = el(
      'fieldset',
      { class: 'prior-options', data: { kind } },
      el('legend', { text: title }),
      el('div', { class: 'fields' }, ...inputs.map((input) => input.node)),
      problem,
    );
    this.#groups.set(kind, { node, inputs, problem });
    return node;
  }

  /** @param {boolean} checked */
  #checkAll(checked) {
    for (const check of this.#checks.values()) check.checked = checked;
    this.#update();
    this.node.dispatchEvent(new Event('input', { bubbles: true }));
  }

  #update() {
    const chosen = new Set(this.chosen.map(({ kind }) => kind));
    setText(this.#all, chosen.size < this.#priors.length ? 'Choose all' : 'Choose none');
    for (const [kind, { node, inputs }] of this.#groups) {
      node.hidden = !chosen.has(kind) || inputs.length === 0;
      showWhen(inputs);
    }
  }
}
