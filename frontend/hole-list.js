/**
 * @import {DatasetInfo, Run} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {EmptyPlace, Hole, Holes, Outcome} from './holes.js'
 * @import {Moment} from './moment.js'
 * @import {Picture} from './picture.js'
 * @import {PictureCache} from './picture-cache.js'
 * @import {Planes} from './planes.js'
 * @import {RunStore} from './runs.js'
 * @import {Science} from './science.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { followActiveRun } from './active-run.js';
import { className, rowName, splitNoun } from './data-words.js';
import { byId, el, setAttributes, setText, watchSight } from './dom.js';
import { thresholdChoice } from './field-bar.js';
import { number, percent, place as placeText } from './format.js';
import { boxAround } from './holes.js';
import { drawPicture, named } from './picture.js';
import { ratioInWords } from './ratio.js';

/** So much of the section must be in sight before the server is asked, in pixels. */
const PEEK = 56;

/**
 * @typedef {object} HoleListParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Science} science
 * @property {PictureCache} cache
 * @property {Moment} moment
 * @property {Planes} planes
 * @property {() => Palette} palette
 * @property {Datasets} datasets
 * @property {(run: string, z: number[], view: import('./geometry.js').Box | null) => void} visit
 */

/** The active run's holes by mass: what comes out of each, beside the nearest thing that is real. */
export class HoleList {
  #parts;
  #run = el('span', { class: 'muted' });
  #thresholds;
  #summary = el('p', { class: 'summary', attrs: { role: 'status' } });
  #retry = el('button', { class: 'button', text: 'Try again', attrs: { type: 'button', hidden: true } });
  #table = el('table', { class: 'holes-table', attrs: { role: 'table', 'aria-labelledby': 'holes-title' } });
  #worstTitle = el('h3', { class: 'worst-title', attrs: { id: 'worst-title', hidden: true }, text: 'Worst of 20,000 draws from the prior, in the whole latent space' });
  #worst = el('table', { class: 'holes-table', attrs: { role: 'table', 'aria-labelledby': 'worst-title' } });
  #visible = false;
  /** What is on the screen. @type {Holes | null} */
  #shown = null;

  /** @param {HoleListParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { store, science } = parts;
    this.#thresholds = thresholdChoice(store);
    this.#thresholds.node.classList.add('push', 'small');
    this.#retry.addEventListener('click', () => {
      science.retry();
      this.update();
    });
    const section = byId('holes');
    section.append(
      el('div', { class: 'section-head' }, el('h2', { attrs: { id: 'holes-title' }, text: 'Holes' }), this.#run, this.#thresholds.node),
      this.#summary,
      this.#retry,
      this.#table,
      this.#worstTitle,
      this.#worst,
    );
    watchSight(
      section,
      (visible) => {
        this.#visible = visible;
        this.update();
      },
      { root: byId('main'), rootMargin: `0px 0px -${PEEK}px 0px` },
    );
    followActiveRun(parts, 'threshold', () => this.update());
    parts.planes.subscribe(() => this.update());
    store.subscribe((state, previous) => {
      if (state.plane !== previous.plane) this.update();
    });
  }

  /** The theme, or the names of the classes, have changed. */
  redraw() {
    this.#shown = null;
    this.update();
  }

  update() {
    const { runs, store, titles, science, moment, planes } = this.#parts;
    const { active, threshold } = store.state;
    const run = runs.get(active ?? '');
    byId('holes').hidden = !run;
    if (!run) return;
    const epoch = moment.of(run.id);
    setText(this.#run, epoch === null ? titles.full(run) : `${titles.full(run)}, epoch ${epoch}`);
    this.#thresholds.show(threshold);
    if (!this.#visible) return;
    const plane = planes.of(run);
    const known = run.checkpoint > 0 && plane ? science.holes(run, threshold, epoch, plane.name) : null;
    this.#retry.hidden = !known?.problem;
    if (!plane && run.checkpoint > 0) this.#say(planes.problem(run) || 'Looking for holes…', planes.problem(run) !== '');
    else if (!known) this.#say('Holes can be found as soon as this run has begun to learn.');
    else if (known.problem) this.#say(`The holes could not be found: ${known.problem}`, true);
    else if (!known.value) this.#say('Looking for holes…');
    else this.#show(run, known.value);
  }

  /**
   * @param {string} text
   * @param {boolean} [problem]
   */
  #say(text, problem = false) {
    setText(this.#summary, text);
    this.#summary.classList.toggle('problem', problem);
    this.#table.replaceChildren();
    this.#showWorst(null, []);
    this.#shown = null;
  }

  /**
   * @param {Run} run
   * @param {Holes} holes
   */
  #show(run, holes) {
    if (holes === this.#shown) return;
    this.#shown = holes;
    this.#summary.classList.remove('problem');
    const dataset = this.#dataset(run);
    setText(this.#summary, summary(holes, dataset));
    const listed = [...holes.holes, ...holes.worst];
    const pictured = listed.some(({ outcome }) => outcome);
    if (listed.length > 0 && !pictured) this.#summary.append(' ', NO_PICTURES);
    const focused = [...this.#table.querySelectorAll('button')].indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (holes.holes.length > 0) this.#table.replaceChildren(head(HOLE_COLUMNS, pictured, dataset), this.#body(run, holes.holes.map((hole) => this.#hole(run, hole))));
    else this.#table.replaceChildren();
    this.#showWorst(run, holes.worst);
    if (focused >= 0) this.#table.querySelectorAll('button')[focused]?.focus();
  }

  /**
   * The draws from the prior that lie worst in a space too large to be seen as a whole.
   * @param {Run | null} run
   * @param {EmptyPlace[]} worst
   */
  #showWorst(run, worst) {
    this.#worstTitle.hidden = worst.length === 0;
    const rows = run ? worst.map((place, i) => this.#draw(run, place, i)) : [];
    this.#worst.replaceChildren(...(run && rows.length > 0 ? [head(DRAW_COLUMNS, true, this.#dataset(run)), el('tbody', { attrs: { role: 'rowgroup' } }, ...rows)] : []));
  }

  /**
   * @param {Run} run
   * @param {HTMLElement[]} rows
   */
  #body(run, rows) {
    this.#table.setAttribute('aria-label', `Holes of ${this.#parts.titles.full(run)}`);
    return el('tbody', { attrs: { role: 'rowgroup' } }, ...rows);
  }

  /**
   * @param {Run} run
   * @param {Hole} hole
   */
  #hole(run, hole) {
    const visit = () => this.#parts.visit(run.id, hole.z, boxAround(hole.rings));
    const label = `Hole ${hole.rank}: go there`;
    return this.#row(run, hole, String(hole.rank), label, visit, [
      { class: 'number', text: percent(hole.mass), label: 'of the prior' },
      { class: 'number', text: number(hole.area), label: 'area' },
    ]);
  }

  /**
   * @param {Run} run
   * @param {EmptyPlace} place
   * @param {number} i
   */
  #draw(run, place, i) {
    const visit = () => this.#parts.visit(run.id, place.z, null);
    return this.#row(run, place, String(i + 1), `Draw ${i + 1}: pin it`, visit, []);
  }

  /**
   * @param {Run} run
   * @param {EmptyPlace} place
   * @param {string} rank
   * @param {string} label
   * @param {() => void} visit
   * @param {{class: string, text: string, label: string}[]} figures
   */
  #row(run, place, rank, label, visit, figures) {
    const { outcome } = place;
    const { text } = ratioInWords(place.logRatio, this.#parts.store.state.threshold);
    const go = el('button', { class: 'hole-go', text: rank, attrs: { type: 'button', 'aria-label': label, title: label } });
    return el(
      'tr',
      { attrs: { role: 'row' }, on: { click: visit } },
      el('th', { attrs: { scope: 'row', role: 'rowheader' } }, go),
      ...(outcome ? this.#outcome(run, place.z, outcome) : []),
      ...figures.map((figure) => {
        const node = cell(figure.class, figure.text);
        node.dataset['label'] = figure.label;
        return node;
      }),
      cell('hole-words', text.replace(/^Hole: t/, 'T')),
      outcome && withLabel(cell('number', number(outcome.drift)), 'drift'),
    );
  }

  /**
   * @param {Run} run
   * @param {number[]} z
   * @param {Outcome} outcome
   */
  #outcome(run, z, { picture, nearest }) {
    const dataset = this.#dataset(run);
    const { cache } = this.#parts;
    const decoded = this.#picture(`Decoded at ${placeText(z)}`, picture);
    const real = nearest && this.#picture(rowName('train', dataset, nearest.index), cache.image(run.config.dataset, nearest.index));
    const name = nearest ? className(dataset, nearest.label) : '';
    return [
      cell('hole-picture', decoded),
      cell('hole-picture', real),
      cell('hole-real', name && `Class ${name}`, el('span', { class: 'muted', text: nearest ? `distance ${number(nearest.distance)}` : '' })),
    ];
  }

  /**
   * @param {string} name
   * @param {Picture | Promise<Picture | null>} picture
   */
  #picture(name, picture) {
    const canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img', 'aria-label': name } });
    Promise.resolve(picture).then((known) => {
      if (!known) return;
      drawPicture(canvas, known, this.#parts.palette().picture);
      setAttributes(canvas, { 'aria-label': named(name, known), title: named(name, known) });
    });
    return canvas;
  }

  /** @param {Run} run */
  #dataset(run) {
    return this.#parts.datasets.get(run.config.dataset);
  }
}

const NO_PICTURES = 'The decoder of a past epoch is not stored, so there are no pictures; going there shows what the kept one draws.';

/** The heading that says what the rows of the data are. */
const NEAREST = 'Nearest';

const HOLE_COLUMNS = ['Hole', 'Decoded at its peak', NEAREST, '', 'Mass', 'Area', 'At its peak', 'Drift'];
const DRAW_COLUMNS = ['Draw', 'Decoded', NEAREST, '', 'There', 'Drift'];

const OF_OUTCOMES = new Set(['Decoded at its peak', 'Decoded', NEAREST, 'Drift']);

/** @type {Record<string, string>} */
const COLUMN_TITLES = {
  Mass: 'The share of the prior’s draws that land in the hole',
  Area: 'In squared units of z',
  Drift: 'How far from the place the encoder puts the picture decoded there',
};

/**
 * @param {string[]} columns
 * @param {boolean} pictured whether there are columns about what comes out
 * @param {DatasetInfo | null} dataset
 */
function head(columns, pictured, dataset) {
  const shown = pictured ? columns : columns.filter((text) => text !== '' && !OF_OUTCOMES.has(text));
  return el(
    'thead',
    { attrs: { role: 'rowgroup' } },
    el(
      'tr',
      { attrs: { role: 'row' } },
      ...shown.flatMap((text, i) =>
        // The picture of the nearest image and its class share a heading.
        text ? el('th', { text: text === NEAREST ? `Nearest ${splitNoun('train', dataset)}` : text, attrs: { scope: 'col', role: 'columnheader', title: COLUMN_TITLES[text], colspan: shown[i + 1] === '' ? 2 : null } }) : [],
      ),
    ),
  );
}

/**
 * @param {string} name
 * @param {...import('./dom.js').Child} content
 */
function cell(name, ...content) {
  return el('td', { class: name, attrs: { role: 'cell' } }, ...content);
}

/**
 * @param {HTMLElement} node
 * @param {string} label
 */
function withLabel(node, label) {
  node.dataset['label'] = label;
  return node;
}

/**
 * Of 100 draws so many: "3.1", "0.02", "81 ± 0.3".
 * @param {Holes['mass']} estimate
 */
function ofHundred({ value, standard_error: error }) {
  const count = (/** @type {number} */ share) => percent(share).replace('%', '');
  return error === null ? count(value) : `${count(value)} ± ${count(error)}`;
}

/**
 * @param {Holes} holes
 * @param {DatasetInfo | null} dataset
 * @returns {string}
 */
export function summary({ threshold, mass, heldOut, plane, holes, found, note }, dataset) {
  const [training, tests] = [splitNoun('train', dataset, 2), splitNoun('test', dataset, 2)];
  const all = `Of 100 draws from the prior ${ofHundred(mass)} land where it promises at least ${threshold} times what the ${training} put there`;
  const test = `of the ${tests}’ mass ${percent(heldOut.value)} lies there, too.`;
  const hidden = found - holes.length;
  const small = hidden > 0 ? ` ${hidden} too small to list.` : '';
  if (plane) {
    const seen = `Of the marginals on the plane of ${plane.names.join(' and ')} ${ofHundred(plane.mass)} of 100 draws fall into holes: what lies over each of them, in the whole latent space, is a cylinder. Each is shown with a draw of the prior next to its peak.`;
    const none = `The marginals on the plane of ${plane.names.join(' and ')} show none of it: no place there promises ${threshold} times what the ${training} put there.`;
    return `In the whole latent space, ${all.replace(/^O/, 'o')}; ${test} ${holes.length > 0 ? seen : none}${small}${note && ` ${note}`}`;
  }
  if (holes.length === 0) {
    return `No hole at ${threshold}×: nowhere that counts does the prior promise ${threshold} times what the ${training} put there.${note && ` ${note}`}`;
  }
  return `${all}; ${test}${small}${note && ` ${note}`}`;
}
