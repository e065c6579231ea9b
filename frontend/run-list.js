/** @import {Run} from './contract' */
/** @import {RunStore} from './runs.js' */
/** @import {Titles} from './titles.js' */
/** @import {ViewStore} from './view-store.js' */
import { byId, el, setText } from './dom.js';
import { RunItem } from './run-item.js';
import { ORDERS } from './run-orders.js';

/** From this many runs on there is something to search in. */
const MANY = 8;

/** The rail: every run of the store, what it does and what can be done with it. */
export class RunList {
  #runs;
  #store;
  #titles;
  #onNew;
  #onCompare;
  #list = el('ul', { class: 'run-list' });
  #count = el('span', { class: 'rail-count' });
  #note = el('p', { class: 'rail-note', attrs: { role: 'status' } });
  #tools = el('div', { class: 'rail-tools' });
  /** @type {Map<string, RunItem>} */
  #items = new Map();
  #query = '';
  #order = 'oldest';

  /**
   * @param {{runs: RunStore, store: ViewStore, titles: Titles, onNew: () => void, onCompare: (source?: string) => void}} parts
   */
  constructor({ runs, store, titles, onNew, onCompare }) {
    this.#runs = runs;
    this.#store = store;
    this.#titles = titles;
    this.#onNew = onNew;
    this.#onCompare = onCompare;
    this.#build();
    runs.subscribe((change) => {
      if (change.kind === 'list') this.render();
      else if (change.kind === 'run') this.#items.get(change.id)?.update();
      else if (change.kind === 'progress') this.#items.get(change.id)?.updateProgress();
    });
    store.subscribe(() => {
      for (const item of this.#items.values()) item.updateSelection();
    });
    this.render();
  }

  #build() {
    const search = el('input', {
      class: 'text-field',
      attrs: { type: 'search', placeholder: 'Search', 'aria-label': 'Search runs' },
      on: {
        input: (event) => {
          this.#query = event.target.value;
          this.render();
        },
      },
    });
    const order = el(
      'select',
      {
        class: 'text-field',
        attrs: { 'aria-label': 'Sort runs by' },
        on: {
          change: (event) => {
            this.#order = event.target.value;
            this.render();
          },
        },
      },
      ...Object.entries(ORDERS).map(([value, { label }]) => el('option', { text: label, attrs: { value } })),
    );
    order.value = this.#order;
    this.#tools.append(search, order);
    byId('rail').append(
      el(
        'div',
        { class: 'rail-head' },
        el('h2', {}, 'Runs', this.#count),
        el(
          'div',
          { class: 'rail-actions' },
          el('button', { class: 'button', text: 'New run', attrs: { type: 'button' }, on: { click: this.#onNew } }),
          el('button', {
            class: 'button primary',
            text: 'Compare priors',
            attrs: { type: 'button' },
            on: { click: () => this.#onCompare() },
          }),
        ),
      ),
      this.#tools,
      this.#note,
      this.#list,
    );
  }

  render() {
    const all = this.#runs.all;
    const order = /** @type {typeof ORDERS[string]} */ (ORDERS[this.#order]);
    const shown = all.filter((run) => this.#matches(run)).sort(order.compare);
    const kept = new Set(all.map((run) => run.id));
    for (const id of this.#items.keys()) if (!kept.has(id)) this.#items.delete(id);
    this.#place(shown.map((run) => this.#item(run).node));
    for (const run of shown) this.#item(run).update();
    this.#tools.hidden = all.length < MANY;
    setText(this.#count, all.length ? String(all.length) : '');
    this.#showNote(all.length, shown.length);
  }

  /**
   * Puts the runs in order. What is moved in a document loses the focus: it is given back.
   * @param {HTMLElement[]} nodes
   */
  #place(nodes) {
    const { children } = this.#list;
    if (nodes.length === children.length && nodes.every((node, i) => node === children[i])) return;
    const focused = document.activeElement;
    this.#list.replaceChildren(...nodes);
    if (focused instanceof HTMLElement && this.#list.contains(focused)) focused.focus({ preventScroll: true });
  }

  /** @param {Run} run */
  #matches(run) {
    const text = [this.#titles.prior(run), run.name, run.config.prior.kind, run.config.dataset, run.status];
    return this.#query
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.some((part) => part.toLowerCase().includes(word)));
  }

  /**
   * @param {number} all
   * @param {number} shown
   */
  #showNote(all, shown) {
    let note = '';
    if (this.#runs.problem && !this.#runs.loaded) note = `The runs could not be read: ${this.#runs.problem}`;
    else if (!this.#runs.loaded) note = 'Loading runs…';
    else if (all === 0) note = 'No runs yet.';
    else if (shown === 0) note = 'No run matches.';
    else if (shown < all) note = `${shown} of ${all} runs`;
    setText(this.#note, note);
    this.#note.hidden = note === '';
  }

  /** @param {Run} run */
  #item(run) {
    let item = this.#items.get(run.id);
    if (!item) {
      item = new RunItem(run.id, this.#runs, this.#store, this.#titles, this.#onCompare);
      this.#items.set(run.id, item);
    }
    return item;
  }
}
