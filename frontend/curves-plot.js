/** @import {Figure, PlotElement} from './plotly.js' */
import { saveText, toCsv } from './csv.js';
import { el } from './dom.js';
import { openMenu } from './menu.js';
import { CURVES_CONFIG, loadPlotly } from './plotly.js';

/**
 * What leaves the page: a figure that is complete in itself, and the curves as a table with the names of
 * the columns in front.
 * @typedef {{figure: Figure, table: (string | number)[][]}} Saved
 */

/** Curves that Plotly draws, and the button that saves them. */
export class CurvesPlot {
  #saved;
  #file;
  /** @type {PlotElement | null} */
  #plot = null;
  node;
  button;

  /**
   * @param {{name: string, look: string, file: string}} options name of the curves, for screen readers and the button; class in
   *   the style sheets; name of a file without its end
   * @param {() => Saved | null} saved null: there is nothing to save
   */
  constructor({ name, look, file }, saved) {
    this.#file = file;
    this.#saved = saved;
    this.node = el('div', { class: look, attrs: { role: 'img', 'aria-label': name } });
    this.button = el('button', {
      class: 'button small',
      text: 'Save',
      attrs: { type: 'button', 'aria-label': `Save ${name.toLowerCase()}`, disabled: true },
      on: { click: () => this.#openMenu() },
    });
  }

  /**
   * @param {Figure} figure
   * @param {() => void} onWait called if Plotly has to be loaded first
   * @returns {Promise<PlotElement | null>} the plot, when it is drawn for the first time
   */
  async draw({ data, layout }, onWait) {
    const plotly = await loadPlotly(onWait);
    const first = this.#plot === null;
    this.#plot = await plotly.react(this.node, data, layout, CURVES_CONFIG);
    this.button.disabled = false;
    return first ? this.#plot : null;
  }

  #openMenu() {
    openMenu(this.button, [
      { label: 'Save as PNG', act: () => this.#savePicture('png') },
      { label: 'Save as SVG', act: () => this.#savePicture('svg') },
      { label: 'Curves as CSV', act: () => this.#saveTable() },
    ]);
  }

  /** @param {'png' | 'svg'} format */
  async #savePicture(format) {
    const saved = this.#saved();
    if (!saved) return;
    const { width, height } = /** @type {{width: number, height: number}} */ (saved.figure.layout);
    const plotly = await loadPlotly();
    await plotly.downloadImage(saved.figure, { format, filename: this.#file, width, height, scale: format === 'png' ? 2 : 1 });
  }

  #saveTable() {
    const saved = this.#saved();
    if (saved) saveText(`${this.#file}.csv`, toCsv(saved.table));
  }
}
