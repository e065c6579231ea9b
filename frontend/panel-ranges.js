/**
 * @import {Box} from './geometry.js'
 * @import {LatentPlot} from './latent-plot.js'
 * @import {PageParts} from './panel-context.js'
 */
import { sharesRanges } from './comparison.js';
import { unionBox } from './geometry.js';
import { runsOnStage } from './panel-context.js';
import { EVERY_PANEL } from './state.js';

/** Which part of the plane each panel shows: its own, or the same in all of them. */
export class PanelRanges {
  #context;
  #panels;
  #following = 0;
  #homeKey = '';

  /**
   * @param {Pick<PageParts, 'runs' | 'store'>} context
   * @param {{all: () => LatentPlot[], shown: () => LatentPlot[], of: (id: string) => LatentPlot | undefined}} panels
   */
  constructor(context, panels) {
    this.#context = context;
    this.#panels = panels;
  }

  get shared() {
    return sharesRanges(this.#context.store.state, runsOnStage(this.#context));
  }

  #homes() {
    return this.#panels.all().flatMap(({ data }) => (data.home ? [data.home] : []));
  }

  /**
   * What a panel shows.
   * @param {string} id
   * @param {Box} home holds everything in it
   * @returns {Box}
   */
  view(id, home) {
    const { views } = this.#context.store.state;
    if (!this.shared) return views[id] ?? home;
    return views[EVERY_PANEL] ?? unionBox([home, ...this.#homes()]);
  }

  /**
   * @param {string} id
   * @param {Box | null} view null: all that there is
   */
  set(id, view) {
    const { store } = this.#context;
    const key = this.shared ? EVERY_PANEL : id;
    cancelAnimationFrame(this.#following);
    const { [key]: _, ...others } = store.state.views;
    store.update({ views: view ? { ...others, [key]: view } : others });
  }

  /**
   * The others move along with a panel that is being dragged.
   * @param {string} id
   * @param {Box} range
   */
  moving(id, range) {
    if (!this.shared) return;
    cancelAnimationFrame(this.#following);
    this.#following = requestAnimationFrame(() => {
      const dragged = this.#panels.of(id);
      for (const plot of this.#panels.shown()) if (plot !== dragged) plot.follow(range);
    });
  }

  /** Whether panels with one range have to be drawn anew, since what they hold has become larger or smaller. */
  homesChanged() {
    if (!this.shared) return false;
    const key = JSON.stringify(this.#homes());
    const changed = key !== this.#homeKey;
    this.#homeKey = key;
    return changed;
  }
}
