/**
 * @import {DatasetInfo} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {RunStore} from './runs.js'
 * @import {Titles} from './titles.js'
 */
import { api, sentence } from './api.js';
import { bytesInWords, countsInWords, shapeInWords, thousands } from './data-words.js';
import { usersInWords } from './datasets-in-use.js';
import { confirm } from './dialog.js';
import { el, setText } from './dom.js';

/** @type {Record<DatasetInfo['source'], string>} */
const SOURCES = {
  builtin: 'Built in',
  found: 'Found on the server’s computer',
  upload: 'Uploaded',
  folder: 'Added from a folder',
  openml: 'From OpenML',
};

/**
 * @typedef {object} DatasetListParts
 * @property {Datasets} datasets
 * @property {RunStore} runs
 * @property {Titles} titles
 * @property {(dataset: string) => void} onUse compares priors on it
 */

/** The data sets that there are. */
export class DatasetList {
  #parts;
  node = el('ul', { class: 'dataset-list' });

  /** @param {DatasetListParts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {string | null} [fresh] the one that has just come */
  update(fresh = null) {
    this.node.replaceChildren(...this.#parts.datasets.all.map((dataset) => this.#item(dataset, dataset.id === fresh)));
    this.node.querySelector('[data-fresh="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  /**
   * @param {DatasetInfo} dataset
   * @param {boolean} fresh
   */
  #item(dataset, fresh) {
    const { id, title, description, removable } = dataset;
    const problem = el('p', { class: 'problem small', attrs: { role: 'alert', hidden: true } });
    const remove = el('button', { class: 'button small', text: 'Delete', attrs: { type: 'button', 'aria-label': `Delete ${title}` } });
    remove.addEventListener('click', async () => {
      const text = await this.#delete(dataset);
      setText(problem, text);
      problem.hidden = text === '';
    });
    return el(
      'li',
      { class: 'dataset', data: { dataset: id, fresh: String(fresh) } },
      el(
        'div',
        { class: 'dataset-text' },
        el('p', {}, el('b', { text: title }), el('code', { class: 'small muted', text: id })),
        el('p', { class: 'small', text: [shapeInWords(dataset), ...classesInWords(dataset)].join(' · ') }),
        el('p', { class: 'small', text: countsInWords(dataset.counts) }),
        el('p', { class: 'small muted', text: sourceInWords(dataset) }),
        description ? el('p', { class: 'small muted dataset-description', text: description, attrs: { title: description } }) : null,
        problem,
      ),
      el(
        'div',
        { class: 'dataset-actions' },
        el('button', { class: 'button small', text: 'Compare priors', attrs: { type: 'button', 'aria-label': `Compare priors on ${title}` }, on: { click: () => this.#parts.onUse(id) } }),
        removable && remove,
      ),
    );
  }

  /**
   * @param {DatasetInfo} dataset
   * @returns {Promise<string>} why it is still there; empty if it is not, or was meant to stay
   */
  async #delete({ id, title }) {
    const { datasets, runs, titles } = this.#parts;
    const users = usersInWords(runs.all, id, titles);
    if (users) return `It cannot be deleted yet: ${users}. Delete those runs first.`;
    const sure = await confirm({
      title: 'Delete this data set?',
      text: `“${title}” will be removed from the server. No run uses it. This cannot be undone.`,
      action: 'Delete',
    });
    if (!sure) return '';
    try {
      await api.deleteDataset(id);
      await datasets.load();
    } catch (error) {
      return sentence(error);
    }
    return '';
  }
}

/**
 * @param {DatasetInfo} dataset
 * @returns {string[]}
 */
function classesInWords({ label_names: names }) {
  if (names.length === 0) return ['no labels'];
  const few = names.length <= 5 && names.join(', ').length < 40;
  return [few ? names.join(', ') : `${thousands(names.length)} classes`];
}

/** @param {DatasetInfo} dataset */
function sourceInWords({ source, bytes, memory_mapped: mapped }) {
  const size = bytesInWords(bytes);
  return [SOURCES[source] ?? source, mapped ? `${size}, read from the disk while it is used` : size].join(' · ');
}
