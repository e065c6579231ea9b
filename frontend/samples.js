/**
 * @import {WireSamples} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {Place, Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { api, sentence } from './api.js';
import { byId, el, setText, watchSight } from './dom.js';
import { number, place as placeText } from './format.js';
import { LatestOnly } from './latest.js';
import { drawPicture, named } from './picture.js';
import { floats, picturesOrVectors } from './typed-array.js';

/** About as many pictures as are drawn at once, made up to whole rows. */
const COUNT = 64;

/** Width of a sample and of the gap beside it, as in the style sheet. */
const PITCH = 48;

/**
 * @typedef {object} SamplesParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Datasets} datasets
 * @property {Probe} probe
 * @property {() => Palette} palette
 * @property {(run: string, z: number[], source: Place['source']) => Place} placeAt
 * @property {(run: string, z: number[] | null) => void} mark
 * @property {(place: {run: string, z: number[]}) => void} pin
 */

/** Pictures that the active run makes up: drawn from its prior, then decoded. */
export class Samples {
  #parts;
  #title = el('h2', { attrs: { id: 'samples-title' }, text: 'Samples from the prior' });
  #run = el('span', { class: 'muted' });
  #again = el('button', { class: 'button', text: 'Draw again', attrs: { type: 'button' } });
  #note = el('p', { class: 'muted' });
  #grid = el('div', { class: 'samples' });
  #requests = new LatestOnly();
  #seed = 0;
  #visible = false;
  /** What is on the screen: run, checkpoint and seed. */
  #shown = '';
  /** @type {{run: string, wire: WireSamples} | null} */
  #current = null;

  /** @param {SamplesParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const section = byId('samples');
    section.append(el('div', { class: 'section-head' }, this.#title, this.#run, this.#again), this.#note, this.#grid);
    this.#again.addEventListener('click', () => {
      this.#seed += 1;
      this.update();
    });
    watchSight(section, (visible) => {
      this.#visible = visible;
      this.update();
    });
    parts.runs.subscribe((change) => {
      if (change.kind === 'list' || ('id' in change && change.id === parts.store.state.active)) this.update();
    });
    parts.store.subscribe((state, previous) => {
      if (state.active !== previous.active) this.update();
    });
    this.update();
  }

  /** The theme has changed. */
  redraw() {
    if (this.#current) this.#show(this.#current.run, this.#current.wire);
    this.update();
  }

  update() {
    const { runs, store, titles } = this.#parts;
    const run = runs.get(store.state.active ?? '');
    byId('samples').hidden = !run;
    if (!run) return;
    setText(this.#run, titles.full(run));
    const ready = run.checkpoint > 0;
    this.#again.disabled = !ready;
    if (!ready) this.#clear('There is something to draw as soon as this run has begun to learn.');
    const key = `${run.id} ${run.checkpoint} ${this.#seed}`;
    if (!ready || !this.#visible || key === this.#shown) return;
    if (this.#current?.run !== run.id) this.#clear('');
    this.#shown = key;
    this.#requests.submit(() => this.#load(run.id));
  }

  /** @param {string} run */
  async #load(run) {
    try {
      const columns = Math.max(1, Math.floor((this.#grid.clientWidth + 4) / PITCH));
      const wire = await api.samples(run, { n: columns * Math.max(3, Math.round(COUNT / columns)), seed: this.#seed });
      if (run === this.#parts.store.state.active) this.#show(run, wire);
    } catch (error) {
      this.#clear(sentence(error));
      this.#shown = '';
    }
  }

  /** @param {string} note */
  #clear(note) {
    this.#current = null;
    this.#shown = '';
    this.#grid.replaceChildren();
    setText(this.#note, note);
    this.#note.hidden = note === '';
  }

  /** @param {string} run */
  #features(run) {
    const { datasets, runs } = this.#parts;
    return datasets.features(runs.get(run)?.config.dataset);
  }

  /**
   * @param {string} run
   * @param {WireSamples} wire
   */
  #show(run, wire) {
    this.#current = { run, wire };
    this.#note.hidden = true;
    const { values: z, shape } = floats(wire.z);
    const logPrior = floats(wire.log_prior).values;
    const dimensions = shape[1] ?? 2;
    const items = picturesOrVectors(wire.images, wire.values, this.#features(run)).map((picture, i) => {
      const place = Array.from(z.subarray(i * dimensions, (i + 1) * dimensions));
      return this.#item(run, place, /** @type {number} */ (logPrior[i]), picture);
    });
    const focused = [...this.#grid.children].indexOf(/** @type {Element} */ (document.activeElement));
    this.#grid.replaceChildren(...items);
    if (focused >= 0) items[focused]?.focus();
  }

  /**
   * @param {string} run
   * @param {number[]} z
   * @param {number} logPrior
   * @param {import('./picture.js').Picture} picture
   */
  #item(run, z, logPrior, picture) {
    const { palette, mark, pin, probe, placeAt } = this.#parts;
    const canvas = el('canvas', { class: 'picture', attrs: { 'aria-hidden': 'true' } });
    drawPicture(canvas, picture, palette().picture);
    const label = named(`Sample at ${placeText(z)}, log p(z) ${number(logPrior)}`, picture);
    const look = () => {
      mark(run, z);
      probe.show(placeAt(run, z, 'sample'));
    };
    const leave = () => {
      mark(run, null);
      probe.end(['sample']);
    };
    return el(
      'button',
      {
        class: 'sample',
        attrs: { type: 'button', 'aria-label': `${label}. Pin it.`, title: label },
        on: { pointerenter: look, pointerleave: leave, focus: look, blur: leave, click: () => pin({ run, z }) },
      },
      canvas,
    );
  }
}
