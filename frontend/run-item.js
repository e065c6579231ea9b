/** @import {Run} from './contract' */
/** @import {RunStore} from './runs.js' */
/** @import {Titles} from './titles.js' */
/** @import {ViewStore} from './view-store.js' */
import { api, sentence } from './api.js';
import { confirm } from './dialog.js';
import { el, iconButton, setText } from './dom.js';
import { number, percent, statusText, timeLeft } from './format.js';
import { openMenu } from './menu.js';
import { saveBlob } from './save.js';
import { MAX_PANELS } from './state.js';

const ACTIVE = ['queued', 'running'];
const REPEATABLE = ['failed', 'interrupted', 'cancelled'];
const RESUME = 'Goes on from where it stopped, and ends as it would have ended';
const AGAIN = 'Trains a new run with the same configuration, from the start';

/** One run in the rail. */
export class RunItem {
  #id;
  #runs;
  #store;
  #titles;
  #onCompare;
  #check = el('input', { class: 'run-check', attrs: { type: 'checkbox' } });
  #title = el('span', { class: 'run-title' });
  #figures = el('span', { class: 'run-line run-figures' });
  #name = el('span', { class: 'run-name' });
  #detail = el('span', { class: 'run-detail' });
  #bar = el('progress', { class: 'bar', attrs: { max: 1 } });
  #note = el('p', { class: 'run-note' });
  #problem = el('p', { class: 'problem', attrs: { role: 'alert' } });
  #actions = el('div', { class: 'run-actions' });
  /** What can be done with the run: a button that is built anew under a click would lose it. */
  #able = '';
  #left = el('span', { class: 'run-left' });
  #below = el('div', { class: 'run-below' }, this.#bar, this.#note, this.#problem, this.#actions);
  #more;
  /** A sentence about the last thing the user tried with this run. */
  #refusal = '';
  node;

  /**
   * @param {string} id
   * @param {RunStore} runs
   * @param {ViewStore} store
   * @param {Titles} titles
   * @param {(source: string) => void} onCompare
   */
  constructor(id, runs, store, titles, onCompare) {
    this.#onCompare = onCompare;
    this.#id = id;
    this.#runs = runs;
    this.#store = store;
    this.#titles = titles;
    this.#check.id = `show-${id}`;
    this.#check.addEventListener('change', () => this.#toggle());
    this.#more = iconButton('more', 'Actions', () => openMenu(this.#more, this.#menu()));
    this.node = el(
      'li',
      { class: 'run', data: { run: id } },
      this.#check,
      el(
        'label',
        { class: 'run-label', attrs: { for: this.#check.id } },
        this.#title,
        this.#name,
        el('span', { class: 'run-line' }, this.#detail),
        this.#figures,
      ),
      this.#more,
      this.#below,
    );
  }

  /** @returns {Run | undefined} */
  get #run() {
    return this.#runs.get(this.#id);
  }

  update() {
    const run = this.#run;
    if (!run) return;
    setText(this.#title, this.#titles.prior(run));
    this.#showFigures(run);
    setText(this.#name, this.#titles.name(run));
    this.#name.hidden = this.#titles.name(run) === '';
    this.#name.title = run.name;
    this.#more.setAttribute('aria-label', `Actions for ${this.#titles.full(run)}`);
    this.#bar.setAttribute('aria-label', `Training of ${this.#titles.full(run)}`);
    this.node.dataset['status'] = run.status;
    this.#showActions(run);
    this.updateProgress();
    this.updateSelection();
  }

  updateProgress() {
    const run = this.#run;
    if (!run) return;
    setText(this.#detail, `${run.config.dataset} · ${statusText(run)}`);
    this.#detail.title = this.#detail.textContent ?? '';
    setText(this.#left, timeLeft(run));
    this.#bar.hidden = run.status !== 'running';
    this.#bar.value = run.progress.epoch / run.progress.epochs;
  }

  updateSelection() {
    const { runs, active } = this.#store.state;
    this.#check.checked = runs.includes(this.#id);
    this.node.dataset['active'] = String(active === this.#id);
  }

  /** @param {Run} run */
  #showFigures({ metrics }) {
    this.#figures.hidden = !metrics;
    if (!metrics) return;
    const mass = metrics.hole_mass[10].value;
    this.#figures.replaceChildren(
      el('span', { attrs: { title: 'Log-likelihood of the test images, nats per image: higher is better' } }, 'log p(x) ', el('b', { text: number(metrics.test.log_likelihood.value, 1) })),
      el('span', { attrs: { title: 'Hole mass: share of the prior’s draws where it promises at least 10 times what the data put there' } }, 'holes ', el('b', { text: percent(mass) })),
    );
  }

  /** @param {Run} run */
  #showActions(run) {
    const problem = this.#refusal || run.error || '';
    setText(this.#problem, problem);
    this.#problem.hidden = !problem;
    setText(this.#note, run.note ?? '');
    this.#note.hidden = !run.note;
    const able = [ACTIVE.includes(run.status), run.resumable, REPEATABLE.includes(run.status)];
    this.#buildActions(able);
    this.#actions.hidden = !able.includes(true);
    this.#below.hidden = !problem && !run.note && this.#actions.hidden && run.status !== 'running';
  }

  /** @param {boolean[]} able to be cancelled, resumed, run again */
  #buildActions(able) {
    if (able.join() === this.#able) return;
    this.#able = able.join();
    const [cancel, resume, again] = able;
    this.#actions.replaceChildren(
      ...(cancel ? [this.#link('Cancel', () => api.cancelRun(this.#id))] : []),
      ...(resume ? [this.#link('Resume', () => this.#resume(), RESUME)] : []),
      ...(again ? [this.#link('Run again', () => this.#again(), AGAIN)] : []),
      this.#left,
    );
  }

  /**
   * @param {string} text
   * @param {() => Promise<unknown>} act
   * @param {string} [title]
   */
  #link(text, act, title) {
    return el('button', {
      class: 'link-button',
      text,
      attrs: { type: 'button', ...(title && { title }) },
      on: {
        click: async (event) => {
          event.target.disabled = true;
          await this.#try(act);
          event.target.disabled = false;
        },
      },
    });
  }

  /** @param {() => Promise<unknown>} act */
  async #try(act) {
    this.#refusal = '';
    try {
      await act();
    } catch (error) {
      this.#refusal = sentence(error);
    }
    this.update();
  }

  /** @returns {import('./menu.js').MenuItem[]} */
  #menu() {
    const rename = { label: 'Rename', act: () => this.#rename() };
    const save = { label: 'Export', act: () => this.#try(() => this.#save()) };
    const busy = ACTIVE.includes(this.#run?.status ?? '');
    const trained = this.#run?.checkpoint;
    if (busy) return trained ? [rename, save] : [rename];
    const others = { label: 'Other priors on its encoder and decoder', act: () => this.#onCompare(this.#id) };
    const remove = { label: 'Delete', act: () => this.#delete() };
    return trained ? [rename, others, save, remove] : [rename, remove];
  }

  #toggle() {
    const { runs } = this.#store.state;
    if (!this.#check.checked) {
      this.#store.update({ runs: runs.filter((id) => id !== this.#id) });
    } else if (runs.length < MAX_PANELS) {
      this.#store.update({ runs: [...runs, this.#id], active: this.#id });
    } else {
      this.#check.checked = false;
      this.#refusal = `At most ${MAX_PANELS} runs fit on the stage. Take one off first.`;
      this.update();
      this.#refusal = '';
    }
  }

  async #save() {
    saveBlob(`priorscope-${this.#id}.zip`, await api.exportRun(this.#id));
  }

  async #resume() {
    await api.resumeRun(this.#id);
    this.#runs.load();
  }

  async #again() {
    const run = this.#run;
    if (!run) return;
    const created = await api.createRun({ ...run.config, name: run.name });
    this.#runs.add(created);
    const { runs } = this.#store.state;
    const shown = runs.includes(this.#id) ? runs.map((id) => (id === this.#id ? created.id : id)) : [...runs, created.id];
    this.#store.update({ runs: shown, active: created.id });
  }

  #rename() {
    const run = this.#run;
    if (!run) return;
    const input = el('input', { class: 'text-field', attrs: { 'aria-label': 'New name', maxlength: 200 } });
    input.value = run.name;
    const done = () => {
      form.replaceWith(this.#more);
      this.#more.focus();
    };
    const form = el(
      'form',
      {
        class: 'rename run-below',
        on: {
          submit: async (event) => {
            event.preventDefault();
            await this.#try(async () => {
              await api.renameRun(this.#id, input.value);
              this.#runs.load();
            });
            done();
          },
          keydown: (event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            done();
          },
        },
      },
      input,
      el('button', { class: 'button', text: 'Save', attrs: { type: 'submit' } }),
    );
    this.#more.replaceWith(form);
    input.select();
  }

  async #delete() {
    const run = this.#run;
    if (!run) return;
    const sure = await confirm({
      title: 'Delete this run?',
      text: `“${this.#titles.full(run)}” and everything it learned will be removed from the store. This cannot be undone.`,
      action: 'Delete',
    });
    if (!sure) return;
    await this.#try(async () => {
      await api.deleteRun(this.#id);
      this.#runs.remove(this.#id);
    });
  }
}

