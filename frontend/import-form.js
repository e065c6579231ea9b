/**
 * @import {FieldProblem, ImportOptions, Preview, Upload} from './contract'
 * @import {Palette} from './theme.js'
 */
import { ApiError, api, sentence } from './api.js';
import { previewNodes } from './data-preview.js';
import { bytesInWords } from './data-words.js';
import { el, setText } from './dom.js';
import { FieldInput, showProblems } from './field-input.js';
import { foundAnswers, importFields, importOptions, importProblems } from './import-options.js';
import { LatestOnly } from './latest.js';

/** An option that is being typed is not looked at before this, in milliseconds. */
const PAUSE_MS = 350;

/** @type {Record<Upload['format'], string>} */
const FORMATS = { arrays: 'Arrays', pictures: 'Pictures', table: 'A table', idx: 'IDX' };

/**
 * @typedef {object} ImportFormParts
 * @property {Upload} upload
 * @property {() => Palette} palette
 * @property {(options: ImportOptions, title: string) => Promise<void>} onImport
 * @property {() => void} onOther another file is wanted
 */

/** What a file would become, and what can be chosen about it; each change shows what comes of it. */
export class ImportForm {
  #parts;
  /** @type {FieldInput[]} */
  #inputs;
  #requests = new LatestOnly();
  #timer = 0;
  /** How often the file was looked at: only the newest look may speak. */
  #looks = 0;
  /** Column names that were seen. @type {Set<string>} */
  #columns = new Set();
  #title = '';
  #preview = el('div', { class: 'preview' });
  #why = el('ul', { class: 'preview-notes small' });
  #proposal = el('div', { class: 'form-group', attrs: { hidden: true } }, el('h3', { text: 'Proposed for training' }), this.#why);
  #status = el('p', { class: 'small muted', attrs: { role: 'status' } });
  #problem = el('p', { class: 'problem', attrs: { role: 'alert' } });
  #submit = el('button', { class: 'button primary', text: 'Add this data set', attrs: { type: 'submit', disabled: true } });
  #advanced;
  node;

  /** @param {ImportFormParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { upload } = parts;
    const { own, names, split } = importFields(upload.format);
    const make = (/** @type {import('./schema-fields.js').Field} */ field) => new FieldInput(field, () => {}, 'import');
    const [owns, named, splits] = [own.map(make), names.map(make), split.map(make)];
    this.#inputs = [...owns, ...named, ...splits];
    this.#advanced = el('details', { class: 'form-group' }, el('summary', { text: 'Shares of training, validation and test' }), fields(splits));
    this.node = el(
      'form',
      { class: 'import-form', attrs: { novalidate: true }, on: { submit: (event) => this.#send(event), input: () => this.#later() } },
      el('p', { class: 'import-file' }, el('b', { text: upload.filename }), el('span', { class: 'muted small', text: `${FORMATS[upload.format]} · ${bytesInWords(upload.bytes)}` })),
      this.#problem,
      this.#preview,
      this.#status,
      owns.length ? fields(owns) : null,
      el('div', { class: 'form-group' }, el('h3', { text: 'What it is called' }), fields(named)),
      this.#advanced,
      this.#proposal,
      el(
        'div',
        { class: 'dialog-actions' },
        el('button', { class: 'button', text: 'Another file', attrs: { type: 'button' }, on: { click: parts.onOther } }),
        this.#submit,
      ),
    );
    this.#look();
  }

  #later() {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#look(), PAUSE_MS);
  }

  #look() {
    const look = ++this.#looks;
    this.#showLabelled();
    const problems = importProblems(this.#answers);
    if (problems.length > 0) {
      this.#requests.clear();
      this.node.dataset['busy'] = 'false';
      this.#refused(problems, '');
      return;
    }
    setText(this.#status, 'Looking at the file…');
    this.node.dataset['busy'] = 'true';
    this.#requests.submit(async () => {
      try {
        const preview = await api.preview(this.#parts.upload.id, this.#options);
        if (look !== this.#looks) return;
        this.#show(preview);
      } catch (error) {
        if (look !== this.#looks) return;
        this.#refused(error instanceof ApiError ? error.fields : [], sentence(error));
      }
      this.node.dataset['busy'] = 'false';
    });
  }

  get #options() {
    return importOptions(this.#answers);
  }

  /** By path, without those that only repeat what was found. @returns {Record<string, string | boolean>} */
  get #answers() {
    return Object.fromEntries(this.#inputs.flatMap(({ field, answer, touched }) => (isFound(field.path) && !touched ? [] : [[field.path, answer]])));
  }

  /** Which column holds the labels is only asked where there are labels. */
  #showLabelled() {
    const labelled = this.#input('labelled');
    const column = this.#input('label_column');
    if (labelled && column) column.node.hidden = labelled.answer === false;
  }

  /** @param {string} path */
  #input(path) {
    return this.#inputs.find(({ field }) => field.path === path);
  }

  /** @param {Preview} preview */
  #show(preview) {
    this.node.dataset['stale'] = 'false';
    this.#title = preview.title;
    for (const [path, answer] of Object.entries(foundAnswers(preview))) {
      const input = this.#input(path);
      if (input && !input.touched) input.answer = answer;
    }
    for (const name of preview.feature_names) this.#columns.add(name);
    this.#input('label_column')?.suggest([...this.#columns]);
    this.#preview.replaceChildren(...previewNodes(preview, this.#parts.palette()));
    const { why } = preview.proposal;
    this.#why.replaceChildren(...why.map((text) => el('li', { text })));
    this.#proposal.hidden = false;
    setText(this.#status, '');
    this.#showProblems([], '');
    this.#submit.disabled = false;
  }

  /**
   * What was seen before stays, and looks as if it were past.
   * @param {FieldProblem[]} problems
   * @param {string} summary
   */
  #refused(problems, summary) {
    this.node.dataset['stale'] = 'true';
    setText(this.#status, '');
    this.#submit.disabled = true;
    this.#showProblems(problems, summary);
  }

  /**
   * @param {FieldProblem[]} problems
   * @param {string} summary
   */
  #showProblems(problems, summary) {
    const focused = document.activeElement;
    showProblems(this.#inputs, problems, { summary, problem: this.#problem, advanced: this.#advanced });
    // Whoever is typing goes on typing.
    if (focused instanceof HTMLElement && this.node.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** @param {SubmitEvent} event */
  async #send(event) {
    event.preventDefault();
    this.#submit.disabled = true;
    try {
      await this.#parts.onImport(this.#options, String(this.#input('title')?.answer || this.#title));
    } catch (error) {
      this.#showProblems(error instanceof ApiError ? error.fields : [], sentence(error));
    } finally {
      this.#submit.disabled = false;
    }
  }
}

/** @param {string} path */
const isFound = (path) => path === 'title' || path === 'id' || path === 'description';

/** @param {FieldInput[]} inputs */
function fields(inputs) {
  return el('div', { class: 'fields' }, ...inputs.map(({ node }) => node));
}
