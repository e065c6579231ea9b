/** @import {Run} from './contract' */
/** @import {ViewStore} from './view-store.js' */
/** @import {Titles} from './titles.js' */
import { el } from './dom.js';

/** Chooses the panel that is shown, where there is room for one only. */
export class PanelTabs {
  #store;
  #titles;
  #present;
  #single;
  node = el('div', { class: 'tabs', attrs: { role: 'tablist', 'aria-label': 'Runs on the stage' } });

  /**
   * @param {{store: ViewStore, titles: Titles}} context
   * @param {() => Run[]} present runs that have a panel
   * @param {() => boolean} single whether one panel is shown
   */
  constructor({ store, titles }, present, single) {
    this.#store = store;
    this.#titles = titles;
    this.#present = present;
    this.#single = single;
  }

  show() {
    const present = this.#present();
    this.node.hidden = !this.#single() || present.length < 2;
    this.node.replaceChildren(
      ...present.map((run) => {
        const selected = run.id === this.#store.state.active;
        return el('button', {
          text: this.#titles.short(run, present),
          attrs: { type: 'button', role: 'tab', 'aria-selected': String(selected), tabindex: selected ? 0 : -1 },
          on: {
            click: () => this.#choose(run),
            keydown: (event) => this.#onKey(event),
          },
        });
      }),
    );
    this.#selected?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }

  /** @returns {HTMLElement | null} */
  get #selected() {
    return this.node.querySelector('[aria-selected="true"]');
  }

  /** @param {Run} run */
  #choose({ id }) {
    this.#store.update({ active: id }, { record: false });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = { ArrowRight: /** @type {const} */ (1), ArrowLeft: /** @type {const} */ (-1) }[event.key];
    if (!step) return;
    event.preventDefault();
    this.turn(step);
    this.#selected?.focus();
  }

  /** @param {1 | -1} step to the next or the previous panel */
  turn(step) {
    if (!this.#single()) return;
    const present = this.#present();
    const next = present[present.findIndex(({ id }) => id === this.#store.state.active) + step];
    if (next) this.#choose(next);
  }
}
