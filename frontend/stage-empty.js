/** @import {RunStore} from './runs.js' */
import { el } from './dom.js';

/** What stands on a stage without panels. */
export class StageEmpty {
  #runs;
  #actions;
  node = el('div', { class: 'stage-empty' });

  /**
   * @param {RunStore} runs
   * @param {{onNew: () => void, onCompare: () => void}} actions
   */
  constructor(runs, actions) {
    this.#runs = runs;
    this.#actions = actions;
  }

  /** @param {boolean} empty whether there are no panels */
  show(empty) {
    this.node.hidden = !empty;
    if (!empty) return;
    const { loaded, problem, all } = this.#runs;
    if (loaded) this.#invite(all.length === 0);
    else this.node.replaceChildren(el('p', { class: 'muted', text: problem || 'Loading…' }));
  }

  /** @param {boolean} none whether there are no runs at all */
  #invite(none) {
    const { onNew, onCompare } = this.#actions;
    this.node.replaceChildren(
      el('h2', { text: none ? 'No runs yet' : 'Nothing chosen' }),
      el('p', {
        class: 'muted',
        text: none
          ? 'A run trains a variational auto-encoder with a prior of your choice. Its latent plane then appears here, while it trains.'
          : 'Tick runs in the list to compare their latent planes.',
      }),
      el(
        'div',
        { class: 'empty-actions' },
        none && el('button', { class: 'button', text: 'New run', attrs: { type: 'button' }, on: { click: onNew } }),
        el('button', { class: 'button primary', text: 'Compare priors', attrs: { type: 'button' }, on: { click: onCompare } }),
      ),
    );
  }
}
