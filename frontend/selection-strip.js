/**
 * @import {Datasets} from './datasets.js'
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
import { classColor, classShape } from './colors.js';
import { saveText, toCsv } from './csv.js';
import { className, rowName, splitNoun, thousands, withClass } from './data-words.js';
import { byId, el, setAttributes, setText } from './dom.js';
import { drawPicture, named } from './picture.js';
import { encodedOf } from './points.js';
import { selectionTable } from './selection-table.js';

/** Classes that are read out. */
const SPOKEN = 10;

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
 * @property {Datasets} datasets
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
  /** @type {Selected[] | null} */
  #pictured = null;
  /** The selected rows, and what they follow from: there may be tens of thousands. */
  /** @type {{images: Set<number>, source: Points, classes: number[], selected: Selected[]} | null} */
  #last = null;

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
    const { store, selection, palette } = this.#parts;
    const { select, points: split } = store.state;
    this.#section.hidden = !select;
    byId('page').dataset['selected'] = String(Boolean(select));
    if (!select) {
      this.#key = '';
      this.#parts.linked.point(null);
      return;
    }
    const images = this.#selected();
    const known = selection.images !== null;
    const dataset = this.#dataset;
    const count = images.length;
    setText(this.#title, known ? `${thousands(count)} ${splitNoun(split, dataset, count)} selected` : `Selected ${splitNoun(split, dataset, 2)}`);
    setText(this.#note, this.#where(known, count));
    setText(this.#problem, selection.problem);
    this.#problem.hidden = selection.problem === '';
    const key = JSON.stringify([this.#shown, palette().ground, dataset?.title]);
    if (key === this.#key && images === this.#pictured) return;
    this.#key = key;
    this.#pictured = images;
    this.#showCounts(images);
    this.#showPictures(images.slice(0, this.#shown));
    this.#more.hidden = count <= this.#shown;
    setText(this.#more, `The first ${thousands(this.#shown)} of ${thousands(count)} are shown. Show ${Math.min(PAGE, count - this.#shown)} more`);
  }

  /**
   * Those in colour: in the region, and of an isolated class if there are any.
   * @returns {Selected[]} by class
   */
  #selected() {
    const { store, selection } = this.#parts;
    const { classes } = store.state;
    const { images, points: source } = selection;
    if (!images || !source) return NOTHING;
    const last = this.#last;
    if (last?.images === images && last.source === source && last.classes === classes) return last.selected;
    const selected = Array.from(source.index, (index, i) => ({ index, label: /** @type {number} */ (source.label[i]) }))
      .filter(({ index, label }) => images.has(index) && (classes.length === 0 || classes.includes(label)))
      .sort((a, b) => a.label - b.label || a.index - b.index);
    this.#last = { images, source, classes, selected };
    return selected;
  }

  /** How many rows the points that were selected from are of, and of how many. */
  get #kept() {
    const { points: source } = this.#parts.selection;
    return source ? { of: source.label.length, total: source.total } : {};
  }

  get #dataset() {
    const { datasets, selection } = this.#parts;
    return datasets.get(selection.dataset ?? undefined);
  }

  /**
   * @param {boolean} known
   * @param {number} count
   */
  #where(known, count) {
    const { store, runs, titles } = this.#parts;
    const { select, classes, points } = store.state;
    const run = select && runs.get(select.run);
    if (!known || !run) return 'Waiting for the points of this run…';
    const { of = 0, total = 0 } = this.#kept;
    const among = of < total ? `, among the ${thousands(of)} of ${thousands(total)} rows that this epoch’s snapshot holds` : '';
    const region = `around their points in ${titles.full(run)}${among}`;
    const none = `No ${splitNoun(points, this.#dataset)}`;
    const drawn = `lies in the region drawn in ${titles.full(run)}.`;
    if (count === 0) return classes.length ? `${none} of the isolated classes ${drawn}` : `${none} ${drawn}`;
    return classes.length ? `${region}, of the isolated classes only` : region;
  }

  #summary() {
    const counts = this.#countsOf(this.#selected()).map(({ name, count }) => `${count} of class ${name}`);
    if (counts.length > SPOKEN) counts.splice(SPOKEN, Infinity, `and ${counts.length - SPOKEN} more classes`);
    return [this.#title.textContent, ...counts].join(', ');
  }

  /**
   * @param {Selected[]} images by class
   * @returns {{label: number, name: string, count: number}[]} none where the rows have no labels
   */
  #countsOf(images) {
    /** @type {Map<number, number>} */
    const counts = new Map();
    for (const { label } of images) counts.set(label, (counts.get(label) ?? 0) + 1);
    return [...counts].flatMap(([label, count]) => {
      const name = className(this.#dataset, label);
      return name ? [{ label, name, count }] : [];
    });
  }

  /** @param {Selected[]} images */
  #showCounts(images) {
    this.#counts.replaceChildren(
      ...this.#countsOf(images).map(({ label, name, count }) => {
        const item = el('li', {}, el('span', { text: name }), el('b', { text: thousands(count) }));
        item.dataset['shape'] = classShape(label);
        item.style.setProperty('--swatch', classColor(label));
        return item;
      }),
    );
  }

  /** @param {Selected[]} images */
  #showPictures(images) {
    const { cache, selection, palette, linked, store } = this.#parts;
    const dataset = selection.dataset ?? '';
    const pictures = cache.images(dataset, images.map(({ index }) => index));
    this.#list.replaceChildren(
      ...images.map(({ index, label }, i) => {
        const name = withClass(rowName(store.state.points, this.#dataset, index), this.#dataset, label);
        const canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, 'aria-hidden': 'true' } });
        const point = () => linked.point({ dataset, index, label });
        const item = el(
          'button',
          {
            class: 'strip-item',
            attrs: { type: 'button', title: name, 'aria-label': name, tabindex: i === 0 ? 0 : -1 },
            on: { pointerenter: point, focus: point },
          },
          canvas,
        );
        pictures[i]?.then((picture) => {
          if (!picture) return;
          drawPicture(canvas, picture, palette().picture);
          setAttributes(item, { title: named(name, picture), 'aria-label': named(name, picture) });
        });
        return item;
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
          points: points(run.id) ?? encodedOf(await api.points(run.id, { split: store.state.points, epoch: store.state.epoch })),
        })),
      );
      const images = this.#selected().map(({ index, label }) => ({ index, label: className(this.#dataset, label) }));
      saveText('priorscope-selection.csv', toCsv(selectionTable(images, tables)));
    } catch (error) {
      setText(this.#problem, sentence(error));
      this.#problem.hidden = false;
    }
  }
}

/** @type {Selected[]} */
const NOTHING = [];
