/** @import {Run} from './contract' */
/** @import {PageParts} from './panel-context.js' */
/** @import {Direction} from './planes.js' */
import { el, setText } from './dom.js';
import { editable, number, percent } from './format.js';

/** Steps of a slider from end to end. */
const STEPS = 200;

/** So many directions are in sight from the beginning: a few rows. */
const FEW = 8;

/** Where beside the plane it lies: a slider and a number for each direction. */
export class PlaneSliders {
  #parts;
  #note = el('p', { class: 'muted' });
  #reset = el('button', { class: 'toggle', text: 'Back to the mean', attrs: { type: 'button', title: 'The plane passes through the mean of the encoded training images again' } });
  #list = el('ul', { class: 'plane-sliders' });
  /** @type {{name: string, slider: HTMLInputElement, field: HTMLInputElement}[]} */
  #rows = [];
  #key = '';
  #open = false;
  /** @type {Run | null} */
  #run = null;
  /** Opens and closes the list. */
  toggle = el('button', { class: 'plane-toggle', attrs: { type: 'button', 'aria-controls': 'plane-beside' } });
  node;

  /** @param {PageParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#reset.addEventListener('click', () => {
      const run = this.#run;
      if (!run) return;
      parts.planes.go(run, null);
      parts.places.followPlane(run);
    });
    this.node = el(
      'div',
      { class: 'plane-beside', attrs: { id: 'plane-beside', role: 'group', 'aria-label': 'Beside the plane' } },
      el('div', { class: 'plane-beside-head' }, this.#note, this.#reset),
      this.#list,
    );
    this.toggle.addEventListener('click', () => {
      this.#open = !this.#open;
      this.#showOpen();
    });
  }

  #showOpen() {
    this.node.hidden = !this.#open || this.toggle.hidden;
    this.toggle.setAttribute('aria-expanded', String(this.#open));
  }

  /** @param {Run} run */
  show(run) {
    this.#run = run;
    const { planes, store } = this.#parts;
    const directions = planes.directions(run);
    this.toggle.hidden = directions.length === 0;
    this.#showOpen();
    if (directions.length === 0) return;
    const key = JSON.stringify([run.id, directions.map(({ name }) => name)]);
    if (key !== this.#key) this.#build(directions);
    this.#key = key;
    const what = directions[0]?.name.startsWith('PC') ? 'components' : 'coordinates';
    setText(this.toggle, `Other ${what} (${directions.length})`);
    setText(
      this.#note,
      store.state.reading === 'slice'
        ? 'They say where the slice is, and what is decoded.'
        : 'They say what is decoded; a marginal does not depend on them.',
    );
    this.#reset.disabled = !planes.moved(run);
    this.#rows.forEach((row, i) => this.#showRow(row, /** @type {Direction} */ (directions[i])));
  }

  /** @param {Direction[]} directions */
  #build(directions) {
    if (this.#key === '') {
      this.#open = directions.length <= FEW && window.matchMedia('(min-width: 720px)').matches;
      this.#showOpen();
    }
    this.#rows = directions.map(({ name, explained }, i) => {
      const what = `${name}, ${percent(explained)} of the variance`;
      const slider = el('input', { attrs: { type: 'range', step: 'any', 'aria-label': what } });
      const field = el('input', { class: 'text-field', attrs: { type: 'text', inputmode: 'decimal', autocomplete: 'off', 'aria-label': `${name}, as a number` } });
      slider.addEventListener('input', () => this.#move(i, Number(slider.value), false));
      slider.addEventListener('change', () => this.#move(i, Number(slider.value), true));
      slider.addEventListener('keydown', (event) => this.#onKey(event, i));
      field.addEventListener('input', () => this.#read(i, field));
      return { name, slider, field };
    });
    this.#list.replaceChildren(
      ...this.#rows.map(({ name, slider, field }, i) => el('li', { attrs: { title: `${percent(directions[i]?.explained ?? 0)} of the variance of the encoded training images` } }, el('span', { text: name }), slider, field)),
    );
  }

  /**
   * @param {{slider: HTMLInputElement, field: HTMLInputElement}} row
   * @param {Direction} direction
   */
  #showRow({ slider, field }, { low, high, value }) {
    slider.min = String(Math.min(low, value));
    slider.max = String(Math.max(high, value));
    slider.value = String(value);
    slider.setAttribute('aria-valuetext', number(value));
    // What is being typed is not corrected under the hands of whoever types it.
    if (document.activeElement === field) return;
    field.value = editable(value);
    field.setAttribute('aria-invalid', 'false');
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} i
   */
  #onKey(event, i) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    const slider = this.#rows[i]?.slider;
    if (!step || !slider) return;
    event.preventDefault();
    const size = (Number(slider.max) - Number(slider.min)) / STEPS;
    const next = Number(slider.value) + step * size * (event.shiftKey ? 10 : 1);
    this.#move(i, Math.min(Number(slider.max), Math.max(Number(slider.min), next)), true);
  }

  /**
   * @param {number} i
   * @param {HTMLInputElement} field
   */
  #read(i, field) {
    const text = field.value.trim().replace('−', '-');
    const value = Number(text);
    const sound = text !== '' && Number.isFinite(value) && Math.abs(value) <= 1e6;
    field.setAttribute('aria-invalid', String(!sound));
    if (sound) this.#move(i, value, true);
  }

  /**
   * @param {number} i
   * @param {number} value
   * @param {boolean} lasting whether the move has ended
   */
  #move(i, value, lasting) {
    const run = this.#run;
    const { planes, places } = this.#parts;
    const direction = run && planes.directions(run)[i];
    if (!direction) return;
    planes.move(run, direction, value, lasting);
    places.followPlane(run);
  }
}
