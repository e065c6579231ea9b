/**
 * @import {Run} from './contract'
 * @import {Box} from './geometry.js'
 * @import {Levels} from './levels.js'
 * @import {PlotElement} from './plotly.js'
 * @import {Place, Probe} from './probe.js'
 * @import {RedrawQueue} from './redraw-queue.js'
 * @import {RunStore} from './runs.js'
 * @import {Science} from './science.js'
 * @import {ViewStore} from './state.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 * @import {Viewport} from './viewport.js'
 */
import { sentence } from './api.js';
import { el, iconButton, setAttributes, setText } from './dom.js';
import { exportFigure, planeFigure } from './figures.js';
import { negativeElbo, number, percent, statusText, timeLeft } from './format.js';
import { fitBox, nearestPoint, zoomBox } from './geometry.js';
import { LatentData } from './latent-data.js';
import { openMenu } from './menu.js';
import { listen } from './plane-input.js';
import { PlaneOverlay } from './plane-overlay.js';
import { PLANE_CONFIG, loadPlotly } from './plotly.js';
import { PointLayer } from './point-layer.js';
import { FIELDS, showsHoles } from './state.js';
import { FIELD_NAMES, toggleAnatomy, toggleHoles } from './field-bar.js';
import { toLatent, toPixel, viewportOf } from './viewport.js';

/** A test image counts as under the pointer within this many pixels. */
const NEAR_PX = 12;

/** Grid cells per side: enough for smooth lines at the size of the panel, and no more. */
const RESOLUTION = { small: 104, large: 176 };

/** The aggregated posterior has finer structure than most priors. */
const FINE_RESOLUTION = { small: 136, large: 240 };

/**
 * What the panels share.
 * @typedef {object} Shared
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Probe} probe
 * @property {RedrawQueue} queue
 * @property {Science} science
 * @property {() => Palette} palette
 * @property {(data: LatentData) => Levels} levels
 * @property {(run: Run) => string[]} labelNames
 * @property {() => void} dataChanged
 * @property {(step: 1 | -1) => void} turn to the next or the previous panel
 * @property {(place: {run: string, z: number[]}) => void} pin
 */

/** One panel: the latent plane of one run. */
export class LatentPlot {
  #id;
  #shared;
  #layer;
  #overlay = new PlaneOverlay();
  #controls;
  /** @type {PlotElement | null} */
  #plot = null;
  /** @type {Viewport | null} */
  #viewport = null;
  /** Whether a drag or a wheel zoom is under way. */
  #held = false;
  /** What is on the screen, but for the range of the axes. */
  #drawn = '';
  /** @type {number[] | null} */
  #sample = null;
  #gone = new AbortController();
  /** Whether this panel says what its axes are. */
  named = false;
  data;

  #title = el('button', { attrs: { type: 'button' } });
  #name = el('span', { class: 'panel-name' });
  #figure = el('span', { class: 'panel-figure' });
  #bar = el('progress', { class: 'bar', attrs: { max: 1, 'aria-label': 'Training' } });
  #target = el('div', { class: 'plane-plot' });
  #canvas = el('canvas', { class: 'plane-points', attrs: { 'aria-hidden': 'true' } });
  #marks = el('div', { class: 'plane-marks', attrs: { 'aria-hidden': 'true' } });
  #message = el('div', { class: 'plane-message' });
  #note = el('p', { class: 'plane-note', attrs: { hidden: true } });
  #plane;
  #observer;
  node;

  /**
   * @param {string} id of the run
   * @param {Shared} shared
   */
  constructor(id, shared) {
    this.#id = id;
    this.#shared = shared;
    this.data = new LatentData(id, () => this.#dataChanged());
    this.#layer = new PointLayer(this.#canvas);
    this.#controls = this.#buildControls();
    this.#plane = el(
      'div',
      { class: 'plane', attrs: { tabindex: 0, role: 'application' } },
      this.#target,
      this.#canvas,
      this.#overlay.node,
      this.#marks,
      this.#note,
      this.#message,
      this.#controls.node,
    );
    this.#title.addEventListener('click', () => this.#activate());
    this.node = el(
      'article',
      { class: 'panel', data: { run: id } },
      el('header', { class: 'panel-head' }, el('h3', { class: 'panel-title' }, this.#title), this.#name, this.#figure),
      this.#bar,
      this.#plane,
    );
    this.#listen();
    this.#observer = new ResizeObserver(() => this.refresh());
    this.#observer.observe(this.#plane);
  }

  dispose() {
    this.#gone.abort();
    this.#observer.disconnect();
    this.#layer.dispose();
    this.#shared.queue.remove(this);
    if (this.#plot) loadPlotly().then((plotly) => plotly.purge(this.#target));
  }

  get #run() {
    return this.#shared.runs.get(this.#id);
  }

  /** The run has changed, or what is wanted of it. */
  update() {
    const run = this.#run;
    if (!run) return;
    const { store, titles } = this.#shared;
    setText(this.#title, titles.prior(run));
    setText(this.#name, titles.name(run));
    this.#name.title = titles.name(run);
    this.node.dataset['active'] = String(store.state.active === this.#id);
    this.#plane.setAttribute(
      'aria-label',
      `Latent plane of ${titles.full(run)}. Arrow keys move the place that is decoded, Enter pins it; 1, 2 and 3 choose the field, H outlines holes, A shows the anatomy.`,
    );
    this.#controls.update(store.state.large, store.state.runs.length > 1);
    this.updateProgress();
    this.#want();
    this.showParts();
  }

  /** Outlines the holes and draws what the prior is made of, as far as they are wanted and known. */
  showParts() {
    const run = this.#run;
    const { store, science, palette } = this.#shared;
    const { state } = store;
    const flat = run?.config.latent_dim === 2 && run.checkpoint > 0;
    const holes = flat && showsHoles(state) ? science.holes(run, state.threshold).value : null;
    const anatomy = flat && state.anatomy ? science.anatomy(run).value : null;
    this.#overlay.showHoles(holes?.holes ?? NOTHING);
    this.#overlay.showAnatomy(anatomy, palette());
  }

  updateProgress() {
    const run = this.#run;
    if (!run) return;
    this.#bar.hidden = run.status !== 'running';
    this.#bar.value = run.progress.epoch / run.progress.epochs;
    const { metrics } = run;
    if (metrics) {
      const likelihood = metrics.test.log_likelihood;
      const holes = metrics.hole_mass[10];
      const { value, error } = negativeElbo(metrics.test.elbo);
      this.#figure.replaceChildren(
        el('span', { class: 'panel-extra', text: 'log p(x) ' }),
        el('strong', { text: number(likelihood.value, 1) }),
        ' · holes ',
        el('strong', { text: percent(holes.value) }),
      );
      const how = likelihood.standard_error === null ? 'exact' : `± ${number(likelihood.standard_error, 2)}`;
      this.#figure.title =
        `Log-likelihood of the test images in nats per image, ${how}: higher is better (−ELBO ${value} ${error}). ` +
        `Hole mass: of 100 draws from the prior, ${number(100 * holes.value, 1)} land where it promises over 10 times what the data put there.`;
    } else {
      const silent = run.status === 'queued' || run.status === 'finished';
      const left = timeLeft(run);
      this.#figure.replaceChildren(silent ? '' : statusText(run), el('span', { class: 'panel-extra', text: left && ` · ${left}` }));
      this.#figure.title = left;
    }
    this.#showMessage(run);
  }

  /** Fetches what the run has learned since. */
  #want() {
    const run = this.#run;
    const { clientWidth: width, clientHeight: height } = this.#plane;
    if (!run || run.config.latent_dim !== 2 || width === 0 || height === 0) return;
    const { field } = this.#shared.store.state;
    const resolutions = field === 'prior' ? RESOLUTION : FINE_RESOLUTION;
    const resolution = Math.min(width, height) > 480 ? resolutions.large : resolutions.small;
    this.data.want({ run, field, resolution, frame: (home) => this.#frame(home, width, height) });
  }

  /**
   * What is in view, given the box that holds everything.
   * @param {Box} home
   * @param {number} width
   * @param {number} height
   */
  #frame(home, width, height) {
    const chosen = this.#shared.store.state.views[this.#id];
    // Plotly's margins are taken off; the exact frame follows from its axes once it has drawn.
    return fitBox(chosen ?? home, Math.max(40, width - 31), Math.max(40, height - 22));
  }

  #dataChanged() {
    if (this.#gone.signal.aborted) return;
    const run = this.#run;
    if (run) this.#showMessage(run);
    this.#shared.dataChanged();
    this.#shared.queue.add(this, () => this.draw());
  }

  /** Draws anew at once: the user has changed something. */
  refresh() {
    this.#want();
    this.draw();
  }

  /** Draws what there is, if it differs from what is on the screen. */
  async draw() {
    const { home } = this.data;
    const { clientWidth: width, clientHeight: height } = this.#plane;
    if (!home || this.#gone.signal.aborted || this.#held || width === 0 || height === 0) return;
    const { palette, levels } = this.#shared;
    const options = {
      density: this.data.density,
      levels: levels(this.data),
      range: this.#frame(home, width, height),
      width,
      height,
      named: this.named,
      dragmode: /** @type {'pan' | false} */ (coarsePointer.matches ? false : 'pan'),
      palette: palette(),
    };
    const key = JSON.stringify([options.levels, width, height, this.named, options.palette.ground, this.#densityId()]);
    if (key !== this.#drawn || !this.#shows(options.range)) {
      this.#drawn = key;
      const { data, layout } = planeFigure(options);
      try {
        const plotly = await loadPlotly();
        if (this.#gone.signal.aborted || this.#drawn !== key) return;
        const plot = await plotly.react(this.#target, data, layout, PLANE_CONFIG);
        if (!this.#plot) this.#listenToPlot(plot);
        this.#plot = plot;
      } catch (error) {
        this.#drawn = '';
        this.data.problem = sentence(error);
        this.updateProgress();
        return;
      }
    }
    this.#project();
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

  /** Numbers that tell densities apart. */
  #densityId() {
    const { density } = this.data;
    return density ? [density.field, density.checkpoint, density.z1.length, ...density.bounds] : [];
  }

  /** Puts points and marks where Plotly's axes are. */
  #project() {
    if (!this.#plot || this.#gone.signal.aborted) return;
    this.#viewport = viewportOf(this.#plot);
    const run = this.#run;
    const { points } = this.data;
    if (points && run && points.latentDim === 2) {
      const look = { selected: this.#selected, labelNames: this.#shared.labelNames(run), palette: this.#shared.palette() };
      this.#layer.show(points, look, this.#viewport);
    }
    this.#overlay.project(this.#viewport);
    this.#showNote();
    this.showMarks();
  }

  #showNote() {
    const note = this.data.density?.note ?? '';
    setText(this.#note, note && 'Coarse grid: zoom in for detail');
    this.#note.title = note;
    this.#note.hidden = note === '';
  }

  /** @param {number} label */
  #selected = (label) => {
    const { classes } = this.#shared.store.state;
    return classes.length === 0 || classes.includes(label);
  };

  /** @param {Run} run */
  #showMessage(run) {
    const message = this.#messageFor(run);
    if (message === this.#message.textContent) return;
    this.#message.replaceChildren(el('p', { text: message }));
    this.#message.hidden = message === '';
  }

  /** @param {Run} run */
  #messageFor(run) {
    const dimensions = run.config.latent_dim;
    if (dimensions !== 2) {
      return `A latent space of ${dimensions} ${dimensions === 1 ? 'dimension' : 'dimensions'} is no plane to draw. Its places can be typed beside; holes, numbers and samples are below.`;
    }
    if (this.data.problem) return this.data.problem;
    if (run.checkpoint === 0 && run.error) return run.error;
    if (run.status === 'queued') return 'Waiting to train';
    if (run.checkpoint === 0) return run.status === 'running' ? 'Training has begun' : 'This run has learned nothing to show.';
    return this.data.home ? '' : 'Loading…';
  }

  // Marks -------------------------------------------------------------------------------------

  /** Cursor, pins and the sample that is pointed at. */
  showMarks() {
    const { probe, store } = this.#shared;
    const place = probe.place?.run === this.#id ? probe.place : null;
    const drifted = place && place.source !== 'pointer' && probe.decoded;
    this.#overlay.showDrift(drifted ? place.z : null, drifted ? drifted.reencoded : []);
    const marks = store.state.pins.flatMap((pin, i) =>
      pin.run === this.#id ? [this.#mark('pin', pin.z, String(i + 1))] : [],
    );
    if (this.#sample) marks.push(this.#mark('sample', this.#sample));
    const near = place?.near && this.#pointAt(place.near.index);
    if (near) marks.push(this.#mark('near', near));
    if (place && place.source !== 'pointer') marks.push(this.#mark('cursor', place.z));
    this.#marks.replaceChildren(...marks.filter((mark) => mark !== null));
  }

  /**
   * @param {'pin' | 'sample' | 'near' | 'cursor'} kind
   * @param {readonly number[]} z
   * @param {string} [text]
   */
  #mark(kind, z, text = '') {
    if (!this.#viewport || z.length !== 2) return null;
    const [x, y] = toPixel(this.#viewport, z);
    const mark = el('span', { class: `mark mark-${kind}`, text });
    mark.style.transform = `translate(${x}px, ${y}px)`;
    return mark;
  }

  /**
   * @param {number} index row in the data set
   * @returns {[number, number] | null}
   */
  #pointAt(index) {
    const { points } = this.data;
    const row = points?.index.indexOf(index) ?? -1;
    if (!points || row < 0) return null;
    return [/** @type {number} */ (points.loc[2 * row]), /** @type {number} */ (points.loc[2 * row + 1])];
  }

  /** @param {number[] | null} z of the sample that is pointed at */
  markSample(z) {
    this.#sample = z;
    this.showMarks();
  }

  // Places ------------------------------------------------------------------------------------

  /**
   * @param {number[]} z
   * @param {Place['source']} source
   * @returns {Place}
   */
  placeAt(z, source) {
    const { points } = this.data;
    const [z1, z2] = z;
    /** @type {Place} */
    const place = { run: this.#id, z, source, near: null, nearestClass: null };
    if (!points || points.latentDim !== 2 || z1 === undefined || z2 === undefined) return place;
    const nearest = nearestPoint(points.loc, z1, z2, (i) => this.#selected(/** @type {number} */ (points.label[i])));
    if (!nearest) return place;
    const label = /** @type {number} */ (points.label[nearest.index]);
    const close = nearest.distance * this.#pixelsPerUnit() <= NEAR_PX;
    const near = close ? { index: /** @type {number} */ (points.index[nearest.index]), label } : null;
    return { ...place, near, nearestClass: label };
  }

  #pixelsPerUnit() {
    return this.#viewport ? this.#viewport.width / (this.#viewport.range[1] - this.#viewport.range[0]) : 0;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {Place['source']} source
   * @returns {Place | null}
   */
  #placeAtPixel(x, y, source) {
    const z = this.#viewport && toLatent(this.#viewport, x, y);
    return z && this.data.points ? this.placeAt(z, source) : null;
  }

  #listen() {
    const { probe, turn } = this.#shared;
    listen(this.#plane, this.#gone.signal, {
      point: (x, y) => {
        const place = this.#placeAtPixel(x, y, 'pointer');
        if (place) probe.show(place);
        else probe.end(['pointer']);
      },
      leave: () => probe.end(['pointer']),
      click: (x, y) => {
        const place = this.#placeAtPixel(x, y, 'pointer');
        this.#activate();
        if (place) this.#shared.pin(place);
      },
      tap: (x, y) => {
        const place = this.#placeAtPixel(x, y, 'tap');
        this.#activate();
        if (place) probe.show(place);
      },
      fit: () => this.#fitAfterDoubleClick(),
      swipe: turn,
      step: (direction, coarse) => this.#step(direction, coarse),
      zoom: (factor) => this.#zoom(factor),
      pin: () => {
        if (probe.place?.run === this.#id) this.#shared.pin(probe.place);
      },
      shortcut: (key) => this.#shortcut(key),
    });
    this.#plane.addEventListener('focus', () => this.#activate());
  }

  /** @param {PlotElement} plot */
  #listenToPlot(plot) {
    plot.on('plotly_relayouting', () => {
      this.#held = true;
      this.#viewport = viewportOf(plot);
      this.#layer.project(this.#viewport);
      this.#overlay.project(this.#viewport);
      this.showMarks();
    });
    plot.on('plotly_relayout', () => {
      // Plotly also reports a double click, which moves nothing.
      const moved = this.#held;
      this.#held = false;
      if (moved) this.#setView(viewportOf(plot).range);
    });
  }

  /** @param {string} key */
  #shortcut(key) {
    const { store } = this.#shared;
    const field = FIELDS[Number(key) - 1];
    if (field) store.update({ field });
    else if (key === 'h') toggleHoles(store);
    else if (key === 'a') toggleAnatomy(store);
    else return false;
    return true;
  }

  #activate() {
    this.#shared.store.update({ active: this.#id }, { record: false });
  }

  /** @param {Box} range */
  #setView(range) {
    const { store } = this.#shared;
    store.update({ views: { ...store.state.views, [this.#id]: range } });
  }

  /** The first click of the two has pinned a place that was not meant. */
  #fitAfterDoubleClick() {
    const { store } = this.#shared;
    const pins = store.state.pins;
    if (pins.at(-1)?.run === this.#id) store.update({ pins: pins.slice(0, -1) });
    this.fit();
  }

  fit() {
    const { store } = this.#shared;
    const { [this.#id]: _, ...views } = store.state.views;
    store.update({ views });
  }

  /** @param {number} factor */
  #zoom(factor) {
    if (!this.#viewport) return;
    const { place } = this.#shared.probe;
    const here = place?.run === this.#id && place.z.length === 2 ? /** @type {[number, number]} */ (place.z) : undefined;
    this.#setView(zoomBox(this.#viewport.range, factor, here));
  }

  /**
   * @param {[number, number]} direction
   * @param {boolean} coarse
   */
  #step([d1, d2], coarse) {
    if (!this.#viewport) return;
    const { range } = this.#viewport;
    const { probe } = this.#shared;
    const start = probe.place?.run === this.#id ? probe.place.z : [(range[0] + range[1]) / 2, (range[2] + range[3]) / 2];
    const size = (range[1] - range[0]) / (coarse ? 8 : 50);
    const clamp = (/** @type {number} */ v, /** @type {number} */ from, /** @type {number} */ to) => Math.min(to, Math.max(from, v));
    const z1 = clamp((start[0] ?? 0) + d1 * size, range[0], range[1]);
    const z2 = clamp((start[1] ?? 0) + d2 * size, range[2], range[3]);
    probe.show(this.placeAt([z1, z2], 'keys'));
  }

  // Controls ----------------------------------------------------------------------------------

  #buildControls() {
    const { store } = this.#shared;
    const resize = iconButton('enlarge', 'Enlarge this panel', () => {
      store.update({ large: !store.state.large, active: this.#id });
    });
    resize.classList.add('panel-resize');
    const save = iconButton('save', 'Save this panel', () =>
      openMenu(save, [
        { label: 'Save as PNG', act: () => this.#export('png') },
        { label: 'Save as SVG', act: () => this.#export('svg') },
      ]),
    );
    const node = el(
      'div',
      { class: 'panel-tools', attrs: { role: 'group', 'aria-label': 'Panel' } },
      iconButton('zoomIn', 'Zoom in', () => this.#zoom(1 / 1.4)),
      iconButton('zoomOut', 'Zoom out', () => this.#zoom(1.4)),
      iconButton('fit', 'Fit the whole plane', () => this.fit()),
      save,
      resize,
    );
    const update = (/** @type {boolean} */ large, /** @type {boolean} */ several) => {
      const label = large ? 'Show all panels' : 'Enlarge this panel';
      setAttributes(resize, { 'aria-label': label, title: label });
      resize.replaceChildren(...iconButton(large ? 'shrink' : 'enlarge', label, () => {}).childNodes);
      resize.hidden = !several;
    };
    return { node, update };
  }

  /** @param {'png' | 'svg'} format */
  async #export(format) {
    const run = this.#run;
    const { home } = this.data;
    if (!run || !home) return;
    const { store, titles, palette, levels, labelNames } = this.#shared;
    const [width, height] = [960, 960];
    const { state } = store;
    const outlined = showsHoles(state) ? this.#shared.science.holes(run, state.threshold).value : null;
    const figure = exportFigure({
      holes: outlined?.holes ?? NOTHING,
      density: this.data.density,
      levels: levels(this.data),
      range: fitBox(this.#viewport?.range ?? home, width - 48, height - 64),
      width,
      height,
      named: true,
      dragmode: false,
      palette: palette(),
      title: `${titles.full(run)}: ${FIELD_NAMES[state.field].text.toLowerCase()}`,
      points: this.data.points,
      labelNames: labelNames(run),
      selected: this.#selected,
      pins: store.state.pins.flatMap(({ run: id, z }, i) => (id === run.id ? [{ number: i + 1, z }] : [])),
    });
    const plotly = await loadPlotly();
    const filename = `priorscope-${run.config.prior.kind}-${run.id}`;
    await plotly.downloadImage(figure, { format, filename, width, height, scale: format === 'png' ? 2 : 1 });
  }
}

/** @type {readonly import('./holes.js').Hole[]} */
const NOTHING = [];

const coarsePointer = window.matchMedia('(pointer: coarse)');
