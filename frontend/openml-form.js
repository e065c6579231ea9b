/** @import {ImportOptions} from './contract' */
import { ApiError, sentence } from './api.js';
import { el } from './dom.js';
import { FieldInput, showProblems } from './field-input.js';
import { importFields, importOptions, importProblems } from './import-options.js';

/** @typedef {{name: string, version: number | null}} OpenmlChoice */

const [NAME, VERSION] = /** @type {const} */ ([
  { path: 'openml.name', label: 'Name on openml.org', description: 'Such as mnist_784 or Fashion-MNIST', input: 'text' },
  { path: 'openml.version', label: 'Version', description: 'Empty: the newest that is active', input: 'integer' },
]).map((field) => ({ value: '', optional: true, choices: [], minimum: undefined, maximum: undefined, when: null, ...field }));

/**
 * Asks for a data set by its name on OpenML.
 * @param {(choice: OpenmlChoice, options: ImportOptions) => Promise<void>} onImport
 */
export function openmlForm(onImport) {
  const asked = [NAME, VERSION, ...importFields('openml').own, ...importFields('openml').split].flatMap((field) => field ?? []);
  const inputs = asked.map((field) => new FieldInput(field, () => {}, 'openml'));
  const problem = el('p', { class: 'form-problem problem', attrs: { role: 'alert' } });
  const submit = el('button', { class: 'button', text: 'Get it', attrs: { type: 'submit' } });
  const [basic, rest] = [inputs.slice(0, 2), inputs.slice(2)];
  const advanced = el('details', {}, el('summary', { text: 'Labels, size, shares' }), el('div', { class: 'fields' }, ...rest.map(({ node }) => node)));
  const answers = () => Object.fromEntries(inputs.map(({ field, answer }) => [field.path, answer]));
  const send = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const all = answers();
    const problems = importProblems(all);
    showProblems(inputs, problems, { summary: '', problem, advanced });
    if (problems.length > 0) return;
    submit.disabled = true;
    const version = String(all['openml.version'] ?? '').trim();
    try {
      await onImport(
        { name: String(all['openml.name'] ?? '').trim(), version: version === '' ? null : Number.isNaN(Number(version)) ? /** @type {any} */ (version) : Number(version) },
        importOptions(all),
      );
    } catch (error) {
      showProblems(inputs, error instanceof ApiError ? error.fields : [], { summary: sentence(error), problem, advanced });
    } finally {
      submit.disabled = false;
    }
  };
  return el(
    'form',
    { class: 'openml-form form-group', attrs: { novalidate: true }, on: { submit: send } },
    el('h3', { text: 'Or from OpenML, by name' }),
    el('p', { class: 'small muted', text: 'Needs the internet on the computer where Priorscope runs; what was fetched once is kept.' }),
    el('div', { class: 'fields' }, ...basic.map(({ node }) => node)),
    advanced,
    problem,
    submit,
  );
}
