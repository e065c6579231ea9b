/** @import {PageParts} from './panel-context.js' */
import { ComparisonBar } from './comparison-bar.js';
import { ContourScale } from './contour-scale.js';
import { splitNoun, thousands } from './data-words.js';
import { byId } from './dom.js';
import { FIELD_NAMES, FieldBar } from './field-bar.js';
import { FrameCache } from './frames.js';
import { unionBox } from './geometry.js';
import { Legend } from './legend.js';
import { datasetOf, runsOnStage } from './panel-context.js';
import { PanelGrid } from './panel-grid.js';
import { PlaneBar } from './plane-bar.js';
import { PanelRanges } from './panel-ranges.js';
import { PanelTabs } from './panel-tabs.js';
import { MOST_DRAWN } from './points.js';
import { RedrawQueue } from './redraw-queue.js';
import { SelectTool } from './select-tool.js';
import { StageEmpty } from './stage-empty.js';
import { StageNotice } from './stage-notice.js';
import { showsHoles } from './state.js';

/** Until the panels are looked at again, while they are waited for. */
const SETTLING_MS = 12;

/** What decides about frame, contours and the colours of points. */
const VIEW_OF_PLANES = /** @type {const} */ (['views', 'ranges', 'classes', 'select', 'field', 'points', 'plane', 'reading', 'through']);

/** What decides about all that lies over the contours. */
const VIEW_OF_PARTS = /** @type {const} */ (['field', 'holes', 'threshold', 'anatomy', 'manifold', 'path', 'at']);

/** The panels with all that is around them: what they show, what they have in common, what is missing. */
export class Stage {
  #parts;
  #fieldBar;
  #legend;
  #comparison;
  #plane;
  #notice;
  #tabs;
  #empty;
  #panels;
  #ranges;
  #scale;
  #queue = new RedrawQueue();
  #frames = new FrameCache();
  tool = new SelectTool();

  /** @param {PageParts & {onNew: () => void, onCompare: () => void}} parts */
  constructor(parts) {
    this.#parts = parts;
    const { runs, store } = parts;
    this.#legend = new Legend(store);
    this.#fieldBar = new FieldBar(store);
    this.#comparison = new ComparisonBar(store);
    this.#plane = new PlaneBar(parts);
    this.#notice = new StageNotice(parts);
    this.#empty = new StageEmpty(runs, parts);
    this.#panels = new PanelGrid(parts, () => this.#shared, () => this.render());
    this.#tabs = new PanelTabs(parts, () => runsOnStage(parts), () => this.#panels.single);
    this.#scale = new ContourScale(store, () => this.#panels.all.map(({ data }) => data));
    this.#ranges = new PanelRanges(parts, {
      all: () => this.#panels.all,
      shown: () => this.#panels.shown,
      of: (id) => this.#panels.of(id),
    });
    this.#fieldBar.tools.prepend(this.tool.node);
    this.#legend.node.append(this.#fieldBar.tools);
    const around = [this.#fieldBar, this.#legend, this.#plane, this.#comparison, this.#notice, this.#tabs, this.#panels, this.#empty];
    byId('stage').append(...around.map(({ node }) => node));
    this.#listen();
    this.render();
  }

  /** What the panels share. */
  get #shared() {
    return {
      queue: this.#queue,
      frames: this.#frames,
      tool: this.tool,
      ranges: this.#ranges,
      scale: this.#scale,
      turn: (/** @type {1 | -1} */ step) => this.#tabs.turn(step),
      dataChanged: () => this.#dataChanged(),
    };
  }

  #listen() {
    const { runs, store, probe, encodings, linked, selection, moment, science, planes } = this.#parts;
    runs.subscribe((change) => this.#onRuns(change));
    store.subscribe((state, previous) => {
      if (state.runs !== previous.runs || state.active !== previous.active || state.large !== previous.large) this.render();
      else if (state.levels !== previous.levels) this.#levelsChanged();
      if (VIEW_OF_PLANES.some((key) => state[key] !== previous[key])) this.redraw();
      if (state.ranges !== previous.ranges) this.#showComparison();
      if (VIEW_OF_PARTS.some((key) => state[key] !== previous[key])) for (const plot of this.#panels.shown) plot.showParts();
      if (state.pins !== previous.pins) this.#showMarks();
    });
    for (const marked of [probe, encodings, linked]) marked.subscribe(() => this.#showMarks());
    selection.subscribe(() => this.redraw());
    moment.subscribe(() => {
      for (const plot of this.#panels.shown) plot.update();
    });
    planes.subscribe((run) => {
      this.#panels.of(run)?.update();
      this.#panels.of(run)?.refresh();
    });
    science.subscribe((run) => this.#panels.of(run)?.showParts());
  }

  /** @param {import('./runs.js').Change} change */
  #onRuns(change) {
    if (change.kind === 'list') this.render();
    else if (change.kind === 'run' || change.kind === 'progress') this.#panels.of(change.id)?.update();
    else if (change.kind === 'connection' && this.#parts.runs.connection === 'live') {
      for (const plot of this.#panels.all) {
        plot.data.forgive();
        plot.update();
      }
    }
  }

  #showMarks() {
    for (const plot of this.#panels.shown) plot.showMarks();
  }

  /**
   * @param {string} run
   * @returns {import('./latent-plot.js').LatentPlot | undefined}
   */
  plot(run) {
    return this.#panels.of(run);
  }

  /** @param {string} text about the runs that have come to the stage, until there are others */
  say(text) {
    this.#notice.say(text);
  }

  // What is drawn -----------------------------------------------------------------------------

  render() {
    const present = runsOnStage(this.#parts);
    const [first] = present;
    this.#tabs.show();
    this.#notice.show();
    this.#empty.show(!first);
    this.#showComparison();
    this.#legend.node.hidden = !first;
    this.#fieldBar.node.hidden = !first;
    // Of several data sets the legend is about that of the panel in hand.
    const inHand = present.find(({ id }) => id === this.#parts.store.state.active) ?? first;
    this.#legend.setLabels(inHand ? datasetOf(this.#parts, inHand) : null);
    this.#panels.update();
    this.#showKey();
  }

  /** Draws all panels anew: theme, classes or frames have changed. */
  redraw() {
    this.#showKey();
    const active = this.plot(this.#parts.store.state.active ?? '');
    for (const plot of this.#panels.shown) {
      plot.showParts();
      // Twelve at once would hold up the pointer: the panel in hand comes first, the others one by one.
      if (plot === active) plot.refresh();
      else this.#queue.add(plot, () => plot.refresh(), 0);
    }
  }

  #dataChanged() {
    this.#levelsChanged();
    this.#parts.selection.update();
    if (!this.#ranges.homesChanged()) return;
    for (const plot of this.#panels.shown) this.#queue.add(plot, () => plot.refresh());
  }

  #showComparison() {
    this.#comparison.show(runsOnStage(this.#parts), this.#ranges.shared);
  }

  /** Other panels follow only if the levels that they share have really changed. */
  #levelsChanged() {
    this.#showKey();
    if (!this.#scale.changed()) return;
    for (const plot of this.#panels.shown) this.#queue.add(plot, () => plot.draw());
  }

  #showKey() {
    const { field } = this.#parts.store.state;
    const any = this.#panels.shown.some(({ data }) => data.density?.field === field);
    this.#fieldBar.showKey(any ? this.#scale.shared : null, this.#parts.palette());
  }

  // Through the training ----------------------------------------------------------------------

  /** Resolves when all panels show the epoch that they are to show. */
  async settled() {
    while (!this.#panels.shown.every((plot) => plot.settled)) await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  }

  /**
   * The panels go through their training, away from the screen.
   * @param {import('./animation-dialog.js').Choice} choice
   * @param {(painted: number) => void} onProgress
   * @param {AbortSignal} signal
   */
  async record(choice, onProgress, signal) {
    const { state } = this.#parts.store;
    const { field, threshold, points: split } = state;
    const { record, sceneOf, unlessAborted } = await this.#parts.late();
    const known = await unlessAborted(Promise.all(this.#panels.shown.map((plot) => sceneOf(plot.shot))), signal);
    const scenes = known.filter((scene) => scene !== null);
    if (!scenes[0]) throw new Error('No panel has anything to record yet.');
    const range = this.#ranges.shared && unionBox(scenes.map((scene) => scene.range));
    const film = {
      ...choice,
      field,
      scenes: range ? scenes.map((scene) => ({ ...scene, range })) : scenes,
      split,
      caption: `${FIELD_NAMES[field].text} and encoded ${this.#pointsInWords(scenes[0].run)}`,
      threshold: showsHoles(state) ? threshold : null,
    };
    return record(film, onProgress, signal);
  }

  /** @param {import('./contract').Run} run */
  #pointsInWords(run) {
    const split = this.#parts.store.state.points;
    const dataset = datasetOf(this.#parts, run);
    const all = dataset?.counts[split] ?? 0;
    const noun = splitNoun(split, dataset, 2);
    return all > MOST_DRAWN ? `${noun}, ${thousands(MOST_DRAWN)} of ${thousands(all)} drawn` : noun;
  }
}
