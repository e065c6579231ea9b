/** @import {DatasetInfo} from './contract' */
/** @import {ViewStore} from './view-store.js' */
import { classColor } from './colors.js';
import { el, setText } from './dom.js';

/** The bar above the panels that names the classes. */
export class Legend {
  #store;
  #title = el('span', { class: 'legend-title' });
  #classes = el('div', { class: 'legend', attrs: { role: 'group', 'aria-label': 'Classes: click isolates one, Shift-click adds' } });
  /** @type {string[]} */
  #labels = [];
  node;

  /** @param {ViewStore} store */
  constructor(store) {
    this.#store = store;
    this.node = el('div', { class: 'stage-bar' }, this.#classes);
    store.subscribe(() => this.#update());
    this.#update();
  }

  /** @param {DatasetInfo | null} dataset */
  setLabels(dataset) {
    const labels = dataset?.label_names ?? [];
    setText(this.#title, dataset?.title ?? '');
    if (labels.join() === this.#labels.join()) return;
    this.#labels = labels;
    this.#classes.replaceChildren(this.#title, ...labels.map((name, label) => this.#item(name, label)));
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
    const { classes } = this.#store.state;
    this.#classes.dataset['filtered'] = String(classes.length > 0);
    for (const item of this.#classes.querySelectorAll('button')) {
      item.setAttribute('aria-pressed', String(classes.includes(Number(item.dataset['label']))));
    }
  }
}
