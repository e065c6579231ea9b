/**
 * @import {LatentData} from './latent-data.js'
 * @import {Levels} from './levels.js'
 * @import {Field} from './state.js'
 * @import {ViewStore} from './view-store.js'
 */
import { RATIO_LEVELS, levelsFor } from './levels.js';

/** The contour levels of the panels: the same in all of them, or each its own. */
export class ContourScale {
  #store;
  #all;
  #sharedKey = '';

  /**
   * @param {ViewStore} store
   * @param {() => LatentData[]} all what the panels show
   */
  constructor(store, all) {
    this.#store = store;
    this.#all = all;
  }

  /**
   * @param {LatentData} data
   * @returns {Levels}
   */
  of(data) {
    const { field, levels } = this.#store.state;
    const shown = data.density?.field ?? field;
    if (levels === 'own' && shown !== 'log_ratio') return levelsFor(references([data], shown));
    return this.#shared(shown);
  }

  /** Levels of all panels alike; null: each has its own. */
  get shared() {
    const { levels, field } = this.#store.state;
    return levels === 'shared' || field === 'log_ratio' ? this.#shared(field) : null;
  }

  /**
   * @param {Field} field
   * @returns {Levels}
   */
  #shared(field) {
    if (field === 'log_ratio') return RATIO_LEVELS;
    return levelsFor(references(this.#all(), field));
  }

  /** Whether the levels are others than when this was asked last. */
  changed() {
    const { levels, field } = this.#store.state;
    const key = levels === 'own' ? 'own' : JSON.stringify([field, this.#shared(field)]);
    const changed = key !== this.#sharedKey;
    this.#sharedKey = key;
    return changed;
  }
}

/**
 * The densities that levels are chosen by: those of the present, so that colours hold still over time.
 * @param {LatentData[]} all
 * @param {Field} field
 */
function references(all, field) {
  return all.flatMap(({ reference, density }) => [reference, density].find((one) => one?.field === field) ?? []);
}
