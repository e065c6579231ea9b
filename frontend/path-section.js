/**
 * @import {Run} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {PathCurve} from './path.js'
 * @import {Place, Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {Pin} from './state.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { sentence } from './api.js';
import { saveText } from './csv.js';
import { byId, el, setText } from './dom.js';
import { placeOn } from './geometry.js';
import { number, percent, place as placeText } from './format.js';
import { shareSpace } from './latent-space.js';
import { PLACES, TILE_STEPS, holesOnTheWay, logRatios, pathCsv, stepAt, stretchesAbove } from './path.js';
import { PathChart } from './path-chart.js';
import { PathCurves } from './path-curves.js';
import { drawPicture } from './picture.js';
import { stripCanvas } from './picture-strip.js';
import { placeInWords } from './ratio.js';
import { savePng } from './save.js';

const APART = 'These pins belong to runs that were trained separately: their planes have nothing in common, and there is no line between them.';

/**
 * @typedef {object} PathParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Datasets} datasets
 * @property {Probe} probe
 * @property {() => Palette} palette
 * @property {(run: string, z: number[], source: Place['source']) => Place} placeAt
 * @property {(a: Pin, b: Pin) => boolean} joinable whether both lie in one latent space
 * @property {(run: string) => {prior: number, posterior: number}} edge log densities around nearly all of each
 */

/** The straight line between two pins: pictures along it, the log-ratio, and a slider. */
export class PathSection {
  #parts;
  #title = el('h2', { attrs: { id: 'path-title' } });
  #run = el('span', { class: 'muted' });
  #strip = el('div', { class: 'path-strip', attrs: { 'aria-hidden': 'true' } });
  #chart = new PathChart((at) => this.#move(at));
  #frame = el('div', { class: 'path-frame' }, this.#chart.node);
  #slider = el('input', {
    class: 'path-slider',
    attrs: { type: 'range', min: 0, max: PLACES - 1, step: 1, 'aria-label': 'Place on the line between the pins' },
  });
  #ends = el('div', { class: 'path-ends small muted', attrs: { 'aria-hidden': 'true' } }, el('span'), el('span'));
  #legend = el('ul', { class: 'curves-legend small' });
  #summary = el('p', { class: 'summary', attrs: { role: 'status' } });
  #picture = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img' } });
  #where = el('p', { class: 'small muted' });
  #ratio = el('p', { class: 'ratio' });
  #saveStrip = el('button', { class: 'button small', text: 'Save strip as PNG', attrs: { type: 'button' } });
  #saveCurve = el('button', { class: 'button small', text: 'Save curve as CSV', attrs: { type: 'button' } });
  /** Whether someone waits for the line. */
  #awaited = false;
  #curves;

  /** @param {PathParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#curves = new PathCurves(parts, (error) => this.#answered(error));
    this.#build();
    const { runs, store } = parts;
    store.subscribe((state, previous) => {
      if (state.path !== previous.path) this.#pathChanged();
      else if (state.runs !== previous.runs || state.pins !== previous.pins || state.epoch !== previous.epoch) this.update();
      else if (state.threshold !== previous.threshold) this.#draw();
      if (state.at !== previous.at && state.path === previous.path) {
        this.#showPlace();
        this.#lookAt();
      }
    });
    runs.subscribe((change) => {
      if (change.kind === 'list' || change.kind === 'run' || change.kind === 'progress') this.update();
    });
    new ResizeObserver(() => this.#draw()).observe(this.#frame);
    this.update();
  }

  #build() {
    const { store } = this.#parts;
    this.#slider.addEventListener('input', () => this.#move(Number(this.#slider.value) / (PLACES - 1)));
    this.#saveStrip.addEventListener('click', () => savePng('priorscope-line.png', stripCanvas(this.#tiles(), this.#parts.palette())));
    this.#saveCurve.addEventListener('click', () => saveText('priorscope-line.csv', pathCsv(this.#curves.all, this.#curves.places)));
    this.#strip.addEventListener('click', (event) => {
      const tile = event.target instanceof HTMLCanvasElement ? [...this.#strip.children].indexOf(event.target) : -1;
      if (tile >= 0) this.#move(/** @type {number} */ (TILE_STEPS[tile]) / (PLACES - 1));
    });
    const end = el('button', {
      class: 'button small',
      text: 'Remove the line',
      attrs: { type: 'button' },
      on: { click: () => store.update({ path: null }) },
    });
    byId('path').append(
      el(
        'div',
        { class: 'section-head' },
        this.#title,
        this.#run,
        el('div', { class: 'push section-tools' }, this.#saveStrip, this.#saveCurve, end),
      ),
      this.#summary,
      el(
        'div',
        { class: 'path-body' },
        el('div', { class: 'path-track' }, this.#strip, this.#frame, this.#slider, this.#ends, this.#legend),
        el('div', { class: 'path-place' }, this.#picture, el('div', {}, this.#where, this.#ratio)),
      ),
    );
  }

  /** Brings the line into sight once it is there, with the keys on its slider. */
  focus() {
    this.#awaited = true;
    if (this.#curves.all.length > 0) this.#arrive();
  }

  #arrive() {
    if (!this.#awaited) return;
    this.#awaited = false;
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#slider.focus({ preventScroll: true });
    byId('path').scrollIntoView({ block: 'end', behavior: still ? 'auto' : 'smooth' });
  }

  /** Theme or titles have changed. */
  redraw() {
    this.#curves.forget();
    this.update();
  }

  #pathChanged() {
    const { probe } = this.#parts;
    if (probe.kept?.source === 'path') probe.keep(null);
    if (probe.place?.source === 'path') probe.end();
    this.update();
  }

  /** @returns {Run[]} the run of the first pin, and those on the stage that share its latent space */
  #runs() {
    const { runs, store } = this.#parts;
    const first = runs.get(store.state.path?.[0].run ?? '');
    if (!first || first.checkpoint === 0) return [];
    const others = store.state.runs.flatMap((id) => runs.get(id) ?? []);
    return [first, ...others.filter((run) => run.id !== first.id && run.checkpoint > 0 && shareSpace(run, first))];
  }

  update() {
    const { path, pins } = this.#parts.store.state;
    const section = byId('path');
    section.hidden = !path;
    if (!path) {
      this.#awaited = false;
      this.#clear();
      return;
    }
    const [from, to] = path;
    const runs = this.#runs();
    const [first] = runs;
    const numbers = path.map((pin) => pins.indexOf(pin) + 1);
    setText(this.#title, `Line from pin ${numbers[0]} to pin ${numbers[1]}`);
    const past = this.#parts.store.state.epoch !== null;
    setText(this.#run, first ? `${this.#parts.titles.full(first)}${past ? ', with its present weights' : ''}` : '');
    this.#ends.replaceChildren(...numbers.map((n) => el('span', { text: `Pin ${n}` })));
    const apart = !this.#parts.joinable(from, to);
    if (!first || apart) {
      this.#clear();
      setText(this.#summary, apart ? APART : 'There is something to see as soon as this run has begun to learn.');
      return;
    }
    if (this.#curves.all.length === 0) setText(this.#summary, 'Decoding the line…');
    this.#curves.want(path, runs);
  }

  #clear() {
    this.#curves.clear();
    this.#strip.replaceChildren();
    this.#setReady(false);
  }

  /** @param {boolean} ready */
  #setReady(ready) {
    for (const control of [this.#slider, this.#saveStrip, this.#saveCurve]) control.disabled = !ready;
  }

  /** @param {unknown} error null: there are curves */
  #answered(error) {
    if (error) {
      this.#clear();
      setText(this.#summary, `The line could not be decoded: ${sentence(error)}`);
      return;
    }
    const begins = this.#slider.disabled;
    this.#setReady(true);
    this.#draw();
    if (begins) this.#lookAt();
    this.#arrive();
  }

  #tiles() {
    const all = this.#curves.all[0]?.pictures ?? [];
    return TILE_STEPS.flatMap((step) => all[step] ?? []);
  }

  #draw() {
    const [first] = this.#curves.all;
    const width = this.#frame.clientWidth;
    if (!first || width === 0) return;
    const { store, palette } = this.#parts;
    const { threshold } = store.state;
    const { picture: colors } = palette();
    this.#strip.replaceChildren(
      ...this.#tiles().map((picture) => {
        const canvas = el('canvas', { class: 'picture' });
        drawPicture(canvas, picture, colors);
        return canvas;
      }),
    );
    const clipped = this.#chart.draw(this.#curves.all, { width, threshold, outside: this.#outside(first), palette: palette() });
    const holes = holesOnTheWay(stretchesAbove(logRatios(first), Math.log(threshold)), threshold);
    setText(this.#summary, clipped ? `${holes} The curve leaves the chart where it is more than 10 nats from 0.` : holes);
    this.#showLegend();
    this.#showPlace();
  }

  /**
   * Where hardly anything of the prior and of the data is.
   * @param {PathCurve} curve
   */
  #outside({ run, logPrior, logPosterior }) {
    const edge = this.#parts.edge(run);
    const depth = Array.from(logPrior, (v, i) => Math.min(edge.prior - v, edge.posterior - /** @type {number} */ (logPosterior[i])));
    return stretchesAbove(depth.map((v) => (Number.isFinite(v) ? v : -1)), 0);
  }

  #showLegend() {
    this.#legend.hidden = this.#curves.all.length < 2;
    const { runs: colors, ink } = this.#parts.palette();
    this.#legend.replaceChildren(
      ...this.#curves.all.map(({ title }, i) => {
        const item = el('li', { text: title });
        item.style.setProperty('--swatch', i === 0 ? ink : /** @type {string} */ (colors[i % colors.length]));
        return item;
      }),
    );
  }

  /** @param {number} at */
  #move(at) {
    if (this.#curves.all.length === 0) return;
    const { store } = this.#parts;
    const next = stepAt(at) / (PLACES - 1);
    if (next === store.state.at) this.#lookAt();
    else store.update({ at: next }, { record: false });
  }

  /** The card shows the place, too, and comes back to it when a pointer has gone. */
  #lookAt() {
    const { store, probe, placeAt } = this.#parts;
    const { path, at } = store.state;
    if (!path) return;
    // The test images that lie about the line would light up and go out with every step.
    const place = { ...placeAt(path[0].run, placeOn(path[0].z, path[1].z, at), 'path'), near: null };
    probe.keep(place);
    if (probe.place?.source !== 'pointer') probe.show(place);
  }

  #showPlace() {
    const { at, path, threshold } = this.#parts.store.state;
    const [first] = this.#curves.all;
    if (!path || !first) return;
    const step = stepAt(at);
    const picture = first.pictures[step];
    if (picture) drawPicture(this.#picture, picture, this.#parts.palette().picture);
    const z = placeOn(path[0].z, path[1].z, at);
    const densities = { logPrior: first.logPrior[step] ?? NaN, logPosterior: first.logPosterior[step] ?? NaN };
    const { kind, text } = placeInWords(densities, this.#parts.edge(first.run), threshold);
    const where = `${percent(at)} of the way, ${placeText(z)}`;
    const ratio = `log p(z)/q(z) ${number(/** @type {number} */ (logRatios(first)[step]))}`;
    this.#slider.value = String(step);
    this.#slider.setAttribute('aria-valuetext', `${where}. ${text}`);
    this.#picture.setAttribute('aria-label', `Picture decoded at ${placeText(z)}`);
    setText(this.#where, `${where}, ${ratio}`);
    setText(this.#ratio, text);
    this.#ratio.dataset['kind'] = kind;
    this.#chart.mark(step);
  }
}
