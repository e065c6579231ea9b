import { el } from './dom.js';

/**
 * A choice of one among a few, all in sight.
 * @template {string | number} T
 */
export class Segments {
  /** @type {Map<T, HTMLButtonElement>} */
  #buttons = new Map();
  node;

  /**
   * @param {string} label
   * @param {{value: T, text: string, title: string}[]} options
   * @param {(value: T) => void} choose
   */
  constructor(label, options, choose) {
    for (const { value, text, title } of options) {
      this.#buttons.set(value, el('button', { text, attrs: { type: 'button', title }, on: { click: () => choose(value) } }));
    }
    this.node = el('div', { class: 'segments', attrs: { role: 'group', 'aria-label': label } }, ...this.#buttons.values());
  }

  /** @param {T} value */
  button(value) {
    return /** @type {HTMLButtonElement} */ (this.#buttons.get(value));
  }

  /** @param {T} chosen */
  show(chosen) {
    for (const [value, button] of this.#buttons) button.setAttribute('aria-pressed', String(value === chosen));
  }
}

/**
 * A button that stays pressed.
 * @param {string} text
 * @param {string} title
 * @param {() => void} toggle
 */
export function toggleButton(text, title, toggle) {
  return el('button', { class: 'toggle', text, attrs: { type: 'button', title }, on: { click: toggle } });
}
