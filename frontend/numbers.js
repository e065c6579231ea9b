/**
 * @import {Run} from './contract'
 * @import {Row} from './figures-table.js'
 * @import {HoleCurveOfRun} from './hole-curves.js'
 * @import {RunStore} from './runs.js'
 * @import {Science} from './science.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { sentence } from './api.js';
import { saveText } from './csv.js';
import { byId, el, setText, watchSight } from './dom.js';
import { likelihoodsInWords } from './figure-list.js';
import { figuresCsv, figuresTable } from './figures-table.js';
import { percent } from './format.js';
import { CurvesPlot } from './curves-plot.js';
import { DASHES, holeCurvesFigure, holeCurvesTable } from './hole-curves.js';
import { withLegend } from './plain-figure.js';
import { Segments, toggleButton } from './segments.js';
import { surgeryBars } from './surgery-bars.js';

/** Side of the hole curves as a picture, in pixels. */
const SAVED_SIDE = 640;

const SVG = 'http://www.w3.org/2000/svg';

/** The numbers of the runs on the stage side by side: a table, ELBO surgery, hole curves. */
export class Numbers {
  #parts;
  #all = false;
  #visible = false;
  #table = el('div', { class: 'figures-frame', attrs: { tabindex: 0, role: 'region', 'aria-label': 'Table of figures' } });
  #measures = el('p', { class: 'small muted figures-note' });
  #more = toggleButton('All figures', 'Also those at other thresholds, and the parts of the marginal KL', () => {
    this.#all = !this.#all;
    this.update();
  });
  #save = el('button', { class: 'button small', text: 'Save as CSV', attrs: { type: 'button', title: 'All figures of these runs with all their digits' } });
  #split;
  #surgery = el('div');
  #curves = new CurvesPlot({ name: 'Hole curves', look: 'hole-curves', file: 'priorscope-hole-curves' }, () => this.#saved());
  /** The curves that are on the screen. @type {HoleCurveOfRun[]} */
  #known = [];
  #legend = el('ul', { class: 'hole-curves-legend small' });
  #note = el('p', { class: 'small muted', attrs: { role: 'status' } });
  #figures = el('div', { class: 'numbers-figures' });

  /** @param {{runs: RunStore, store: ViewStore, titles: Titles, science: Science, palette: () => Palette}} parts */
  constructor(parts) {
    this.#parts = parts;
    const { runs, store, science } = parts;
    this.#split = new Segments(
      'Data',
      [
        { value: 'test', text: 'Test data', title: 'The ELBO of the test data; its q, too' },
        { value: 'train', text: 'Training data', title: 'The ELBO of the training data; its q, too' },
      ],
      (split) => store.update({ split: split === 'train' ? 'train' : 'test' }),
    );
    this.#more.classList.add('small');
    this.#save.addEventListener('click', () => saveText('priorscope-figures.csv', figuresCsv(this.#rows())));
    this.#build();
    watchSight(
      byId('numbers'),
      (visible) => {
        this.#visible = visible;
        this.update();
      },
      { root: byId('main') },
    );
    runs.subscribe((change) => {
      if (change.kind === 'list' || (change.kind === 'run' && store.state.runs.includes(change.id))) this.update();
    });
    store.subscribe((state, previous) => {
      if (state.runs !== previous.runs || state.sort !== previous.sort || state.split !== previous.split) this.update();
    });
    science.subscribe((run) => {
      if (store.state.runs.includes(run)) this.#drawCurves();
    });
    new ResizeObserver(() => this.#drawCurves()).observe(this.#figures);
    this.update();
  }

  #build() {
    this.#figures.append(
      el(
        'div',
        {},
        el('div', { class: 'section-head' }, el('h3', { text: 'ELBO surgery' }), this.#split.node),
        el('p', {
          class: 'small muted',
          text: 'What the encoder pays for, in nats per image, taken apart in two ways that end at the same place. Added to the reconstruction, which both share, it is the −ELBO.',
        }),
        this.#surgery,
      ),
      el(
        'div',
        {},
        el('div', { class: 'section-head' }, el('h3', { text: 'Hole curves' }), el('div', { class: 'push' }, this.#curves.button)),
        el('p', {
          class: 'small muted',
          text: 'How much of the prior fits into a region with no more than a share ε of the data. On the diagonal there are no holes; the dots are H(.05).',
        }),
        this.#curves.node,
        this.#legend,
        this.#note,
      ),
    );
    byId('numbers').append(
      el('div', { class: 'section-head' }, el('h2', { text: 'Numbers', attrs: { id: 'numbers-title' } }), el('div', { class: 'push section-tools' }, this.#more, this.#save)),
      this.#table,
      this.#measures,
      el('p', {
        class: 'small muted figures-note',
        text: 'Nats per image or row, or shares. ± is the standard error of the estimate for these images and this training: other seeds and images differ by more. Bold: best, or not to be told from it by that error; differences between seeds are not in it.',
      }),
      this.#figures,
    );
  }

  /** @returns {Run[]} */
  #shown() {
    const { runs, store } = this.#parts;
    return store.state.runs.flatMap((id) => runs.get(id) ?? []);
  }

  /** @returns {Row[]} */
  #rows() {
    const shown = this.#shown();
    return shown.map((run) => ({ run, title: this.#parts.titles.short(run, shown), figures: run.metrics }));
  }

  update() {
    const rows = this.#rows();
    const { store } = this.#parts;
    byId('numbers').hidden = rows.length === 0;
    if (rows.length === 0 || !this.#visible) return;
    const measured = rows.some(({ figures }) => figures);
    this.#more.setAttribute('aria-pressed', String(this.#all));
    this.#save.disabled = !measured;
    this.#split.show(store.state.split);
    this.#figures.hidden = !measured;
    const focused = this.#focused();
    this.#table.replaceChildren(figuresTable(rows, { store, all: this.#all }));
    if (focused) /** @type {HTMLElement | null} */ (this.#table.querySelector(focused))?.focus();
    setText(this.#measures, likelihoodsInWords(rows).text);
    this.#surgery.replaceChildren(surgeryBars(rows, store.state.split));
    this.#drawCurves();
  }

  /** The heading that has the focus, which sorting must not take away. */
  #focused() {
    const active = document.activeElement;
    const figure = active instanceof HTMLElement && this.#table.contains(active) ? active.dataset['figure'] : undefined;
    return figure && `[data-figure="${figure}"]`;
  }

  async #drawCurves() {
    if (!this.#visible || this.#figures.hidden) return;
    const { science, palette } = this.#parts;
    const measured = this.#rows().filter(({ run, figures }) => figures && run.checkpoint > 0);
    const known = measured.map((row) => ({ row, metrics: science.metrics(row.run) }));
    const problem = known.find(({ metrics }) => metrics.problem)?.metrics.problem ?? '';
    const missing = known.some(({ metrics }) => !metrics.value && !metrics.problem);
    const said = problem ? `A hole curve could not be read: ${problem}` : missing ? 'Loading hole curves…' : '';
    setText(this.#note, said);
    this.#known = known.flatMap(({ row, metrics }) =>
      metrics.value ? [{ title: row.title, curve: metrics.value.hole_curve, headline: metrics.value.hole_at_5_percent }] : [],
    );
    this.#showLegend(this.#known);
    const side = Math.min(400, this.#curves.node.clientWidth);
    if (side === 0 || this.#known.length === 0) return;
    try {
      await this.#curves.draw(holeCurvesFigure(this.#known, { side, palette: palette() }), () => setText(this.#note, 'Loading the plots…'));
      setText(this.#note, said);
    } catch (error) {
      setText(this.#note, sentence(error));
    }
  }

  #saved() {
    const figure = withLegend(holeCurvesFigure(this.#known, { side: SAVED_SIDE, palette: this.#parts.palette() }));
    return this.#known.length ? { figure, table: holeCurvesTable(this.#known) } : null;
  }

  /** @param {HoleCurveOfRun[]} curves */
  #showLegend(curves) {
    const { runs: colors } = this.#parts.palette();
    this.#legend.replaceChildren(
      ...curves.map(({ title, headline }, i) => {
        const sample = document.createElementNS(SVG, 'svg');
        sample.setAttribute('class', 'line-sample');
        sample.setAttribute('aria-hidden', 'true');
        const line = document.createElementNS(SVG, 'path');
        line.setAttribute('d', 'M0 6h32');
        line.setAttribute('stroke', /** @type {string} */ (colors[i % colors.length]));
        line.setAttribute('stroke-dasharray', SAMPLES[DASHES[i % DASHES.length] ?? ''] ?? '');
        sample.append(line);
        return el('li', {}, sample, el('span', { text: title }), el('b', { text: `H(.05) ${percent(headline.value)}` }));
      }),
    );
  }
}

/** @type {Record<string, string>} Plotly's dashes for a line of this width. */
const SAMPLES = { dash: '9 5', dot: '2 3', dashdot: '7 4 2 4', longdash: '13 5', longdashdot: '12 4 2 4' };
