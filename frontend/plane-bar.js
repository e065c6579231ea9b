/** @import {Run} from './contract' */
/** @import {PageParts} from './panel-context.js' */
/** @import {Choice} from './plane-choice.js' */
import { announce } from './announcer.js';
import { el, setText } from './dom.js';
import { percent } from './format.js';
import { shareSpace } from './latent-space.js';
import { choiceOf, choiceText } from './plane-choice.js';
import { PlaneSliders } from './plane-sliders.js';
import { runsOnStage } from './panel-context.js';
import { Segments } from './segments.js';

/** A plane goes through so many places. */
const CORNERS = 3;

/** Which plane of latent spaces with more than two dimensions the panels show, and how they read it. */
export class PlaneBar {
  #parts;
  #kinds;
  #readings;
  #first = this.#select('The plane’s first direction', 0);
  #second = this.#select('The plane’s second direction', 1);
  #pair = el('span', { class: 'plane-pair' }, this.#first, this.#second);
  #share = el('span', { class: 'muted' });
  #sliders;
  #bar;
  node;

  /** @param {PageParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { store, runs, planes } = parts;
    this.#kinds = new Segments(
      'What the plane is made of',
      [
        { value: 'pca', text: 'Components', title: 'Two principal components of the encoded training images: those that show the most of them' },
        { value: 'axes', text: 'Axes', title: 'Two coordinates of z' },
        { value: 'points', text: 'Three pins', title: 'The plane through the last three pins of this latent space' },
      ],
      (kind) => this.#chooseKind(kind),
    );
    this.#readings = new Segments(
      'How densities are read on the plane',
      [
        { value: 'marginal', text: 'Marginal', title: 'All that lies beside the plane is integrated out: what it says holds for the whole space over the place' },
        { value: 'slice', text: 'Slice', title: 'The densities at the points of the plane, the other coordinates held where they are' },
      ],
      (reading) => store.update({ reading: reading === 'slice' ? 'slice' : 'marginal' }),
    );
    this.#sliders = new PlaneSliders(parts);
    this.#bar = el(
      'div',
      { class: 'stage-bar plane-bar', attrs: { role: 'group', 'aria-label': 'Plane of the latent space' } },
      el('span', { class: 'legend-title', text: 'Plane' }),
      this.#kinds.node,
      this.#pair,
      this.#share,
      this.#sliders.toggle,
      el('span', { class: 'push' }, this.#readings.node),
    );
    this.node = el('div', { class: 'plane-choice' }, this.#bar, this.#sliders.node);
    planes.subscribe(() => this.show());
    runs.subscribe(() => this.show());
    store.subscribe((state, previous) => {
      const ours = /** @type {const} */ (['runs', 'active', 'plane', 'reading', 'through', 'pins']);
      if (ours.some((key) => state[key] !== previous[key])) this.show();
    });
    this.show();
  }

  /** The run whose directions there are to choose from. @returns {Run | undefined} */
  get #run() {
    const { store } = this.#parts;
    const large = runsOnStage(this.#parts).filter(({ config }) => config.latent_dim > 2);
    return large.find(({ id }) => id === store.state.active) ?? large[0];
  }

  get #choice() {
    return /** @type {Choice} */ (choiceOf(this.#parts.store.state.plane));
  }

  show() {
    const run = this.#run;
    this.node.hidden = !run;
    if (!run) return;
    const { store, planes } = this.#parts;
    const choice = this.#choice;
    this.#kinds.show(choice.kind);
    this.#readings.show(store.state.reading);
    this.#showCorners(run, choice);
    this.#pair.hidden = choice.kind === 'points';
    if (choice.kind !== 'points') this.#showPair(run, choice);
    const explained = planes.explained(run);
    setText(this.#share, explained === null ? '' : `${percent(explained)} of variance`);
    this.#share.title = 'Of the encoded training images with their spread, along both directions of the plane';
    this.#sliders.show(run);
  }

  /**
   * @param {Run} run
   * @param {Choice} choice
   */
  #showCorners(run, choice) {
    const button = this.#kinds.button('points');
    const enough = this.#corners(run).length === CORNERS;
    button.disabled = !enough && choice.kind !== 'points';
    button.title = enough ? 'The plane through the last three pins of this latent space' : 'Pin three places of this latent space first';
  }

  /** @param {Run} run */
  #corners(run) {
    const { store, runs } = this.#parts;
    return store.state.pins
      .filter((pin) => {
        const other = runs.get(pin.run);
        return other && shareSpace(other, run) && pin.z.length === run.config.latent_dim;
      })
      .slice(-CORNERS);
  }

  /**
   * @param {Run} run
   * @param {Extract<Choice, {pair: unknown}>} choice
   */
  #showPair(run, { kind, pair }) {
    const shares = this.#parts.planes.shares(run);
    const name = (/** @type {number} */ number) => (kind === 'pca' ? `PC ${number}` : `z${number}`);
    const texts = Array.from({ length: Math.max(run.config.latent_dim, ...pair) }, (_, i) => {
      const share = shares.get(name(i + 1));
      return share === undefined ? name(i + 1) : `${name(i + 1)} · ${percent(share)}`;
    });
    [this.#first, this.#second].forEach((select, at) => {
      if (select.dataset['texts'] !== texts.join()) {
        select.dataset['texts'] = texts.join();
        select.replaceChildren(...texts.map((text, i) => el('option', { text, attrs: { value: i + 1 } })));
      }
      select.value = String(pair[at]);
    });
  }

  /**
   * @param {string} label
   * @param {0 | 1} at
   */
  #select(label, at) {
    const choose = () => this.#chooseDirection(at, Number((at === 0 ? this.#first : this.#second).value));
    return el('select', { class: 'text-field', attrs: { 'aria-label': label }, on: { change: choose } });
  }

  /**
   * The other direction gives way if it is the same.
   * @param {0 | 1} at
   * @param {number} number
   */
  #chooseDirection(at, number) {
    const choice = this.#choice;
    if (choice.kind === 'points') return;
    const [first, second] = choice.pair;
    /** @type {[number, number]} */
    const pair = at === 0 ? [number, number === second ? first : second] : [number === first ? second : first, number];
    this.#choose({ kind: choice.kind, pair });
  }

  /** @param {string} kind */
  #chooseKind(kind) {
    const run = this.#run;
    if (!run || kind === this.#choice.kind) return;
    if (kind === 'points') {
      const points = this.#corners(run).map(({ z }) => z);
      this.#choose({ kind: 'points', run: run.id, points });
    } else this.#choose({ kind: kind === 'axes' ? 'axes' : 'pca', pair: [1, 2] });
  }

  /**
   * What was in view on another plane means nothing on this one.
   * @param {Choice} choice
   */
  #choose(choice) {
    const { store, runs } = this.#parts;
    const kept = Object.entries(store.state.views).filter(([id]) => (runs.get(id)?.config.latent_dim ?? 0) <= 2);
    store.update({ plane: choiceText(choice), views: Object.fromEntries(kept) });
    announce(`Plane of ${choice.kind === 'points' ? 'three pins' : choice.pair.map((n) => `${choice.kind === 'pca' ? 'PC ' : 'z'}${n}`).join(' and ')}.`);
  }
}
