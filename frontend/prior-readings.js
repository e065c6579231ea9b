/**
 * @import {Run} from './contract'
 * @import {Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Titles} from './titles.js'
 */
import { sharesSpace } from './comparison.js';
import { el } from './dom.js';
import { number } from './format.js';
import { LatestOnly } from './latest.js';
import { decodeOne } from './picture-cache.js';
import { ratioInShort } from './ratio.js';
import { versionOf } from './version.js';

/**
 * @typedef {{run: string, logPrior: number, logPosterior: number}} Reading
 */

/**
 * What every prior says about the same place, where the panels have one latent space: there is one
 * decoded picture then, and as many log densities as there are priors.
 */
export class PriorReadings {
  #parts;
  #requests = new LatestOnly();
  /** @type {Reading[]} */
  #readings = [];
  /** Place and versions that were asked for last: the probe tells of the same place more than once. */
  #asked = '';
  #body = el('tbody');
  node = el(
    'table',
    { class: 'prior-readings small', attrs: { hidden: true } },
    el('caption', { class: 'visually-hidden', text: 'Log densities at this place under every prior on the stage' }),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { text: 'Prior', attrs: { scope: 'col' } }),
        el('th', { text: 'log p', attrs: { scope: 'col', title: 'Log density of the prior' } }),
        el('th', { text: 'log q', attrs: { scope: 'col', title: 'Log density of the aggregated posterior, the same for all: there is one encoder' } }),
        el('th', { text: 'p/q', attrs: { scope: 'col', title: 'How many times what the data put here the prior promises' } }),
      ),
    ),
    this.#body,
  );

  /** @param {{probe: Probe, runs: RunStore, store: ViewStore, titles: Titles}} parts */
  constructor(parts) {
    this.#parts = parts;
    const { probe, runs, store } = parts;
    probe.subscribe(() => this.#update());
    store.subscribe((state, previous) => {
      if (state.runs !== previous.runs) this.#update();
    });
    runs.subscribe((change) => {
      const told = change.kind === 'run' || change.kind === 'progress';
      if (change.kind === 'list' || (told && store.state.runs.includes(change.id))) this.#update();
    });
  }

  /** Runs of the one latent space; none where the panels have several. */
  get #runs() {
    const { runs, store } = this.#parts;
    const shown = store.state.runs.flatMap((id) => runs.get(id) ?? []);
    return sharesSpace(shown) ? shown.filter(({ checkpoint }) => checkpoint > 0) : [];
  }

  #update() {
    const { place } = this.#parts.probe;
    const runs = this.#runs;
    if (!place || runs.length < 2) {
      this.#requests.clear();
      this.#asked = '';
      this.#readings = [];
      this.node.hidden = true;
      return;
    }
    const key = [place.z, ...runs.map((run) => `${run.id} ${versionOf(run)}`)].join();
    if (key === this.#asked) {
      this.#show();
      return;
    }
    this.#asked = key;
    this.#requests.submit(() => this.#ask(key, place.z, runs));
  }

  /**
   * @param {string} key
   * @param {number[]} z
   * @param {Run[]} runs
   */
  async #ask(key, z, runs) {
    /** @type {Reading[]} */
    let readings = [];
    let failed = false;
    try {
      readings = await Promise.all(
        runs.map(async ({ id }) => {
          const { logPrior, logPosterior } = await decodeOne(id, z, { detailed: false });
          return { run: id, logPrior, logPosterior };
        }),
      );
    } catch {
      // The card tells what is wrong with the place itself.
      failed = true;
    }
    // Nobody looks any more.
    if (!this.#asked) return;
    // Whoever hears of the place next asks again.
    if (failed && this.#asked === key) this.#asked = '';
    this.#readings = readings;
    this.#show();
  }

  #show() {
    const { runs, titles, probe } = this.#parts;
    const all = this.#readings.flatMap(({ run }) => runs.get(run) ?? []);
    this.node.hidden = all.length === 0;
    this.#body.replaceChildren(
      ...this.#readings.flatMap(({ run: id, logPrior, logPosterior }) => {
        const run = runs.get(id);
        if (!run) return [];
        return el(
          'tr',
          { data: { run: id, own: String(probe.place?.run === id) } },
          el('th', { text: titles.short(run, all), attrs: { scope: 'row', title: titles.full(run) } }),
          el('td', { text: number(logPrior) }),
          el('td', { text: number(logPosterior) }),
          el('td', { text: ratioInShort(logPrior - logPosterior) }),
        );
      }),
    );
  }
}
