/** @import {Levels} from './levels.js' */
/** @import {Field} from './state.js' */
/** @import {ViewStore} from './view-store.js' */
/** @import {Palette} from './theme.js' */
import { el, setText } from './dom.js';
import { number } from './format.js';
import { Segments, toggleButton } from './segments.js';
import { FIELDS, THRESHOLDS, showsHoles } from './state.js';

/** @type {Record<Field, {text: string, title: string, symbol: string, low: string, high: string}>} */
export const FIELD_NAMES = {
  prior: {
    text: 'Prior',
    title: 'Where the prior proposes to draw from',
    symbol: 'log p(z)',
    low: '',
    high: '',
  },
  aggregated_posterior: {
    text: 'Aggregated posterior',
    title: 'Where the training images are encoded, each with its spread; exact over all of them',
    symbol: 'log q(z)',
    low: '',
    high: '',
  },
  log_ratio: {
    text: 'Log-ratio',
    title: 'Prior against aggregated posterior: warm where the prior promises too much, cool where data is uncovered',
    symbol: 'log p(z)/q(z)',
    low: 'uncovered',
    high: 'hole',
  },
};

/**
 * @param {ViewStore} store
 * @returns {Segments<number>}
 */
export function thresholdChoice(store) {
  return new Segments(
    'A hole is where the prior promises at least so many times what the data put there',
    THRESHOLDS.map((value) => ({ value, text: `${value}×`, title: `Holes: p(z) at least ${value} times q(z)` })),
    (threshold) => store.update({ threshold }),
  );
}

/** What the panels show: the field with its key, holes, anatomy. */
export class FieldBar {
  #store;
  #fields;
  #levels;
  #thresholds;
  #holes;
  #anatomy;
  #manifold;
  #symbol = el('span');
  #low = el('span');
  #high = el('span');
  #steps = el('span', { class: 'density-steps', attrs: { 'aria-hidden': 'true' } });
  #outside = el('span', { class: 'key-outside', text: 'outside' });
  #key = el('span', { class: 'density-key' }, this.#symbol, this.#low, this.#steps, this.#high, this.#outside);
  /** For the bar of the classes. */
  tools;
  node;

  /** @param {ViewStore} store */
  constructor(store) {
    this.#store = store;
    this.#fields = new Segments(
      'Field',
      FIELDS.map((value, i) => ({ value, text: FIELD_NAMES[value].text, title: `${FIELD_NAMES[value].title} (key ${i + 1})` })),
      (field) => store.update({ field }),
    );
    this.#levels = new Segments(
      'Contour levels',
      [
        { value: 'shared', text: 'Shared', title: 'All panels have the same contour levels' },
        { value: 'own', text: 'Per panel', title: 'Each panel has the contour levels that suit it' },
      ],
      (levels) => store.update({ levels: levels === 'own' ? 'own' : 'shared' }),
    );
    this.#thresholds = thresholdChoice(store);
    this.#holes = toggleButton('Holes', 'Outline the holes (key H)', () => toggleHoles(store));
    this.#anatomy = toggleButton('Anatomy', 'Show what the priors are made of (key A)', () => toggleAnatomy(store));
    this.#manifold = toggleButton('Manifold', 'Show what is decoded all over the plane, in place of the contours (key M)', () => toggleManifold(store));
    const choices = el('div', { class: 'stage-tools push' }, this.#thresholds.node, this.#levels.node);
    this.node = el('div', { class: 'stage-bar' }, this.#fields.node, this.#key, choices);
    this.tools = el('div', { class: 'stage-tools push' }, this.#holes, this.#anatomy, this.#manifold);
    store.subscribe(() => this.#update());
    this.#update();
  }

  /**
   * @param {Levels | null} levels null: each panel has its own
   * @param {Palette} palette
   */
  showKey(levels, palette) {
    const { field } = this.#store.state;
    const { symbol, low, high, title } = FIELD_NAMES[field];
    const ratio = field === 'log_ratio';
    setText(this.#symbol, symbol);
    this.#key.title = ratio
      ? `${title}. In nats; what is beyond ±5 has the last colour. Grey: outside of 99.9% of the prior and of 99.9% of the data.`
      : `${title}: the darker, the denser. Natural logarithm.`;
    const [from, to] = levels
      ? [levels.start, levels.start + (levels.count - 1) * levels.step].map((v) => number(v, ratio ? 0 : 1))
      : ['low', 'high'];
    setText(this.#low, ratio ? `${low} ≤ ${from}` : (from ?? ''));
    setText(this.#high, ratio ? `≥ ${to} ${high}` : (to ?? ''));
    this.#outside.hidden = !ratio;
    this.#steps.replaceChildren(
      ...palette.fields[field].colors.map((color) => {
        const step = el('i');
        step.style.background = color;
        return step;
      }),
    );
  }

  #update() {
    const { state } = this.#store;
    this.#fields.show(state.field);
    this.#levels.show(state.levels);
    this.#levels.node.hidden = state.field === 'log_ratio';
    this.#thresholds.show(state.threshold);
    this.#thresholds.node.hidden = !showsHoles(state);
    this.#holes.setAttribute('aria-pressed', String(showsHoles(state)));
    this.#anatomy.setAttribute('aria-pressed', String(state.anatomy));
    this.#manifold.setAttribute('aria-pressed', String(state.manifold));
  }
}

/** @param {ViewStore} store */
export function toggleHoles(store) {
  const { state } = store;
  const shown = !showsHoles(state);
  const byItself = showsHoles({ ...state, holes: 'auto' }) === shown;
  store.update({ holes: byItself ? 'auto' : shown ? 'on' : 'off' });
}

/** @param {ViewStore} store */
export function toggleAnatomy(store) {
  store.update({ anatomy: !store.state.anatomy });
}

/** @param {ViewStore} store */
export function toggleManifold(store) {
  store.update({ manifold: !store.state.manifold });
}
