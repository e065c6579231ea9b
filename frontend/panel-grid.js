/** @import {PageParts, StageParts} from './panel-context.js' */
import { el } from './dom.js';
import { gridShape } from './geometry.js';
import { LatentPlot } from './latent-plot.js';
import { runsOnStage } from './panel-context.js';

/** Height of a panel's title and padding. */
const PANEL_HEADER = 58;

/** The panels: as many as there are runs on the stage, or the active one alone. */
export class PanelGrid {
  #context;
  #own;
  #narrow = window.matchMedia('(max-width: 719px)');
  /** @type {Map<string, LatentPlot>} */
  #plots = new Map();
  node = el('div', { class: 'panels' });

  /**
   * @param {PageParts} context
   * @param {() => StageParts} own what the panels share
   * @param {() => void} onNarrow the window has become narrow, or wide
   */
  constructor(context, own, onNarrow) {
    this.#context = context;
    this.#own = own;
    new ResizeObserver(() => this.#arrange()).observe(this.node);
    this.#narrow.addEventListener('change', onNarrow);
  }

  /** Whether one panel is shown although there may be several runs. */
  get single() {
    return this.#narrow.matches || this.#context.store.state.large;
  }

  get all() {
    return [...this.#plots.values()];
  }

  /** @returns {LatentPlot[]} */
  get shown() {
    const { state } = this.#context.store;
    const ids = this.single && state.active ? [state.active] : state.runs;
    return ids.flatMap((id) => this.#plots.get(id) ?? []);
  }

  /**
   * @param {string} id of a run
   * @returns {LatentPlot | undefined}
   */
  of(id) {
    return this.#plots.get(id);
  }

  /** Has a panel for each run on the stage, and shows those that are to be seen. */
  update() {
    const present = runsOnStage(this.#context).map(({ id }) => id);
    for (const [id, plot] of this.#plots) {
      if (present.includes(id)) continue;
      plot.dispose();
      this.#plots.delete(id);
    }
    for (const id of present) if (!this.#plots.has(id)) this.#plots.set(id, new LatentPlot(id, { ...this.#context, ...this.#own() }));
    const nodes = this.shown.map(({ node }) => node);
    if (nodes.length !== this.node.children.length || nodes.some((node, i) => node !== this.node.children[i])) {
      this.node.replaceChildren(...nodes);
    }
    this.node.hidden = present.length === 0;
    this.#arrange();
    for (const plot of this.shown) plot.update();
  }

  #arrange() {
    const { shown } = this;
    const { clientWidth, clientHeight } = this.node;
    if (shown.length === 0 || clientWidth === 0) return;
    const { rows, columns } = gridShape(shown.length, clientWidth, clientHeight, PANEL_HEADER);
    this.node.style.setProperty('--rows', String(rows));
    this.node.style.setProperty('--columns', String(columns));
    // The bottom left panel says what the axes are, for all of them.
    shown.forEach((plot, i) => {
      plot.named = i === (rows - 1) * columns;
    });
  }
}
