/**
 * @import {DatasetInfo} from './contract'
 * @import {LinkedImage} from './linked-image.js'
 * @import {PictureCache} from './picture-cache.js'
 * @import {Points} from './points.js'
 * @import {RunStore} from './runs.js'
 * @import {Selection} from './selection.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { announce } from './announcer.js';
import { api, sentence } from './api.js';
import { classColor } from './colors.js';
import { saveText, toCsv } from './csv.js';
import { byId, el, setText } from './dom.js';
import { drawPicture } from './picture.js';
import { encodedOf } from './points.js';
import { selectionTable } from './selection-table.js';

/** Pictures that are put on the page at once. */
const PAGE = 200;

/**
 * @typedef {object} StripParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Selection} selection
 * @property {LinkedImage} linked
 * @property {PictureCache} cache
 * @property {() => Palette} palette
 * @property {() => DatasetInfo[]} datasets
 * @property {(run: string) => Points | null} points that a panel shows
 */

/** @typedef {{index: number, label: number}} Selected */

/** The selected test images: how many of each class, their pictures, and where they are as a table. */
export class SelectionStrip {
  #parts;
  #section = byId('selection');
  #title = el('h2', { attrs: { id: 'selection-title' } });
  #note = el('span', { class: 'muted small' });
  #problem = el('p', { class: 'problem', attrs: { role: 'alert' } });
  #counts = el('ul', { class: 'class-counts small', attrs: { 'aria-label': 'Selected images per class' } });
  #list = el('div', { class: 'strip', attrs: { role: 'group', 'aria-label': 'Selected images; arrow keys move among them' } });
  #more = el('button', { class: 'link-button', attrs: { type: 'button' } });
  #shown = PAGE;
  /** What is on the page, so that it is not built twice. */
  #key = '';

  /** @param {StripParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { store, selection, linked } = parts;
    this.#section.append(
      el(
        'div',
        { class: 'section-head' },
        this.#title,
        this.#note,
        el(
          'div',
          { class: 'strip-actions' },
          el('button', { class: 'button', text: 'Export CSV', attrs: { type: 'button' }, on: { click: () => this.#export() } }),
          el('button', {
            class: 'button',
            text: 'Clear selection',
            attrs: { type: 'button' },
            on: { click: () => store.update({ select: null }) },
          }),
        ),
      ),
      this.#problem,
      this.#counts,
      this.#list,
      this.#more,
    );
    this.#more.addEventListener('click', () => {
      this.#shown += PAGE;
      this.update();
    });
    this.#list.addEventListener('pointerleave', () => linked.point(null));
    this.#list.addEventListener('focusout', () => linked.point(null));
    this.#list.addEventListener('keydown', (event) => this.#onKey(event));
    selection.subscribe(() => {
      this.#shown = PAGE;
      this.update();
      if (store.state.select) announce(this.#summary());
    });
    store.subscribe((state, previous) => {
      if (state.select !== previous.select || state.classes !== previous.classes) this.update();
    });
    this.update();
  }

  /** Theme or names have changed. */
  redraw() {
    this.#key = '';
    this.update();
  }

  update() {
    const { store, selection, datasets, palette } = this.#parts;
    const { select } = store.state;
    this.#section.hidden = !select;
    byId('page').dataset['selected'] = String(Boolean(select));
    if (!select) {
      this.#key = '';
      this.#parts.linked.point(null);
      return;
    }
    const images = this.#selected();
    const known = selection.images !== null;
    setText(this.#title, known ? `${images.length} ${images.length === 1 ? 'test image' : 'test images'} selected` : 'Selected test images');
    setText(this.#note, this.#where(known, images.length));
    setText(this.#problem, selection.problem);
    this.#problem.hidden = selection.problem === '';
    const key = JSON.stringify([images.map(({ index }) => index), this.#shown, palette().ground, datasets().length]);
    if (key === this.#key) return;
    this.#key = key;
    this.#showCounts(images);
    this.#showPictures(images.slice(0, this.#shown));
    this.#more.hidden = images.length <= this.#shown;
    setText(this.#more, `The first ${this.#shown} of ${images.length} are shown. Show ${Math.min(PAGE, images.length - this.#shown)} more`);
  }

  /**
   * Those in colour: in the region, and of an isolated class if there are any.
   * @returns {Selected[]} by class
   */
  #selected() {
    const { store, selection, points } = this.#parts;
    const { select, classes } = store.state;
    const { images } = selection;
    const source = select && (selection.points ?? points(select.run));
    if (!images || !source) return [];
    return Array.from(source.index, (index, i) => ({ index, label: /** @type {number} */ (source.label[i]) }))
      .filter(({ index, label }) => images.has(index) && (classes.length === 0 || classes.includes(label)))
      .sort((a, b) => a.label - b.label || a.index - b.index);
  }

  /**
   * @param {boolean} known
   * @param {number} count
   */
  #where(known, count) {
    const { store, runs, titles } = this.#parts;
    const { select, classes } = store.state;
    const run = select && runs.get(select.run);
    if (!known || !run) return 'Waiting for the points of this run…';
    const region = `around their points in ${titles.full(run)}`;
    if (count === 0) return classes.length ? `No test image of the isolated classes lies in the region drawn in ${titles.full(run)}.` : `No test image lies in the region drawn in ${titles.full(run)}.`;
    return classes.length ? `${region}, of the isolated classes only` : region;
  }

  #summary() {
    const counts = this.#countsOf(this.#selected()).map(({ name, count }) => `${count} of class ${name}`);
    return [this.#title.textContent, ...counts].join(', ');
  }

  /** @param {Selected[]} images */
  #countsOf(images) {
    const labels = [...new Set(images.map(({ label }) => label))];
    return labels.map((label) => ({
      label,
      name: this.#className(label),
      count: images.filter((image) => image.label === label).length,
    }));
  }

  /** @param {number} label */
  #className(label) {
    const { selection, datasets } = this.#parts;
    return datasets().find(({ id }) => id === selection.dataset)?.label_names[label] ?? String(label);
  }

  /** @param {Selected[]} images */
  #showCounts(images) {
    this.#counts.replaceChildren(
      ...this.#countsOf(images).map(({ label, name, count }) => {
        const item = el('li', {}, el('span', { text: name }), el('b', { text: String(count) }));
        item.style.setProperty('--swatch', classColor(label));
        return item;
      }),
    );
  }

  /** @param {Selected[]} images */
  #showPictures(images) {
    const { cache, selection, palette, linked } = this.#parts;
    const dataset = selection.dataset ?? '';
    const pictures = cache.images(dataset, images.map(({ index }) => index));
    this.#list.replaceChildren(
      ...images.map(({ index, label }, i) => {
        const name = `Test image ${index}, class ${this.#className(label)}`;
        const canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, 'aria-hidden': 'true' } });
        pictures[i]?.then((picture) => {
          if (picture) drawPicture(canvas, picture, palette().picture);
        });
        const point = () => linked.point({ dataset, index, label });
        return el(
          'button',
          {
            class: 'strip-item',
            attrs: { type: 'button', title: name, 'aria-label': name, tabindex: i === 0 ? 0 : -1 },
            on: { pointerenter: point, focus: point },
          },
          canvas,
        );
      }),
    );
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const items = [...this.#list.querySelectorAll('button')];
    const at = items.findIndex((item) => item === document.activeElement);
    const next = step && at >= 0 ? items[at + step] : undefined;
    if (!next) return;
    event.preventDefault();
    items[at]?.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  }

  async #export() {
    const { store, runs, titles, points, selection } = this.#parts;
    const shown = store.state.runs.flatMap((id) => runs.get(id) ?? []).filter((run) => run.checkpoint > 0 && run.config.dataset === selection.dataset);
    try {
      const tables = await Promise.all(
        shown.map(async (run) => ({
          id: run.id,
          name: titles.full(run),
          points: points(run.id) ?? encodedOf(await api.points(run.id, store.state.epoch)),
        })),
      );
      const images = this.#selected().map(({ index, label }) => ({ index, label: this.#className(label) }));
      saveText('priorscope-selection.csv', toCsv(selectionTable(images, tables)));
    } catch (error) {
      setText(this.#problem, sentence(error));
      this.#problem.hidden = false;
    }
  }
}
