/** @import {Run} from './contract' */
/** @import {ViewStore} from './view-store.js' */
import { comparisonOf, sharesRanges } from './comparison.js';
import { el, setText } from './dom.js';
import { Segments } from './segments.js';

/** Says which kind of comparison the stage shows, and chooses between shared and own ranges. */
export class ComparisonBar {
  #title = el('b');
  #text = el('span');
  /** @type {readonly Run[]} */
  #runs = [];
  #ranges;
  node;

  /** @param {ViewStore} store */
  constructor(store) {
    this.#ranges = new Segments(
      'Ranges of the axes',
      [
        { value: 'shared', text: 'Same range', title: 'All panels show the same part of the plane: moving one moves all' },
        { value: 'own', text: 'Own ranges', title: 'Each panel shows what is in it' },
      ],
      (ranges) => store.update({ ranges: rangesFor(ranges === 'shared', this.#runs) }),
    );
    this.node = el(
      'div',
      { class: 'stage-bar comparison' },
      el('p', { class: 'comparison-text' }, this.#title, ' ', this.#text),
      this.#ranges.node,
    );
  }

  /**
   * @param {readonly Run[]} runs on the stage
   * @param {boolean} shared whether they have the same range
   */
  show(runs, shared) {
    this.#runs = runs;
    const comparison = comparisonOf(runs);
    this.node.hidden = !comparison;
    if (!comparison) return;
    this.node.dataset['kind'] = comparison.kind;
    setText(this.#title, `${comparison.title}.`);
    setText(this.#text, comparison.text);
    this.#ranges.show(shared ? 'shared' : 'own');
  }
}

/**
 * What goes without saying is not kept in the view.
 * @param {boolean} shared
 * @param {readonly Run[]} runs
 */
function rangesFor(shared, runs) {
  if (sharesRanges({ ranges: 'auto' }, runs) === shared) return 'auto';
  return shared ? 'shared' : 'own';
}
