/** @import {Density} from './density.js' */
/** @import {Box} from './geometry.js' */
/** @import {PlaneOptions} from './plane-figure.js' */
/** @import {PlotElement} from './plotly.js' */
/** @import {Viewport} from './viewport.js' */
import { el } from './dom.js';
import { planeFigure } from './plane-figure.js';
import { PLANE_CONFIG, loadPlotly } from './plotly.js';
import { viewportOf } from './viewport.js';

/**
 * @typedef {object} PlaneMoves
 * @property {(range: Box) => void} moving a drag or a wheel zoom is under way
 * @property {(range: Box) => void} moved it has ended
 */

/** Axes and contours of a plane: what Plotly draws. */
export class PlanePlot {
  #moves;
  /** @type {PlotElement | null} */
  #plot = null;
  /** What is on the screen, but for the range of the axes. */
  #drawn = '';
  #disposed = false;
  /** Whether a drag or a wheel zoom is under way. */
  held = false;
  /** @type {Viewport | null} */
  viewport = null;
  node = el('div', { class: 'plane-plot' });

  /** @param {PlaneMoves} moves */
  constructor(moves) {
    this.#moves = moves;
  }

  dispose() {
    this.#disposed = true;
    if (this.#plot) loadPlotly().then((plotly) => plotly.purge(this.node));
  }

  /**
   * Draws what differs from what is on the screen.
   * @param {PlaneOptions} options
   * @returns {Promise<boolean>} false if something else is drawn meanwhile
   */
  async show(options) {
    const { levels, width, height, named, palette, density, range } = options;
    const key = JSON.stringify([levels, width, height, named, palette.ground, densityId(density)]);
    if (key !== this.#drawn || !this.#shows(range)) {
      this.#drawn = key;
      const { data, layout } = planeFigure(options);
      try {
        const plotly = await loadPlotly();
        if (this.#disposed || this.#drawn !== key) return false;
        this.#shift('');
        const plot = await plotly.react(this.node, data, layout, PLANE_CONFIG);
        if (!this.#plot) this.#listen(plot);
        this.#plot = plot;
      } catch (error) {
        this.#drawn = '';
        throw error;
      }
    }
    if (!this.#plot || this.#disposed) return false;
    this.viewport = viewportOf(this.#plot);
    return true;
  }

  /**
   * Whether Plotly's axes are there already, as after a drag.
   * @param {Box} range
   */
  #shows(range) {
    if (!this.#plot) return false;
    const shown = viewportOf(this.#plot).range;
    return range.every((v, i) => Math.abs(v - /** @type {number} */ (shown[i])) < 1e-4 * (range[1] - range[0]));
  }

  /**
   * Shows another part of the plane in passing: contours are moved, not drawn anew, and the axes stay.
   * @param {Box} range
   */
  follow(range) {
    if (!this.#plot || !this.viewport) return;
    const drawn = viewportOf(this.#plot);
    const k1 = (drawn.range[1] - drawn.range[0]) / (range[1] - range[0]);
    const k2 = (drawn.range[3] - drawn.range[2]) / (range[3] - range[2]);
    const x = ((drawn.range[0] - range[0]) / (range[1] - range[0])) * drawn.width;
    const y = ((range[3] - drawn.range[3]) / (range[3] - range[2])) * drawn.height;
    this.#shift(`matrix(${k1} 0 0 ${k2} ${x} ${y})`);
    this.viewport = { ...drawn, range };
  }

  /** @param {string} transform of the layers of the plot */
  #shift(transform) {
    for (const layer of this.node.querySelectorAll('.cartesianlayer .plot > *')) {
      if (transform) layer.setAttribute('transform', transform);
      else layer.removeAttribute('transform');
    }
  }

  /** @param {PlotElement} plot */
  #listen(plot) {
    plot.on('plotly_relayouting', () => {
      this.held = true;
      this.viewport = viewportOf(plot);
      this.#moves.moving(this.viewport.range);
    });
    plot.on('plotly_relayout', () => {
      // Plotly also reports a double click, which moves nothing.
      const moved = this.held;
      this.held = false;
      if (moved) this.#moves.moved(viewportOf(plot).range);
    });
  }
}

/**
 * Numbers that tell densities apart.
 * @param {Density | null} density
 */
function densityId(density) {
  return density ? [density.field, density.checkpoint, density.epoch, density.z1.length, ...density.bounds] : [];
}
