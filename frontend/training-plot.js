/**
 * @import {Run} from './contract'
 * @import {Moment} from './moment.js'
 * @import {RunStore} from './runs.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 * @import {Curve} from './training-figure.js'
 */
import { sentence } from './api.js';
import { byId, el, setText, watchSight } from './dom.js';
import { CurvesPlot } from './curves-plot.js';
import { trainingFigure, trainingTable } from './training-figure.js';

/** Pause between two redraws while training goes on. */
const PAUSE_MS = 500;

/** Narrower plots have the names of their curves below instead of beside them. */
const LABELLED_PX = 560;

/** Size of the curves as a picture, in pixels. */
const SAVED = { width: 960, height: 540 };

const EXPLANATION =
  'Negative ELBO per image in nats over the epochs: lower is better. Lines: validation; dots: training. A click shows the panels at that epoch.';

/** The training curves of the runs on the stage, in one plot. */
export class TrainingPlot {
  #parts;
  #plot;
  #legend = el('ul', { class: 'curves-legend small' });
  #note = el('p', { class: 'small muted curves-note' });
  #visible = false;
  #timer = 0;
  #pending = false;

  /** @param {{runs: RunStore, store: ViewStore, titles: Titles, moment: Moment, palette: () => Palette}} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#plot = new CurvesPlot({ name: 'Training curves', look: 'curves', file: 'priorscope-training' }, () => this.#saved());
    const section = byId('training');
    section.append(
      el(
        'div',
        { class: 'section-head' },
        el('h2', { attrs: { id: 'training-title' }, text: 'Training' }),
        this.#note,
        el('div', { class: 'push section-tools' }, this.#plot.button),
      ),
      this.#plot.node,
      this.#legend,
    );
    watchSight(section, (visible) => {
      this.#visible = visible;
      this.update();
    });
    new ResizeObserver(() => this.#soon()).observe(this.#plot.node);
    parts.runs.subscribe((change) => {
      // A run that was queued has no curves to ask for until it changes.
      if (change.kind === 'list' || change.kind === 'run') this.update();
      else if (change.kind === 'history' && parts.store.state.runs.includes(change.id)) this.#soon();
    });
    parts.store.subscribe((state, previous) => {
      if (state.runs !== previous.runs) this.update();
      else if (state.epoch !== previous.epoch) this.#soon();
    });
    this.update();
  }

  /** Asks for the curves that are missing and draws those that are there. */
  update() {
    const runs = this.#shown();
    byId('training').hidden = runs.length === 0;
    if (!this.#visible) return;
    for (const run of runs) if (run.status !== 'queued') this.#parts.runs.loadHistory(run.id);
    this.#soon();
  }

  #shown() {
    const { runs, store } = this.#parts;
    return store.state.runs.flatMap((id) => runs.get(id) ?? []);
  }

  /** Draws at once, and then not again for a while. */
  #soon() {
    this.#pending = true;
    if (this.#timer || !this.#visible) return;
    this.#pending = false;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      if (this.#pending) this.#soon();
    }, PAUSE_MS);
    this.#draw();
  }

  /** @returns {Curve[]} */
  #curves() {
    const { runs, titles } = this.#parts;
    const shown = this.#shown();
    return shown.flatMap((run) => {
      const history = runs.history(run.id);
      return history && history.epoch.length > 0 ? [{ title: titles.short(run, shown), history }] : [];
    });
  }

  #saved() {
    const curves = this.#curves();
    const { palette, store } = this.#parts;
    const figure = trainingFigure(curves, { ...SAVED, labelled: true, palette: palette(), epoch: store.state.epoch });
    return curves.length ? { figure, table: trainingTable(curves) } : null;
  }

  async #draw() {
    const { store, palette } = this.#parts;
    const curves = this.#curves();
    setText(this.#note, curves.length ? EXPLANATION : 'The curves appear with the first epoch.');
    const { node } = this.#plot;
    node.hidden = curves.length === 0;
    const { clientWidth: width, clientHeight: height } = node;
    if (curves.length === 0 || width === 0) return;
    node.setAttribute('aria-label', this.#summary(this.#shown()));
    try {
      const labelled = width >= LABELLED_PX;
      this.#showLegend(labelled ? [] : curves.map(({ title }) => title));
      const figure = trainingFigure(curves, { width, height, labelled, palette: palette(), epoch: store.state.epoch });
      const begun = await this.#plot.draw(figure, () => setText(this.#note, 'Loading the plots…'));
      setText(this.#note, EXPLANATION);
      begun?.on('plotly_click', ({ points: [point] }) => this.#choose(Number(point?.x)));
    } catch (error) {
      setText(this.#note, sentence(error));
    }
  }

  /**
   * The panels go to the stored epoch that is nearest to the one clicked at.
   * @param {number} epoch
   */
  #choose(epoch) {
    const { store, moment } = this.#parts;
    const nearest = moment.epochs.toSorted((a, b) => Math.abs(a - epoch) - Math.abs(b - epoch))[0];
    if (nearest !== undefined) store.update({ epoch: nearest }, { record: false });
  }

  /** @param {string[]} names in the order of the colours */
  #showLegend(names) {
    const { runs: colors } = this.#parts.palette();
    this.#legend.replaceChildren(
      ...names.map((name, i) => {
        const item = el('li', { text: name });
        item.style.setProperty('--swatch', /** @type {string} */ (colors[i % colors.length]));
        return item;
      }),
    );
  }

  /** @param {Run[]} shown */
  #summary(shown) {
    const { runs, titles } = this.#parts;
    const parts = shown.flatMap((run) => {
      const last = runs.history(run.id)?.validation.elbo.at(-1);
      return last === undefined ? [] : [`${titles.full(run)} ${(-last).toFixed(1)}`];
    });
    return `Training curves. Last validation −ELBO: ${parts.join(', ')}.`;
  }
}
