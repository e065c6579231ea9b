/** @import {DatasetInfo} from './contract' */
/** @import {FieldInput} from './field-input.js' */
import { countsInWords, shapeInWords } from './data-words.js';
import { proposedAnswer } from './proposed-answers.js';

/** The choice of a data set, which proposes the answers to other questions. */
export class DataChoice {
  #inputs;
  #datasets;
  #shown = '';

  /**
   * @param {FieldInput[]} inputs all of a form
   * @param {DatasetInfo[]} datasets
   */
  constructor(inputs, datasets) {
    this.#inputs = inputs;
    this.#datasets = datasets;
  }

  get #input() {
    return this.#inputs.find(({ field }) => field.path === 'dataset');
  }

  /** @param {string} id */
  choose(id) {
    if (this.#input && this.#datasets.some((dataset) => dataset.id === id)) this.#input.answer = id;
    this.update();
  }

  /** Fills in what the chosen data set proposes, but for what has been answered by hand. */
  update() {
    const dataset = this.#datasets.find(({ id }) => id === this.#input?.answer);
    if (!dataset || dataset.id === this.#shown) return;
    this.#shown = dataset.id;
    this.#input?.describe(`${shapeInWords(dataset)}. ${countsInWords(dataset.counts)}.`);
    this.#input?.explain(dataset.proposal.why);
    for (const input of this.#inputs) {
      const misfits = this.#misfits(dataset, input);
      if (misfits) input.refuse(misfits);
      if (misfits && String(input.answer) in misfits) input.touched = false;
      const proposed = input.touched || input.field.path === 'training.seed' ? null : proposedAnswer(dataset.proposal, input.field);
      if (proposed !== null) input.answer = proposed;
    }
  }

  /**
   * @param {DatasetInfo} dataset
   * @param {FieldInput} input
   * @returns {Record<string, string> | null} null: the question is not about a kind of something
   */
  #misfits({ misfits }, { field }) {
    if (field.path === 'likelihood.kind') return misfits.likelihood;
    return field.path === 'network.kind' ? misfits.network : null;
  }
}
