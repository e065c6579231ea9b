/** @import {Features, Vector} from './feature-bars.js' */
import { el, setText } from './dom.js';
import { barOf, barsOf, featureNumber, spreadOf } from './feature-bars.js';

/** @typedef {{node: HTMLElement, bar: HTMLElement, spread: HTMLElement, near: HTMLElement, value: HTMLElement}} Row */

/** From more features than this on, they are set close. */
const MANY = 16;

/** The features of a vector as bars with their names and values, each on the range of the training rows. */
export class FeatureChart {
  /** @type {Features | null} */
  #features = null;
  /** The names that there are rows for. */
  #names = '';
  /** @type {Row[]} */
  #rows = [];
  #list = el('dl');
  #key = el('figcaption', { class: 'small muted' });
  node = el('figure', { class: 'features' }, this.#list, this.#key);

  /**
   * @param {Vector} vector
   * @param {{what: string, draws?: readonly Vector[], nearest?: Vector | null}} around `what`: the vector is, in words;
   *   `draws` from the likelihood and the nearest training row are marked beside the bars
   */
  show(vector, { what, draws = [], nearest = null }) {
    this.#build(vector.features);
    this.node.setAttribute('aria-label', what);
    const spread = spreadOf(draws);
    barsOf(vector).forEach(({ share, beyond }, i) => {
      const row = /** @type {Row} */ (this.#rows[i]);
      const range = /** @type {readonly [number, number]} */ (vector.features.ranges[i]);
      const text = featureNumber(/** @type {number} */ (vector.values[i]), range);
      row.bar.style.width = `${100 * share}%`;
      row.bar.dataset['beyond'] = beyond ?? 'none';
      setText(row.value, beyond ? `${text} ${beyond === 'above' ? '›' : '‹'}` : text);
      const near = nearest?.values[i];
      row.near.hidden = near === undefined;
      if (near !== undefined) row.near.style.left = `${100 * barOf(near, range).share}%`;
      this.#showSpread(row.spread, spread[i], range);
      row.node.title = this.#title(i, { text, beyond, near, spread: spread[i] });
    });
    const marks = [
      'Bars: on the range of the training rows.',
      ...(spread.length ? [`Lines: ± 1 standard deviation of ${draws.length} draws.`] : []),
      ...(nearest ? ['Marks: the nearest training row.'] : []),
    ];
    setText(this.#key, marks.join(' '));
  }

  /** @param {Features} features */
  #build(features) {
    const names = features.names.join('\n');
    if (features === this.#features && names === this.#names) return;
    this.#features = features;
    this.#names = names;
    this.#rows = features.names.map((name) => rowFor(name));
    this.#list.replaceChildren(...this.#rows.map(({ node }) => node));
    this.node.dataset['many'] = String(features.names.length > MANY);
  }

  /**
   * @param {HTMLElement} node
   * @param {{loc: number, scale: number} | undefined} spread
   * @param {readonly [number, number]} range
   */
  #showSpread(node, spread, range) {
    node.hidden = !spread;
    if (!spread) return;
    const [from, to] = [spread.loc - spread.scale, spread.loc + spread.scale].map((v) => 100 * barOf(v, range).share);
    node.style.left = `${from}%`;
    node.style.width = `${/** @type {number} */ (to) - /** @type {number} */ (from)}%`;
  }

  /**
   * @param {number} i
   * @param {{text: string, beyond: 'below' | 'above' | null, near: number | undefined, spread: {loc: number, scale: number} | undefined}} told
   */
  #title(i, { text, beyond, near, spread }) {
    const { names, ranges } = /** @type {Features} */ (this.#features);
    const range = /** @type {readonly [number, number]} */ (ranges[i]);
    const say = (/** @type {number} */ v) => featureNumber(v, range);
    const parts = [`${names[i]} ${text}`, `training rows ${say(range[0])} to ${say(range[1])}${beyond ? `: it lies ${beyond} them` : ''}`];
    if (spread) parts.push(`draws ${say(spread.loc)} ± ${say(spread.scale)}`);
    if (near !== undefined) parts.push(`nearest training row ${say(near)}`);
    return parts.join('; ');
  }
}

/**
 * @param {string} name
 * @returns {Row}
 */
function rowFor(name) {
  const bar = el('i', { class: 'feature-bar' });
  const spread = el('i', { class: 'feature-spread', attrs: { hidden: true } });
  const near = el('i', { class: 'feature-near', attrs: { hidden: true } });
  const value = el('dd');
  const track = el('div', { class: 'feature-track', attrs: { 'aria-hidden': 'true' } }, bar, spread, near);
  const node = el('div', { class: 'feature' }, el('dt', { text: name }), value, track);
  return { node, bar, spread, near, value };
}
