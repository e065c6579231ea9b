/** @import {DatasetInfo, SplitName} from './contract' */
/** @import {ViewStore} from './view-store.js' */
import { classColor, classShape } from './colors.js';
import { capital, splitNoun, thousands } from './data-words.js';
import { el, setText } from './dom.js';
import { SPLITS } from './state.js';

/** The bar above the panels: whose rows the points are, and what their classes are called. */
export class Legend {
  #store;
  #title = el('span', { class: 'legend-title' });
  #classes = el('div', { class: 'legend', attrs: { role: 'group', 'aria-label': 'Classes: click isolates one, Shift-click adds' } });
  #split = el('select', { class: 'text-field legend-split', attrs: { 'aria-label': 'Rows that are shown as points' } });
  /** @type {string[]} */
  #labels = [];
  node;

  /** @param {ViewStore} store */
  constructor(store) {
    this.#store = store;
    this.#split.append(...SPLITS.map((value) => el('option', { attrs: { value } })));
    this.#split.addEventListener('change', () => {
      const points = /** @type {SplitName} */ (this.#split.value);
      // What was selected are rows of the split before.
      store.update({ points, select: null });
    });
    this.node = el('div', { class: 'stage-bar' }, this.#title, this.#split, this.#classes);
    store.subscribe(() => this.#update());
    this.#update();
  }

  /** @param {DatasetInfo | null} dataset */
  setLabels(dataset) {
    const labels = dataset?.label_names ?? [];
    setText(this.#title, dataset?.title ?? '');
    for (const option of this.#split.options) {
      const split = /** @type {SplitName} */ (option.value);
      const count = dataset ? thousands(dataset.counts[split]) : '';
      setText(option, capital(`${count} ${splitNoun(split, dataset, 2)}`.trim()));
    }
    this.#classes.hidden = labels.length === 0;
    if (labels.join() === this.#labels.join()) return;
    this.#labels = labels;
    this.#classes.replaceChildren(...labels.map((name, label) => this.#item(name, label)));
    this.#update();
  }

  /**
   * @param {string} name
   * @param {number} label
   */
  #item(name, label) {
    const item = el('button', {
      class: 'legend-item',
      text: name,
      attrs: { type: 'button', title: `Show only “${name}” in colour; with Shift, add it` },
      data: { label: String(label) },
      on: { click: (event) => this.#choose(label, event.shiftKey) },
    });
    item.dataset['shape'] = classShape(label);
    item.style.setProperty('--swatch', classColor(label));
    return item;
  }

  /**
   * @param {number} label
   * @param {boolean} add
   */
  #choose(label, add) {
    const { classes } = this.#store.state;
    const chosen = classes.includes(label);
    const rest = classes.filter((k) => k !== label);
    if (add) this.#store.update({ classes: chosen ? rest : [...classes, label].sort((a, b) => a - b) });
    else this.#store.update({ classes: chosen && rest.length === 0 ? [] : [label] });
  }

  #update() {
    const { classes, points } = this.#store.state;
    this.#split.value = points;
    this.#classes.dataset['filtered'] = String(classes.length > 0);
    for (const item of this.#classes.querySelectorAll('button')) {
      item.setAttribute('aria-pressed', String(classes.includes(Number(item.dataset['label']))));
    }
  }
}
