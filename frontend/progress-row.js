import { el, setText } from './dom.js';

/** Something that takes a while: a bar, words, and a button that ends it. */
export class ProgressRow {
  #bar = el('progress', { class: 'bar', attrs: { max: 1 } });
  #text = el('p', { class: 'small muted', attrs: { role: 'status' } });
  node;

  /**
   * @param {string} label
   * @param {() => void} cancel
   */
  constructor(label, cancel) {
    this.#bar.setAttribute('aria-label', label);
    const button = el('button', { class: 'button', text: 'Cancel', attrs: { type: 'button' }, on: { click: cancel } });
    this.node = el('div', { class: 'progress-row' }, el('div', {}, this.#bar, this.#text), button);
  }

  /**
   * @param {number | null} share 0 to 1; null: nobody can tell
   * @param {string} text
   */
  show(share, text) {
    if (share === null) this.#bar.removeAttribute('value');
    else this.#bar.value = share;
    setText(this.#text, text);
  }
}
