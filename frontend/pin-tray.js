/**
 * @import {PictureCache} from './picture-cache.js'
 * @import {Places} from './places.js'
 * @import {Planes} from './planes.js'
 * @import {Place, Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {Pin} from './state.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { announce } from './announcer.js';
import { el, iconButton, setText } from './dom.js';
import { coordinates } from './format.js';
import { drawPicture } from './picture.js';

/**
 * @typedef {object} TrayParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Probe} probe
 * @property {PictureCache} cache
 * @property {Planes} planes
 * @property {Places} places
 * @property {() => Palette} palette
 * @property {(run: string, z: number[], source: Place['source']) => Place} placeAt
 * @property {(a: Pin, b: Pin) => boolean} joinable whether both lie in one latent space
 * @property {(a: Pin, b: Pin) => void} join
 */

/** The pins in a column; two of one latent space can be joined by a line. */
export class PinTray {
  #parts;
  /** @type {Pin | null} the first of two that are to be joined */
  #first = null;
  #list = el('ul', { class: 'pins' });
  #hint = el('p', { class: 'small muted' });
  node;

  /** @param {TrayParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.node = el('div', { class: 'card-pins' }, el('h2', { text: 'Pins' }), this.#hint, this.#list);
    const { runs, store, planes } = parts;
    planes.subscribe(() => this.update());
    store.subscribe((state, previous) => {
      if (state.plane !== previous.plane || state.pins !== previous.pins || state.runs !== previous.runs || state.path !== previous.path) this.update();
    });
    runs.subscribe((change) => {
      const pinned = (/** @type {string} */ id) => store.state.pins.some((pin) => pin.run === id);
      if (change.kind === 'list' || (change.kind === 'run' && pinned(change.id))) this.update();
    });
    this.#list.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#first) return;
      event.stopPropagation();
      this.#choose(null);
    });
    this.update();
  }

  update() {
    const { pins } = this.#parts.store.state;
    if (this.#first && !pins.includes(this.#first)) this.#first = null;
    const focused = this.#focused();
    setText(this.#hint, this.#hintText());
    this.#list.replaceChildren(...pins.map((pin, i) => this.#pin(pin, i)));
    if (focused) /** @type {HTMLElement | null} */ (this.#list.querySelector(focused))?.focus();
  }

  /** The button that has the focus, which must not be lost when the list is built anew. */
  #focused() {
    const label = this.#list.contains(document.activeElement) ? document.activeElement?.getAttribute('data-join') : null;
    return label && `[data-join="${label}"]`;
  }

  #hintText() {
    const { pins, path } = this.#parts.store.state;
    if (pins.length === 0) return 'Click in a panel to keep a place here.';
    if (this.#first) return `Now choose the pin that the line from pin ${pins.indexOf(this.#first) + 1} leads to.`;
    const any = pins.some((pin) => this.#partners(pin) > 0);
    return any && !path ? 'Join two pins to see the pictures on the line between them.' : '';
  }

  /** @param {Pin} pin */
  #partners(pin) {
    return this.#parts.store.state.pins.filter((other) => other !== pin && this.#parts.joinable(pin, other)).length;
  }

  /** @param {Pin | null} pin */
  #choose(pin) {
    this.#first = pin;
    this.update();
    if (pin) announce(this.#hintText());
  }

  /** @param {Pin} pin */
  #onJoin(pin) {
    const { store, join } = this.#parts;
    const first = this.#first;
    if (first && first !== pin) {
      this.#first = null;
      join(first, pin);
      this.update();
    } else if (store.state.path?.includes(pin)) {
      store.update({ path: null });
    } else {
      this.#choose(first ? null : pin);
    }
  }

  /**
   * @param {Pin} pin
   * @param {number} i
   */
  #joinButton(pin, i) {
    const { path, pins } = this.#parts.store.state;
    const first = this.#first;
    if (this.#partners(pin) === 0) return null;
    const joined = path?.includes(pin) ?? false;
    const alone = joined ? `Remove the line at pin ${i + 1}` : `Join pin ${i + 1} to another`;
    const label = first && first !== pin ? `Join pin ${pins.indexOf(first) + 1} to pin ${i + 1}` : alone;
    const button = iconButton('join', label, () => this.#onJoin(pin));
    button.classList.add('pin-join');
    button.dataset['join'] = String(i + 1);
    button.setAttribute('aria-pressed', String(joined || first === pin));
    button.disabled = first !== null && first !== pin && !this.#parts.joinable(first, pin);
    return button;
  }

  /**
   * @param {Pin} pin
   * @param {number} i
   */
  #pin(pin, i) {
    const { runs, store, titles, probe, palette, placeAt, cache } = this.#parts;
    const run = runs.get(pin.run);
    const canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, 'aria-hidden': 'true' } });
    if (run && run.checkpoint > 0) {
      cache.decoded(run, pin.z).then((picture) => {
        if (picture) drawPicture(canvas, picture, palette().picture);
      });
    }
    const title = run ? titles.prior(run) : 'Run no longer there';
    const show = el(
      'button',
      {
        class: 'pin-show',
        attrs: { type: 'button', disabled: !run, title: 'Show this pin' },
        on: { click: () => probe.show(placeAt(pin.run, pin.z, 'pin')) },
      },
      canvas,
      el(
        'span',
        { class: 'small' },
        el('span', { class: 'pin-title' }, el('b', { text: String(i + 1) }), title),
        el('span', { class: 'muted', text: coordinates(pin.z) }),
      ),
    );
    const remove = iconButton('close', `Remove pin ${i + 1}`, () => {
      store.update({ pins: store.state.pins.filter((_, at) => at !== i) });
      if (probe.place?.source === 'pin') probe.end();
    });
    return el('li', { class: 'pin' }, show, this.#planeButton(pin, i), this.#joinButton(pin, i), remove);
  }

  /**
   * Brings the plane to a pin beside it.
   * @param {Pin} pin
   * @param {number} i
   */
  #planeButton(pin, i) {
    const { runs, planes, places } = this.#parts;
    const run = runs.get(pin.run);
    if (!run || planes.directions(run).length === 0 || pin.z.length !== run.config.latent_dim) return null;
    return iconButton('plane', `Let the plane pass through pin ${i + 1}`, () => {
      planes.go(run, pin.z);
      places.followPlane(run);
    });
  }
}
