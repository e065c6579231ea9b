import { el } from './dom.js';
import { editable } from './format.js';

/** The coordinates of a place, to be read and typed. */
export class CoordinateForm {
  #onTyped;
  /** @type {HTMLInputElement[]} */
  #inputs = [];
  node = el('form', { class: 'coordinates', attrs: { 'aria-label': 'Place in the latent space' } });

  /** @param {(z: number[]) => void} onTyped hears finite coordinates */
  constructor(onTyped) {
    this.#onTyped = onTyped;
    this.node.addEventListener('submit', (event) => event.preventDefault());
    this.node.addEventListener('input', () => this.#read());
  }

  /**
   * @param {{dimensions: number, z: readonly number[] | undefined, typed: boolean, able: boolean}} place `typed`: it has
   *   been typed here; `able`: whether something could be decoded
   */
  show({ dimensions, z, typed, able }) {
    if (this.#inputs.length !== dimensions) this.#build(dimensions);
    this.#inputs.forEach((input, i) => {
      input.disabled = !able;
      // What is being typed is not corrected under the hands of whoever types it.
      if (document.activeElement === input && typed) return;
      const value = z?.[i];
      input.value = value === undefined ? '' : editable(value);
      input.setAttribute('aria-invalid', 'false');
    });
  }

  /** @param {number} dimensions */
  #build(dimensions) {
    this.#inputs = Array.from({ length: dimensions }, (_, i) =>
      el('input', { class: 'text-field', attrs: { type: 'text', inputmode: 'decimal', autocomplete: 'off', 'aria-label': `z${i + 1}` } }),
    );
    this.node.replaceChildren(
      ...this.#inputs.map((input, i) =>
        el('label', { class: 'coordinate' }, el('span', { attrs: { 'aria-hidden': 'true' } }, 'z', el('sub', { text: String(i + 1) })), input),
      ),
      // Lets Enter in one of several inputs reach the form.
      el('button', { class: 'visually-hidden', text: 'Decode', attrs: { type: 'submit', tabindex: -1 } }),
    );
  }

  #read() {
    const texts = this.#inputs.map((input) => input.value.trim().replace('−', '-'));
    const z = texts.map((text) => (text === '' ? 0 : Number(text)));
    this.#inputs.forEach((input, i) => input.setAttribute('aria-invalid', String(!Number.isFinite(z[i]))));
    if (z.every(Number.isFinite)) this.#onTyped(z);
  }
}
