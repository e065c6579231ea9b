/** @import {Run} from './contract' */
import { el, setText } from './dom.js';
import { epochInWords, keptInWords } from './epochs.js';
import { negativeElbo, number, percent, statusText, timeLeft } from './format.js';

/** Above a plane: which run it is, the two figures that matter, and how far its training is. */
export class PanelHead {
  #title = el('button', { attrs: { type: 'button' } });
  #name = el('span', { class: 'panel-name' });
  #figure = el('span', { class: 'panel-figure' });
  node = el(
    'header',
    { class: 'panel-head' },
    el('h3', { class: 'panel-title' }, this.#title),
    this.#name,
    this.#figure,
  );
  bar = el('progress', { class: 'bar', attrs: { max: 1, 'aria-label': 'Training' } });

  /** @param {() => void} activate */
  constructor(activate) {
    this.#title.addEventListener('click', activate);
  }

  /**
   * @param {string} title
   * @param {string} name
   */
  update(title, name) {
    setText(this.#title, title);
    setText(this.#name, name);
    this.#name.title = name;
  }

  /**
   * @param {Run} run
   * @param {{shown: number | null, chosen: number | null, timeless: boolean}} epoch null: the present;
   *   `timeless`: nothing of the past is stored
   */
  updateProgress(run, { shown, chosen, timeless }) {
    this.bar.hidden = run.status !== 'running';
    this.bar.value = run.progress.epoch / run.progress.epochs;
    if (shown !== null) this.#showEpoch(run, shown, chosen);
    else if (chosen !== null && timeless) this.#showText('Now: no epoch is stored');
    else if (run.metrics) this.#showFigures(run, run.metrics);
    else this.#showStatus(run);
  }

  /**
   * The figures are those of the weights that are kept: not of this epoch.
   * @param {Run} run
   * @param {number} shown
   * @param {number | null} chosen
   */
  #showEpoch(run, shown, chosen) {
    const kept = keptInWords(run);
    this.#figure.replaceChildren(
      el('strong', { text: epochInWords(run, shown, chosen) }),
      el('span', { class: 'panel-kept', text: kept && ` · ${kept}` }),
    );
    this.#figure.title = kept && `The weights of epoch ${run.best_epoch} are kept: the figures are theirs`;
  }

  /**
   * @param {Run} run
   * @param {NonNullable<Run['metrics']>} metrics
   */
  #showFigures(run, metrics) {
    const likelihood = metrics.test.log_likelihood;
    const holes = metrics.hole_mass[10];
    const { value, error } = negativeElbo(metrics.test.elbo);
    this.#figure.replaceChildren(
      el('span', { class: 'panel-extra', text: 'log p(x) ' }),
      el('span', { class: 'panel-likelihood' }, el('strong', { text: number(likelihood.value, 1) }), ' · '),
      'holes ',
      el('strong', { text: percent(holes.value) }),
    );
    const how = likelihood.standard_error === null ? 'exact' : `± ${number(likelihood.standard_error, 2)}`;
    this.#figure.title =
      `Log-likelihood of the test images in nats per image, ${how}: higher is better (−ELBO ${value} ${error}). ` +
      `Hole mass: of 100 draws from the prior, ${number(100 * holes.value, 1)} land where it promises over 10 times what the data put there. ` +
      `Weights ${keptInWords(run)}.`;
  }

  /** @param {string} text */
  #showText(text) {
    this.#figure.replaceChildren(text);
    this.#figure.title = '';
  }

  /** @param {Run} run */
  #showStatus(run) {
    const silent = run.status === 'queued' || run.status === 'finished';
    const left = timeLeft(run);
    this.#figure.replaceChildren(silent ? '' : statusText(run), el('span', { class: 'panel-extra', text: left && ` · ${left}` }));
    this.#figure.title = left;
  }
}
