/** @import {DatasetInfo, FieldProblem, JsonSchema, PriorKind, Run} from './contract' */
/** @import {Titles} from './titles.js' */
import { ApiError, api, sentence } from './api.js';
import { DataChoice } from './data-choice.js';
import { openDialog } from './dialog.js';
import { el, setText } from './dom.js';
import { FieldInput, showProblems, showWhen, withDatasets } from './field-input.js';
import { PriorChoices } from './prior-choices.js';
import { fieldsOf, nest, readAnswer } from './schema-fields.js';
import { readSeeds } from './seeds.js';
import { MAX_PANELS } from './state.js';

/** What most people set; everything else is folded away. */
const BASIC = ['dataset', 'latent_dim', 'training.epochs'];

/** What each run of the comparison has of its own. */
const OWN = ['name', 'training.seed'];

/** So many runs at once are a mistake. */
const MOST = 120;

/**
 * @typedef {object} CompareOptions
 * @property {Run[]} runs that could lend their encoder and decoder
 * @property {Titles} titles
 * @property {string | null} source the one to begin with
 * @property {string | null} dataset to begin with; null: the usual one
 * @property {(created: Run[]) => void} onCreated
 */

/**
 * Asks which priors to compare, on what, and starts a run for each.
 * @param {CompareOptions} options
 */
export async function openCompareForm(options) {
  const body = el('div', { class: 'run-form' }, el('p', { class: 'muted', text: 'Loading the options…' }));
  const dialog = openDialog('Compare priors', body);
  try {
    const [priors, schema, datasets] = await Promise.all([api.priors(), api.runSchema(), api.datasets()]);
    const form = new CompareForm({ ...options, priors, schema, datasets, done: () => dialog.close() });
    body.replaceChildren(form.node);
    form.focus();
  } catch (error) {
    body.replaceChildren(el('p', { class: 'problem', text: sentence(error), attrs: { role: 'alert' } }));
  }
}

/** One run to start; the key is what the server is asked for. @typedef {{prior: PriorKind, key: string}} Planned */

class CompareForm {
  #options;
  #choices;
  #inputs;
  #seeds = el('input', {
    class: 'text-field',
    attrs: { id: 'compare-seeds', type: 'text', value: '0', autocomplete: 'off', 'aria-describedby': 'compare-seeds-help compare-seeds-problem' },
  });
  #seedsProblem = el('p', { class: 'problem', attrs: { id: 'compare-seeds-problem', hidden: true } });
  #source;
  #advanced;
  #data;
  #plan = el('p', { class: 'compare-plan', attrs: { role: 'status' } });
  #problem = el('p', { class: 'form-problem problem', attrs: { role: 'alert' } });
  #submit = el('button', { class: 'button primary', text: 'Train', attrs: { type: 'submit' } });
  /** @type {Map<string, Run>} what has been started, by key */
  #started = new Map();
  #sending = false;
  node;

  /** @param {CompareOptions & {priors: PriorKind[], schema: JsonSchema, datasets: DatasetInfo[], done: () => void}} options */
  constructor(options) {
    this.#options = options;
    const { priors, schema, datasets } = options;
    this.#choices = new PriorChoices(priors);
    const asked = fieldsOf(schema).filter(({ path }) => !path.startsWith('prior') && path !== 'frozen_from' && !OWN.includes(path));
    this.#inputs = asked.map((field) => new FieldInput(withDatasets(field, datasets), () => this.#update(), 'compare'));
    this.#data = new DataChoice(this.#inputs, datasets);
    this.#source = this.#buildSource();
    const basic = this.#inputs.filter(({ field }) => BASIC.includes(field.path));
    const rest = this.#inputs.filter(({ field }) => !BASIC.includes(field.path));
    this.#advanced = el(
      'details',
      { class: 'form-group' },
      el('summary', { text: 'Advanced, the same for all' }),
      el('div', { class: 'fields' }, ...rest.map(({ node }) => node)),
    );
    this.node = el(
      'form',
      {
        attrs: { novalidate: true },
        on: {
          submit: (event) => this.#send(event),
          input: () => this.#update(),
        },
      },
      this.#choices.node,
      el(
        'div',
        { class: 'form-group' },
        el('h3', { text: 'The same for all' }),
        el('div', { class: 'fields' }, this.#source.node, this.#seedsField(), ...basic.map(({ node }) => node)),
      ),
      this.#advanced,
      this.#choices.options,
      this.#problem,
      el('div', { class: 'dialog-actions compare-actions' }, this.#plan, this.#submit),
    );
    if (options.dataset) this.#data.choose(options.dataset);
    this.#update();
  }

  focus() {
    this.node.querySelector('input')?.focus();
  }

  #buildSource() {
    const { runs, titles, source } = this.#options;
    const lenders = runs.filter((run) => run.checkpoint > 0 && !['queued', 'running'].includes(run.status));
    const select = el(
      'select',
      { class: 'text-field', attrs: { id: 'compare-source', 'aria-describedby': 'compare-source-help' } },
      el('option', { text: 'Everything: encoder, decoder and prior', attrs: { value: '' } }),
      ...lenders.map((run) =>
        el('option', { text: `Only the priors, on the frozen encoder and decoder of ${titles.full(run)} (${run.config.dataset})`, attrs: { value: run.id } }),
      ),
    );
    select.value = lenders.some(({ id }) => id === source) ? (source ?? '') : '';
    const help = el('p', { class: 'field-help', attrs: { id: 'compare-source-help' } });
    const node = el('div', { class: 'field field-wide' }, el('label', { text: 'What is trained', attrs: { for: select.id } }), select, help);
    return { node, select, help };
  }

  #seedsField() {
    return el(
      'div',
      { class: 'field' },
      el('label', { text: 'Seeds', attrs: { for: this.#seeds.id } }),
      this.#seeds,
      el('p', { class: 'field-help', text: 'Every prior is trained once with each, such as 0, 1, 2', attrs: { id: 'compare-seeds-help' } }),
      this.#seedsProblem,
    );
  }

  get #frozenFrom() {
    return this.#source.select.value || null;
  }

  /** @returns {Planned[]} */
  #planned() {
    const { seeds } = readSeeds(this.#seeds.value);
    return seeds.flatMap((seed) => this.#choices.chosen.map((prior) => ({ prior, key: JSON.stringify(this.#body(prior, seed)) })));
  }

  /**
   * Those of the planned runs that have been started.
   * @param {Planned[]} planned
   */
  #begun(planned) {
    return planned.flatMap(({ key }) => this.#started.get(key) ?? []);
  }

  #update() {
    const lender = this.#options.runs.find(({ id }) => id === this.#frozenFrom);
    const frozen = lender !== undefined;
    if (lender) this.#data.choose(lender.config.dataset);
    else this.#data.update();
    showWhen(this.#inputs);
    for (const { field, node } of this.#inputs) if (frozen && !field.path.startsWith('training.')) node.hidden = true;
    setText(
      this.#source.help,
      frozen
        ? 'All of them share one latent space, so that what differs is the prior’s doing alone. Data, network and likelihood are those of that run.'
        : 'Every run learns a latent space of its own.',
    );
    const left = this.#planned().filter(({ key }) => !this.#started.has(key));
    const { problem } = readSeeds(this.#seeds.value);
    setText(this.#seedsProblem, problem);
    this.#seedsProblem.hidden = !problem;
    this.#seeds.setAttribute('aria-invalid', String(Boolean(problem)));
    if (this.#sending) return;
    setText(this.#plan, this.#planText(left.length, problem));
    this.#submit.disabled = left.length === 0 || left.length > MOST;
    setText(this.#submit, left.length > 1 ? `Train ${left.length} runs` : 'Train');
  }

  /**
   * @param {number} count
   * @param {string} problem
   */
  #planText(count, problem) {
    const priors = this.#choices.chosen.length;
    if (priors === 0) return 'Choose at least one prior.';
    if (problem) return '';
    if (count > MOST) return `These would be ${count} runs; at most ${MOST} are started at once.`;
    const seeds = readSeeds(this.#seeds.value).seeds.length;
    const sum = seeds > 1 ? `${priors} ${priors === 1 ? 'prior' : 'priors'} with ${seeds} seeds: starts ${count} runs.` : `Starts ${count} ${count === 1 ? 'run' : 'runs'}.`;
    const panels = count + (this.#frozenFrom ? 1 : 0);
    return panels > MAX_PANELS ? `${sum} The stage shows ${MAX_PANELS} of them at once.` : sum;
  }

  /**
   * @param {PriorKind} prior
   * @param {number} seed
   */
  #body(prior, seed) {
    const answers = this.#inputs
      .filter(({ node }) => !node.hidden)
      .map(({ field, answer }) => /** @type {const} */ ([field.path, readAnswer(field, answer)]));
    return nest([
      ['prior.kind', prior.kind],
      ...this.#choices.answers(prior),
      ...answers,
      ['training.seed', seed],
      ['frozen_from', this.#frozenFrom ?? undefined],
    ]);
  }

  /** @param {SubmitEvent} event */
  async #send(event) {
    event.preventDefault();
    if (this.#sending) return;
    this.#showProblems(null, [], '');
    // What is changed in the form from here on is of the next comparison.
    const all = this.#planned();
    const left = all.filter(({ key }) => !this.#started.has(key));
    this.#submit.disabled = true;
    this.#sending = true;
    try {
      for (const [i, planned] of left.entries()) {
        setText(this.#plan, `Starting ${i + 1} of ${left.length}…`);
        try {
          this.#started.set(planned.key, await api.createRun(JSON.parse(planned.key)));
        } catch (error) {
          this.#refused(planned, all, i, error);
          return;
        }
      }
      this.#options.onCreated(this.#begun(all));
      this.#options.done();
    } finally {
      this.#sending = false;
      this.#update();
    }
  }

  /**
   * What has been started goes on; the button starts the rest.
   * @param {Planned} planned the run that was refused
   * @param {Planned[]} all that are wanted
   * @param {number} news how many were started before it, this time
   * @param {unknown} error
   */
  #refused(planned, all, news, error) {
    const begun = this.#begun(all);
    const one = begun.length === 1;
    const told = begun.length
      ? `${begun.length} of ${all.length} runs ${one ? 'has' : 'have'} been started and ${one ? 'is' : 'are'} on the stage. The next was refused: ${sentence(error)} The button below starts what is left; nothing is started twice.`
      : sentence(error);
    if (news > 0) this.#options.onCreated(begun);
    this.#showProblems(planned.prior, error instanceof ApiError ? error.fields : [], told);
  }

  /**
   * @param {PriorKind | null} prior that was refused
   * @param {FieldProblem[]} problems
   * @param {string} summary
   */
  #showProblems(prior, problems, summary) {
    const own = problems.filter(({ field }) => field.startsWith('prior.'));
    const shared = problems.filter((found) => !own.includes(found));
    this.#choices.showProblems(prior, own);
    showProblems(this.#inputs, shared, { summary: own.length ? '' : summary, problem: this.#problem, advanced: this.#advanced });
  }
}
