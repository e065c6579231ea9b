/**
 * @import {DatasetInfo, Run} from './contract'
 * @import {Encodings} from './encodings.js'
 * @import {Box, Point} from './geometry.js'
 * @import {LatentData} from './latent-data.js'
 * @import {Moment} from './moment.js'
 * @import {Levels} from './levels.js'
 * @import {LinkedImage} from './linked-image.js'
 * @import {Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {Science} from './science.js'
 * @import {Selection} from './selection.js'
 * @import {Snapshots} from './snapshots.js'
 * @import {Field, ViewStore} from './state.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { record, unlessAborted } from './animation.js';
import { ComparisonBar } from './comparison-bar.js';
import { sharesRanges, sharesSpace } from './comparison.js';
import { byId, el, setText } from './dom.js';
import { FrameCache } from './frames.js';
import { gridShape, unionBox } from './geometry.js';
import { LatentPlot } from './latent-plot.js';
import { FIELD_NAMES, FieldBar } from './field-bar.js';
import { Legend } from './legend.js';
import { RATIO_LEVELS, levelsFor } from './levels.js';
import { RedrawQueue } from './redraw-queue.js';
import { SelectTool } from './select-tool.js';
import { EVERY_PANEL, showsHoles } from './state.js';

/** Height of a panel's title and padding. */
const PANEL_HEADER = 58;

/** Until the panels are looked at again, while they are waited for. */
const SETTLING_MS = 12;

/** What decides about frame, contours and the colours of points. */
const VIEW_OF_PLANES = /** @type {const} */ (['views', 'ranges', 'classes', 'select', 'field']);

/** What decides about all that lies over the contours. */
const VIEW_OF_PARTS = /** @type {const} */ (['field', 'holes', 'threshold', 'anatomy', 'manifold', 'path', 'at']);

/**
 * @typedef {object} StageParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Probe} probe
 * @property {Science} science
 * @property {Encodings} encodings
 * @property {LinkedImage} linked
 * @property {Selection} selection
 * @property {Snapshots} snapshots
 * @property {Moment} moment
 * @property {(key: string) => boolean} timeKey
 * @property {() => Palette} palette
 * @property {() => DatasetInfo[]} datasets
 * @property {(place: {run: string, z: number[]}) => void} pin
 * @property {() => void} onNew
 * @property {() => void} onCompare
 */

/** The panels: as many as there are runs in the comparison, or the active one alone. */
export class Stage {
  #parts;
  #fieldBar;
  #legend;
  #comparison;
  tool = new SelectTool();
  #queue = new RedrawQueue();
  #frames = new FrameCache();
  #narrow = window.matchMedia('(max-width: 719px)');
  /** @type {Map<string, LatentPlot>} */
  #plots = new Map();
  #notice = el('p', { class: 'notice', attrs: { role: 'status' } });
  #tabs = el('div', { class: 'tabs', attrs: { role: 'tablist', 'aria-label': 'Runs on the stage' } });
  #panels = el('div', { class: 'panels' });
  #empty = el('div', { class: 'stage-empty' });
  #sharedKey = '';
  #homeKey = '';
  #following = 0;
  /** What was said about the runs that are on the stage now. */
  #said = { text: '', runs: /** @type {string[]} */ ([]) };

  /** @param {StageParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#legend = new Legend(parts.store);
    this.#fieldBar = new FieldBar(parts.store);
    this.#comparison = new ComparisonBar(parts.store);
    this.#fieldBar.tools.prepend(this.tool.node);
    this.#legend.node.append(this.#fieldBar.tools);
    byId('stage').append(this.#fieldBar.node, this.#legend.node, this.#comparison.node, this.#notice, this.#tabs, this.#panels, this.#empty);
    new ResizeObserver(() => this.#arrange()).observe(this.#panels);
    this.#narrow.addEventListener('change', () => this.render());
    parts.runs.subscribe((change) => this.#onRuns(change));
    parts.store.subscribe((state, previous) => {
      if (state.runs !== previous.runs || state.active !== previous.active || state.large !== previous.large) this.render();
      else if (state.levels !== previous.levels) this.#levelsChanged();
      if (VIEW_OF_PLANES.some((key) => state[key] !== previous[key])) this.redraw();
      if (state.ranges !== previous.ranges) this.#showComparison();
      if (VIEW_OF_PARTS.some((key) => state[key] !== previous[key])) this.#showParts();
      if (state.pins !== previous.pins) this.#showMarks();
    });
    parts.probe.subscribe(() => this.#showMarks());
    parts.encodings.subscribe(() => this.#showMarks());
    parts.linked.subscribe(() => this.#showMarks());
    parts.selection.subscribe(() => this.redraw());
    parts.moment.subscribe(() => {
      for (const plot of this.#shown()) plot.update();
    });
    parts.science.subscribe((run) => this.#plots.get(run)?.showParts());
    this.render();
  }

  /** @param {import('./runs.js').Change} change */
  #onRuns(change) {
    if (change.kind === 'list') this.render();
    else if (change.kind === 'run') this.#plots.get(change.id)?.update();
    else if (change.kind === 'progress') this.#plots.get(change.id)?.update();
    else if (change.kind === 'connection' && this.#parts.runs.connection === 'live') {
      for (const plot of this.#plots.values()) plot.update();
    }
  }

  #showMarks() {
    for (const plot of this.#shown()) plot.showMarks();
  }

  #showParts() {
    for (const plot of this.#shown()) plot.showParts();
  }

  /** Resolves when all panels show the epoch that they are to show. */
  async settled() {
    while (!this.#shown().every((plot) => plot.settled)) await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  }

  /**
   * The panels go through their training, away from the screen.
   * @param {import('./animation-dialog.js').Choice} choice
   * @param {(painted: number) => void} onProgress
   * @param {AbortSignal} signal
   */
  async record(choice, onProgress, signal) {
    const { state } = this.#parts.store;
    const { field, threshold } = state;
    const known = await unlessAborted(Promise.all(this.#shown().map((plot) => plot.scene())), signal);
    const scenes = known.filter((scene) => scene !== null);
    if (scenes.length === 0) throw new Error('No panel has anything to record yet.');
    const range = this.#sharesRanges && unionBox(scenes.map((scene) => scene.range));
    const film = {
      ...choice,
      field,
      scenes: range ? scenes.map((scene) => ({ ...scene, range })) : scenes,
      caption: `${FIELD_NAMES[field].text} and encoded test images`,
      threshold: showsHoles(state) ? threshold : null,
    };
    return record(film, onProgress, signal);
  }

  /** Draws all panels anew: theme, classes or frames have changed. */
  redraw() {
    this.#showKey();
    const active = this.plot(this.#parts.store.state.active ?? '');
    for (const plot of this.#shown()) {
      plot.showParts();
      // Twelve at once would hold up the pointer: the panel in hand comes first, the others one by one.
      if (plot === active) plot.refresh();
      else this.#queue.add(plot, async () => plot.refresh(), 0);
    }
  }

  /**
   * @param {string} run
   * @returns {LatentPlot | undefined}
   */
  plot(run) {
    return this.#plots.get(run);
  }

  render() {
    const { runs, store } = this.#parts;
    const present = store.state.runs.filter((id) => runs.get(id));
    for (const [id, plot] of this.#plots) {
      if (present.includes(id)) continue;
      plot.dispose();
      this.#plots.delete(id);
    }
    for (const id of present) if (!this.#plots.has(id)) this.#plots.set(id, new LatentPlot(id, this.#shared()));
    const shown = this.#shown();
    const nodes = shown.map(({ node }) => node);
    if (nodes.length !== this.#panels.children.length || nodes.some((node, i) => node !== this.#panels.children[i])) {
      this.#panels.replaceChildren(...nodes);
    }
    this.#showTabs(present);
    this.#showNotice(present);
    this.#showEmpty(present);
    this.#showComparison();
    this.#legend.node.hidden = present.length === 0;
    this.#fieldBar.node.hidden = present.length === 0;
    this.#legend.setLabels(present.length ? this.#datasetOf(/** @type {Run} */ (runs.get(/** @type {string} */ (present[0])))) : null);
    this.#arrange();
    for (const plot of shown) plot.update();
    this.#showKey();
  }

  get #single() {
    return this.#narrow.matches || this.#parts.store.state.large;
  }

  /** @returns {LatentPlot[]} */
  #shown() {
    const { state } = this.#parts.store;
    const ids = this.#single && state.active ? [state.active] : state.runs;
    return ids.flatMap((id) => this.#plots.get(id) ?? []);
  }

  #arrange() {
    const shown = this.#shown();
    const { clientWidth, clientHeight } = this.#panels;
    if (shown.length === 0 || clientWidth === 0) return;
    const { rows, columns } = gridShape(shown.length, clientWidth, clientHeight, PANEL_HEADER);
    this.#panels.style.setProperty('--rows', String(rows));
    this.#panels.style.setProperty('--columns', String(columns));
    // The bottom left panel says what the axes are, for all of them.
    shown.forEach((plot, i) => {
      plot.named = i === (rows - 1) * columns;
    });
  }

  #shared() {
    const { runs, store, titles, probe, science, encodings, linked, selection, snapshots, moment, palette, pin, timeKey } = this.#parts;
    return {
      linked,
      selection,
      tool: this.tool,
      view: (/** @type {string} */ id, /** @type {Box} */ home) => this.#view(id, home),
      setView: (/** @type {string} */ id, /** @type {Box | null} */ view) => this.#setView(id, view),
      moving: (/** @type {string} */ id, /** @type {Box} */ range) => this.#moving(id, range),
      oneSpace: () => sharesSpace(this.#present),
      select: (/** @type {string} */ run, /** @type {Point[]} */ polygon) => this.#select(run, polygon),
      runs,
      science,
      encodings,
      snapshots,
      moment,
      frames: this.#frames,
      timeKey,
      store,
      titles,
      probe,
      palette,
      pin,
      queue: this.#queue,
      levels: (/** @type {LatentData} */ data) => this.#levels(data),
      labelNames: (/** @type {Run} */ run) => this.#datasetOf(run)?.label_names ?? [],
      imageShape: (/** @type {Run} */ run) => this.#datasetOf(run)?.image_shape,
      dataChanged: () => this.#dataChanged(),
      turn: (/** @type {1 | -1} */ step) => this.#turn(step),
    };
  }

  /** @param {Run} run */
  #datasetOf(run) {
    return this.#parts.datasets().find(({ id }) => id === run.config.dataset) ?? null;
  }

  /**
   * @param {string} run
   * @param {Point[]} polygon
   */
  #select(run, polygon) {
    const epoch = this.#plots.get(run)?.data.epoch ?? null;
    this.#parts.store.update({ select: { run, epoch, polygon } });
  }

  // Ranges ------------------------------------------------------------------------------------

  /** The runs on the stage. */
  get #present() {
    const { runs, store } = this.#parts;
    return store.state.runs.flatMap((id) => runs.get(id) ?? []);
  }

  get #sharesRanges() {
    return sharesRanges(this.#parts.store.state, this.#present);
  }

  #homes() {
    return [...this.#plots.values()].map(({ data }) => data.home).filter((home) => home !== null);
  }

  /**
   * @param {string} id
   * @param {Box} home
   * @returns {Box}
   */
  #view(id, home) {
    const { views } = this.#parts.store.state;
    if (!this.#sharesRanges) return views[id] ?? home;
    return views[EVERY_PANEL] ?? unionBox([home, ...this.#homes()]);
  }

  /**
   * @param {string} id
   * @param {Box | null} view
   */
  #setView(id, view) {
    const { store } = this.#parts;
    const key = this.#sharesRanges ? EVERY_PANEL : id;
    cancelAnimationFrame(this.#following);
    const { [key]: _, ...others } = store.state.views;
    store.update({ views: view ? { ...others, [key]: view } : others });
  }

  /**
   * The others move along with a panel that is being dragged.
   * @param {string} id
   * @param {Box} range
   */
  #moving(id, range) {
    if (!this.#sharesRanges) return;
    cancelAnimationFrame(this.#following);
    this.#following = requestAnimationFrame(() => {
      for (const plot of this.#shown()) if (plot !== this.#plots.get(id)) plot.follow(range);
    });
  }

  #dataChanged() {
    this.#levelsChanged();
    this.#parts.selection.update();
    if (!this.#sharesRanges) return;
    const key = JSON.stringify(this.#homes());
    if (key === this.#homeKey) return;
    this.#homeKey = key;
    for (const plot of this.#shown()) this.#queue.add(plot, async () => plot.refresh());
  }

  #showComparison() {
    this.#comparison.show(this.#present, this.#sharesRanges);
  }

  // Contour levels ----------------------------------------------------------------------------

  /**
   * @param {LatentData} data
   * @returns {Levels}
   */
  #levels(data) {
    const { field, levels } = this.#parts.store.state;
    const shown = data.density?.field ?? field;
    if (levels === 'own' && shown !== 'log_ratio') return levelsFor(references([data], shown));
    return this.#sharedLevels(shown);
  }

  /**
   * @param {Field} field
   * @returns {Levels}
   */
  #sharedLevels(field) {
    if (field === 'log_ratio') return RATIO_LEVELS;
    return levelsFor(references([...this.#plots.values()].map(({ data }) => data), field));
  }

  /** Other panels follow only if the levels that they share have really changed. */
  #levelsChanged() {
    const { levels, field } = this.#parts.store.state;
    const key = levels === 'own' ? 'own' : JSON.stringify([field, this.#sharedLevels(field)]);
    this.#showKey();
    if (key === this.#sharedKey) return;
    this.#sharedKey = key;
    for (const plot of this.#shown()) this.#queue.add(plot, () => plot.draw());
  }

  #showKey() {
    const { levels, field } = this.#parts.store.state;
    const any = this.#shown().some(({ data }) => data.density?.field === field);
    const shared = levels === 'shared' || field === 'log_ratio';
    this.#fieldBar.showKey(shared && any ? this.#sharedLevels(field) : null, this.#parts.palette());
  }

  // Around the panels -------------------------------------------------------------------------

  /** @param {string[]} present */
  #showTabs(present) {
    this.#tabs.hidden = !this.#single || present.length < 2;
    const { store, runs, titles } = this.#parts;
    this.#tabs.replaceChildren(
      ...present.map((id) => {
        const run = /** @type {Run} */ (runs.get(id));
        const selected = id === store.state.active;
        return el('button', {
          text: titles.short(run, present.map((other) => /** @type {Run} */ (runs.get(other)))),
          attrs: { type: 'button', role: 'tab', 'aria-selected': String(selected), tabindex: selected ? 0 : -1 },
          on: {
            click: () => store.update({ active: id }, { record: false }),
            keydown: (event) => this.#onTabKey(event),
          },
        });
      }),
    );
    this.#tabs.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }

  /** @param {KeyboardEvent} event */
  #onTabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.#turn(step === 1 ? 1 : -1);
    /** @type {HTMLElement | null} */ (this.#tabs.querySelector('[aria-selected="true"]'))?.focus();
  }

  /** @param {1 | -1} step */
  #turn(step) {
    if (!this.#single) return;
    const { store, runs } = this.#parts;
    const present = store.state.runs.filter((id) => runs.get(id));
    const at = present.indexOf(store.state.active ?? '');
    const next = present[at + step];
    if (next) store.update({ active: next }, { record: false });
  }

  /**
   * Tells something about the runs that have come to the stage, until there are others.
   * @param {string} text
   */
  say(text) {
    this.#said = { text, runs: this.#parts.store.state.runs };
    this.render();
  }

  /** @param {string[]} present */
  #showNotice(present) {
    const { runs, store } = this.#parts;
    const missing = runs.loaded ? store.state.runs.length - present.length : 0;
    const what = missing === 1 ? 'One run of this view is' : `${missing} runs of this view are`;
    const said = this.#said.runs === store.state.runs ? this.#said.text : '';
    setText(this.#notice, missing ? `${what} no longer in the store.` : said);
    this.#notice.hidden = this.#notice.textContent === '';
  }

  /** @param {string[]} present */
  #showEmpty(present) {
    const { runs, onNew, onCompare } = this.#parts;
    this.#empty.hidden = present.length > 0;
    this.#panels.hidden = present.length === 0;
    if (present.length > 0) return;
    if (!runs.loaded) {
      this.#empty.replaceChildren(el('p', { class: 'muted', text: runs.problem || 'Loading…' }));
      return;
    }
    const none = runs.all.length === 0;
    this.#empty.replaceChildren(
      el('h2', { text: none ? 'No runs yet' : 'Nothing chosen' }),
      el('p', {
        class: 'muted',
        text: none
          ? 'A run trains a variational auto-encoder with a prior of your choice. Its latent plane then appears here, while it trains.'
          : 'Tick runs in the list to compare their latent planes.',
      }),
      el(
        'div',
        { class: 'empty-actions' },
        none && el('button', { class: 'button', text: 'New run', attrs: { type: 'button' }, on: { click: onNew } }),
        el('button', { class: 'button primary', text: 'Compare priors', attrs: { type: 'button' }, on: { click: onCompare } }),
      ),
    );
  }
}

/**
 * The densities that levels are chosen by: those of the present, so that colours hold still over time.
 * @param {LatentData[]} all
 * @param {Field} field
 */
function references(all, field) {
  return all.flatMap(({ reference, density }) => [reference, density].find((one) => one?.field === field) ?? []);
}
