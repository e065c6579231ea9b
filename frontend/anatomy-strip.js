/**
 * @import {Run} from './contract'
 * @import {Anatomy, Component} from './anatomy.js'
 * @import {Moment} from './moment.js'
 * @import {Place, Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {Science} from './science.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { followActiveRun } from './active-run.js';
import { effectiveInWords } from './anatomy.js';
import { byId, el, setText } from './dom.js';
import { percent, place as placeText } from './format.js';
import { drawPicture, named } from './picture.js';

/**
 * @typedef {object} AnatomyParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Science} science
 * @property {Moment} moment
 * @property {Probe} probe
 * @property {() => Palette} palette
 * @property {(run: string, z: number[], source: Place['source']) => Place} placeAt
 * @property {(run: string, z: number[] | null) => void} mark
 * @property {(place: {run: string, z: number[]}) => void} pin
 */

/** What the active run's prior is made of: its components by weight, pseudo-inputs as pictures. */
export class AnatomyStrip {
  #parts;
  #run = el('span', { class: 'muted' });
  #what = el('p', { class: 'summary', attrs: { role: 'status' } });
  #list = el('ul', { class: 'components' });
  /** @type {Anatomy | null} */
  #shown = null;

  /** @param {AnatomyParts} parts */
  constructor(parts) {
    this.#parts = parts;
    byId('anatomy').append(
      el('div', { class: 'section-head' }, el('h2', { attrs: { id: 'anatomy-title' }, text: 'Anatomy of the prior' }), this.#run),
      this.#what,
      this.#list,
    );
    followActiveRun(parts, 'anatomy', () => this.update());
  }

  /** The theme has changed. */
  redraw() {
    this.#shown = null;
    this.update();
  }

  update() {
    const { runs, store, titles, science, moment } = this.#parts;
    const run = runs.get(store.state.active ?? '');
    byId('anatomy').hidden = !run || !store.state.anatomy;
    if (!run || !store.state.anatomy) return;
    const epoch = moment.of(run.id);
    setText(this.#run, epoch === null ? titles.full(run) : `${titles.full(run)}, epoch ${epoch}`);
    const known = run.checkpoint > 0 ? science.anatomy(run, epoch) : null;
    if (!known?.value) {
      this.#shown = null;
      this.#list.replaceChildren();
      if (!known) setText(this.#what, 'There is something to see as soon as this run has begun to learn.');
      else setText(this.#what, known.problem ? `The anatomy could not be read: ${known.problem}` : 'Loading…');
    } else if (known.value !== this.#shown) this.#show(run, known.value);
  }

  /**
   * @param {Run} run
   * @param {Anatomy} anatomy
   */
  #show(run, anatomy) {
    this.#shown = anatomy;
    setText(this.#what, [anatomy.what, effectiveInWords(anatomy)].filter(Boolean).join(' '));
    const byWeight = anatomy.components.toSorted((a, b) => b.weight - a.weight);
    this.#list.replaceChildren(...byWeight.map((component) => this.#item(run, component)));
  }

  /**
   * @param {Run} run
   * @param {Component} component
   */
  #item(run, { number, loc, weight, picture }) {
    const { probe, mark, pin, placeAt, palette } = this.#parts;
    const name = `Component ${number}, weight ${percent(weight)}, at ${placeText(loc)}`;
    const label = picture ? named(name, picture) : name;
    const canvas = picture && el('canvas', { class: 'picture', attrs: { 'aria-hidden': 'true' } });
    if (picture && canvas) drawPicture(canvas, picture, palette().picture);
    const look = () => {
      mark(run.id, loc);
      probe.show(placeAt(run.id, loc, 'sample'));
    };
    const leave = () => {
      mark(run.id, null);
      probe.end(['sample']);
    };
    return el(
      'li',
      {},
      el(
        'button',
        {
          class: 'component',
          attrs: { type: 'button', 'aria-label': `${label}. Pin it.`, title: label },
          on: { pointerenter: look, pointerleave: leave, focus: look, blur: leave, click: () => pin({ run: run.id, z: loc }) },
        },
        canvas,
        el('span', { text: percent(weight) }),
      ),
    );
  }
}
