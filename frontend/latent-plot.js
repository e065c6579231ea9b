/**
 * @import {Scene} from './animation.js'
 * @import {Run} from './contract'
 * @import {Encodings} from './encodings.js'
 * @import {FrameCache} from './frames.js'
 * @import {Box, Point} from './geometry.js'
 * @import {Levels} from './levels.js'
 * @import {LinkedImage} from './linked-image.js'
 * @import {Moment} from './moment.js'
 * @import {Stroke} from './plane-input.js'
 * @import {Mark} from './plane-marks.js'
 * @import {Points} from './points.js'
 * @import {Place, Probe} from './probe.js'
 * @import {RedrawQueue} from './redraw-queue.js'
 * @import {RunStore} from './runs.js'
 * @import {Science} from './science.js'
 * @import {SelectTool} from './select-tool.js'
 * @import {Selection} from './selection.js'
 * @import {Snapshots} from './snapshots.js'
 * @import {ViewStore} from './state.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { sentence } from './api.js';
import { el, setText } from './dom.js';
import { FIELD_NAMES, toggleAnatomy, toggleHoles, toggleManifold } from './field-bar.js';
import { fitBox, nearestPoint, zoomBox } from './geometry.js';
import { LatentData } from './latent-data.js';
import { shareSpace } from './latent-space.js';
import { ManifoldLayer } from './manifold-layer.js';
import { savePanel } from './panel-export.js';
import { PanelHead } from './panel-head.js';
import { PanelTools } from './panel-tools.js';
import { listen } from './plane-input.js';
import { placeOn } from './path.js';
import { PlaneMarks } from './plane-marks.js';
import { planeMessage } from './plane-message.js';
import { PlaneOverlay } from './plane-overlay.js';
import { PlanePlot } from './plane-plot.js';
import { PointLayer } from './point-layer.js';
import { chosenRows } from './points.js';
import { cornersOf, polygonOf } from './region.js';
import { FIELDS, MAX_CORNERS, showsHoles } from './state.js';
import { latentAt, toLatent } from './viewport.js';

/** A test image counts as under the pointer within this many pixels. */
const NEAR_PX = 12;

/** Grid cells per side: enough for smooth lines at the size of the panel, and no more. */
const RESOLUTION = { small: 104, large: 176 };

/** The aggregated posterior has finer structure than most priors. */
const FINE_RESOLUTION = { small: 136, large: 240 };

/** So many epochs are fetched before they are asked for. */
const AHEAD = 4;

/**
 * What the panels share.
 * @typedef {object} Shared
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Probe} probe
 * @property {RedrawQueue} queue
 * @property {Science} science
 * @property {Encodings} encodings
 * @property {Moment} moment
 * @property {Snapshots} snapshots
 * @property {FrameCache} frames
 * @property {() => Palette} palette
 * @property {(data: LatentData) => Levels} levels
 * @property {(run: Run) => string[]} labelNames
 * @property {(run: Run) => readonly number[] | undefined} imageShape once it is known
 * @property {LinkedImage} linked
 * @property {Selection} selection
 * @property {SelectTool} tool
 * @property {(id: string, home: Box) => Box} view what a panel shows, given the box that holds everything in it
 * @property {(id: string, view: Box | null) => void} setView
 * @property {(id: string, range: Box) => void} moving a panel is being dragged
 * @property {() => boolean} oneSpace whether all panels have one latent space
 * @property {(id: string, polygon: Point[]) => void} select
 * @property {() => void} dataChanged
 * @property {(key: string) => boolean} timeKey what a key does to the timeline, if anything
 * @property {(step: 1 | -1) => void} turn to the next or the previous panel
 * @property {(place: {run: string, z: number[]}) => void} pin
 */

/** One panel: the latent plane of one run. */
export class LatentPlot {
  #id;
  #shared;
  #layer;
  #overlay = new PlaneOverlay();
  #manifold = new ManifoldLayer();
  #marks = new PlaneMarks();
  #plot = new PlanePlot({ moving: (range) => this.#moving(range), moved: (range) => this.#shared.setView(this.#id, range) });
  #head = new PanelHead(() => this.#activate());
  #tools = new PanelTools({
    zoom: (factor) => this.#zoom(factor),
    fit: () => this.fit(),
    resize: () => this.#resize(),
    save: (format) => this.#export(format),
  });
  /** @type {number[] | null} */
  #sample = null;
  /** What is painted. @type {Points | null} */
  #painted = null;
  /** Whether there has been room to show anything. */
  #wanted = false;
  #gone = new AbortController();
  /** @type {{points: Points, classes: number[], images: Set<number> | null, chosen: Uint8Array} | null} */
  #lastChosen = null;
  /** Whether this panel says what its axes are. */
  named = false;
  data;

  #canvas = el('canvas', { class: 'plane-points', attrs: { 'aria-hidden': 'true' } });
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
    this.data = new LatentData(id, shared.frames, () => this.#dataChanged());
    this.#layer = new PointLayer(this.#canvas);
    this.#plane = el(
      'div',
      { class: 'plane', attrs: { tabindex: 0, role: 'application' } },
      this.#plot.node,
      this.#manifold.node,
      this.#canvas,
      this.#overlay.node,
      this.#marks.node,
      this.#note,
      this.#manifold.note,
      this.#message,
      this.#tools.node,
    );
    this.node = el('article', { class: 'panel', data: { run: id } }, this.#head.node, this.#head.bar, this.#plane);
    this.#listen();
    this.#observer = new ResizeObserver(() => this.refresh());
    this.#observer.observe(this.#plane);
  }

  dispose() {
    this.#gone.abort();
    this.#manifold.hide();
    this.#observer.disconnect();
    this.#layer.dispose();
    this.#shared.queue.remove(this);
    this.#plot.dispose();
  }

  get #run() {
    return this.#shared.runs.get(this.#id);
  }

  /** The run has changed, or what is wanted of it. */
  update() {
    const run = this.#run;
    if (!run) return;
    const { runs, store, titles } = this.#shared;
    const beside = store.state.runs.flatMap((id) => runs.get(id) ?? []);
    this.#head.update(titles.prior(run), titles.apart(run, beside));
    this.node.dataset['active'] = String(store.state.active === this.#id);
    this.#plane.setAttribute(
      'aria-label',
      `Latent plane of ${titles.full(run)}. Arrow keys move the place that is decoded, Enter pins it; 1, 2 and 3 choose the field, H outlines holes, A shows the anatomy, M decodes the whole plane, S selects the test images in view; Space plays the training, comma and full stop step through it.`,
    );
    this.#tools.update(store.state.large, store.state.runs.length > 1);
    this.updateProgress();
    this.#want();
    this.showParts();
  }

  /** Outlines the holes and draws what the prior is made of, as far as they are wanted and known. */
  showParts() {
    const run = this.#run;
    const { palette } = this.#shared;
    // Those of the next epoch appear together with its points.
    if (run && this.data.epoch !== this.#epoch) this.#parts(run, this.#epoch);
    const { holes, anatomy } = run && this.data.ready ? this.#parts(run, this.data.epoch) : { holes: null, anatomy: null };
    this.#overlay.showHoles(holes?.value?.holes ?? NOTHING);
    this.#overlay.showAnatomy(anatomy?.value ?? null, palette());
    this.#overlay.showPath(this.#path);
    this.#showManifold();
    this.showRegion();
  }

  /**
   * What is known of holes and anatomy, as far as they are wanted.
   * @param {Run} run
   * @param {number | null} epoch
   */
  #parts(run, epoch) {
    const { store, science } = this.#shared;
    const { state } = store;
    const flat = run.config.latent_dim === 2 && run.checkpoint > 0;
    return {
      holes: flat && showsHoles(state) ? science.holes(run, state.threshold, epoch) : null,
      anatomy: flat && state.anatomy ? science.anatomy(run, epoch) : null,
    };
  }

  /** The stored epoch that is to be shown; null: the present. */
  get #epoch() {
    return this.#shared.moment.of(this.#id);
  }

  /** Whether everything on the plane is of the epoch that is to be shown. */
  get settled() {
    const run = this.#run;
    if (!run || !this.#wanted) return true;
    if (!this.data.settled || this.#painted !== this.data.points) return false;
    const { holes, anatomy } = this.#parts(run, this.#epoch);
    return !holes?.busy && !anatomy?.busy;
  }

  /** The grid of the field that is shown. */
  get grid() {
    const { density } = this.data;
    return density && { field: density.field, resolution: density.z1.length, bounds: density.bounds, epoch: density.epoch };
  }

  /** The line between two pins, where it lies in this panel's latent space. */
  get #path() {
    const { runs, store } = this.#shared;
    const { path, at } = store.state;
    const [run, first] = [this.#run, runs.get(path?.[0].run ?? '')];
    if (!path || !run || !first || !shareSpace(run, first)) return null;
    const [{ z: from }, { z: to }] = path;
    return { from, to, at: placeOn(from, to, at) };
  }

  #showManifold() {
    const run = this.#run;
    const { store, imageShape, palette } = this.#shared;
    const { viewport } = this.#plot;
    const asked = store.state.manifold && run?.config.latent_dim === 2 && run.checkpoint > 0;
    const wanted = asked && this.#epoch === null;
    this.#plane.dataset['manifold'] = String(wanted);
    if (!wanted) this.#manifold.hide(asked ? 'Manifold: only of the present' : '');
    const shape = wanted && imageShape(run);
    if (shape && viewport) this.#manifold.show(run, { viewport, shape, palette: palette() });
  }

  updateProgress() {
    const run = this.#run;
    if (!run) return;
    const { store, snapshots } = this.#shared;
    const timeless = snapshots.has(this.#id) && snapshots.of(this.#id).length === 0;
    this.#head.updateProgress(run, { shown: this.data.epoch, chosen: store.state.epoch, timeless });
    this.#showMessage(run);
  }

  /** Fetches what the run has learned since. */
  #want() {
    const run = this.#run;
    const { clientWidth: width, clientHeight: height } = this.#plane;
    if (!run || run.config.latent_dim !== 2 || width === 0 || height === 0) return;
    const { store, moment, snapshots } = this.#shared;
    const { field, epoch: chosen } = store.state;
    const epochs = snapshots.of(this.#id);
    // Who opens a view of the past need not see the present first.
    if (chosen !== null && !snapshots.has(this.#id)) return;
    const resolutions = field === 'prior' ? RESOLUTION : FINE_RESOLUTION;
    const resolution = Math.min(width, height) > 480 ? resolutions.large : resolutions.small;
    this.#wanted = true;
    const ahead = moment.after(this.#id, AHEAD);
    this.data.want({
      run,
      field,
      resolution,
      frame: (home) => this.#frame(home, width, height),
      epoch: this.#epoch,
      epochs,
      ahead,
    });
    for (const epoch of ahead) this.#parts(run, epoch);
  }

  /**
   * What is in view, given the box that holds everything.
   * @param {Box} home
   * @param {number} width
   * @param {number} height
   */
  #frame(home, width, height) {
    // Plotly's margins are taken off; the exact frame follows from its axes once it has drawn.
    return fitBox(this.#shared.view(this.#id, home), Math.max(40, width - 31), Math.max(40, height - 22));
  }

  #dataChanged() {
    if (this.#gone.signal.aborted) return;
    const run = this.#run;
    if (run) this.updateProgress();
    this.showParts();
    this.#shared.dataChanged();
    // The past comes when someone asks for it, the present by itself.
    this.#shared.queue.add(this, () => this.draw(), this.data.epoch === null ? undefined : 0);
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
    if (!home || (!this.#painted && !this.data.ready) || this.#gone.signal.aborted || this.#plot.held || width === 0 || height === 0) return;
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
    try {
      if (await this.#plot.show(options)) this.#project();
    } catch (error) {
      this.data.problem = sentence(error);
      this.updateProgress();
    }
  }

  /** Puts points and marks where Plotly's axes are. */
  #project() {
    const { viewport } = this.#plot;
    if (!viewport || this.#gone.signal.aborted) return;
    const run = this.#run;
    const { points } = this.data;
    if (points && run && points.latentDim === 2) {
      const look = { chosen: this.#chosen(points), labelNames: this.#shared.labelNames(run), palette: this.#shared.palette() };
      this.#layer.show(points, look, viewport);
      this.#painted = points;
    }
    this.#overlay.project(viewport);
    this.#showManifold();
    this.#showNote();
    this.showMarks();
  }

  /** @param {Box} range */
  #moving(range) {
    this.#projectMove();
    this.#shared.moving(this.#id, range);
  }

  /**
   * Moves along with a panel that is being dragged.
   * @param {Box} range
   */
  follow(range) {
    const { viewport } = this.#plot;
    if (!viewport) return;
    this.#plot.follow(fitBox(range, viewport.width, viewport.height));
    this.#projectMove();
  }

  #projectMove() {
    const { viewport } = this.#plot;
    if (!viewport) return;
    this.#layer.project(viewport);
    this.#manifold.project(viewport);
    this.#overlay.project(viewport);
    this.showMarks();
  }

  #showNote() {
    const note = this.data.density?.note ?? '';
    setText(this.#note, note && 'Coarse grid: zoom in for detail');
    this.#note.title = note;
    this.#note.hidden = note === '';
  }

  /**
   * Which points are in colour.
   * @param {Points} points
   */
  #chosen(points) {
    const { classes } = this.#shared.store.state;
    const images = this.#shared.selection.imagesOf(this.#id);
    const last = this.#lastChosen;
    if (last?.points === points && last.classes === classes && last.images === images) return last.chosen;
    const chosen = chosenRows(points, classes, images);
    this.#lastChosen = { points, classes, images, chosen };
    return chosen;
  }

  /** @param {Run} run */
  #showMessage(run) {
    const message = planeMessage(run, this.data);
    if (message === this.#message.textContent) return;
    this.#message.replaceChildren(el('p', { text: message }));
    this.#message.hidden = message === '';
  }

  // Marks -------------------------------------------------------------------------------------

  /** Cursor, pins and the sample that is pointed at. */
  showMarks() {
    const { probe, store, linked, palette, oneSpace } = this.#shared;
    const place = probe.place?.run === this.#id ? probe.place : null;
    const drifted = place && place.source !== 'pointer' && place.source !== 'path' && probe.decoded;
    this.#overlay.showDrift(drifted ? place.z : null, drifted ? drifted.reencoded : []);
    /** @type {Mark[]} */
    const marks = store.state.pins.flatMap((pin, i) =>
      pin.run === this.#id ? [{ kind: 'pin', z: pin.z, text: String(i + 1) }] : [],
    );
    if (this.#sample) marks.push({ kind: 'sample', z: this.#sample });
    const image = linked.image?.dataset === this.#run?.config.dataset ? linked.image : null;
    const near = image && this.#pointAt(image.index);
    if (near) marks.push({ kind: 'near', z: near, picture: linked.picture });
    if (place && place.source !== 'pointer' && place.source !== 'path') marks.push({ kind: 'cursor', z: place.z });
    else if (!place && probe.place && oneSpace()) marks.push({ kind: 'cursor', z: probe.place.z });
    // The encoder of a past epoch is not stored: its plane has no place for a drawing.
    const drawn = this.data.epoch === null ? (this.#shared.encodings.of(this.#id)?.value ?? null) : null;
    this.#overlay.showEncoding(drawn);
    if (drawn) marks.push({ kind: 'drawn', z: drawn.loc });
    this.#marks.show(marks, this.#plot.viewport, palette());
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
    const chosen = this.#chosen(points);
    const nearest = nearestPoint(points.loc, z1, z2, (i) => chosen[i] === 1);
    if (!nearest) return place;
    const label = /** @type {number} */ (points.label[nearest.index]);
    const close = nearest.distance * this.#pixelsPerUnit() <= NEAR_PX;
    const near = close ? { index: /** @type {number} */ (points.index[nearest.index]), label } : null;
    return { ...place, near, nearestClass: label };
  }

  #pixelsPerUnit() {
    const { viewport } = this.#plot;
    return viewport ? viewport.width / (viewport.range[1] - viewport.range[0]) : 0;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {Place['source']} source
   * @returns {Place | null}
   */
  #placeAtPixel(x, y, source) {
    const { viewport } = this.#plot;
    const z = viewport && toLatent(viewport, x, y);
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
      strokeKind: (shift) => (!this.data.points ? null : shift ? 'box' : this.#shared.tool.active ? 'lasso' : null),
      draw: (stroke) => this.#overlay.showRegion(this.#outline(stroke)),
      drawn: (stroke) => this.#drawn(stroke),
      step: (direction, coarse) => this.#step(direction, coarse),
      zoom: (factor) => this.#zoom(factor),
      pin: () => {
        if (probe.place?.run === this.#id) this.#shared.pin(probe.place);
      },
      shortcut: (key) => this.#shortcut(key),
    });
    this.#plane.addEventListener('focus', () => this.#activate());
  }

  /** @param {string} key */
  #shortcut(key) {
    const { store } = this.#shared;
    const field = FIELDS[Number(key) - 1];
    if (field) store.update({ field });
    else if (key === 'h') toggleHoles(store);
    else if (key === 'a') toggleAnatomy(store);
    else if (key === 'm') toggleManifold(store);
    else if (key === 's') this.#selectView();
    else return this.#shared.timeKey(key);
    return true;
  }

  #activate() {
    this.#shared.store.update({ active: this.#id }, { record: false });
  }

  /** The first click of the two has pinned a place that was not meant. */
  #fitAfterDoubleClick() {
    const { store } = this.#shared;
    const pins = store.state.pins;
    if (pins.at(-1)?.run === this.#id) store.update({ pins: pins.slice(0, -1) });
    this.fit();
  }

  fit() {
    this.#shared.setView(this.#id, null);
  }

  /** @param {number} factor */
  #zoom(factor) {
    const { viewport } = this.#plot;
    if (!viewport) return;
    const { place } = this.#shared.probe;
    const here = place?.run === this.#id && place.z.length === 2 ? /** @type {[number, number]} */ (place.z) : undefined;
    this.#shared.setView(this.#id, zoomBox(viewport.range, factor, here));
  }

  /**
   * @param {[number, number]} direction
   * @param {boolean} coarse
   */
  #step([d1, d2], coarse) {
    const { viewport } = this.#plot;
    if (!viewport) return;
    const { range } = viewport;
    const { probe } = this.#shared;
    const start = probe.place?.run === this.#id ? probe.place.z : [(range[0] + range[1]) / 2, (range[2] + range[3]) / 2];
    const size = (range[1] - range[0]) / (coarse ? 8 : 50);
    const clamp = (/** @type {number} */ v, /** @type {number} */ from, /** @type {number} */ to) => Math.min(to, Math.max(from, v));
    const z1 = clamp((start[0] ?? 0) + d1 * size, range[0], range[1]);
    const z2 = clamp((start[1] ?? 0) + d2 * size, range[2], range[3]);
    probe.show(this.placeAt([z1, z2], 'keys'));
  }

  // Selecting ---------------------------------------------------------------------------------

  /**
   * @param {Stroke} stroke
   * @returns {Point[]}
   */
  #outline({ kind, path }) {
    const { viewport } = this.#plot;
    if (!viewport) return [];
    const corners = path.map(([x, y]) => latentAt(viewport, x, y));
    if (kind === 'lasso') return polygonOf(corners, MAX_CORNERS);
    const [a, b] = [/** @type {Point} */ (corners[0]), /** @type {Point} */ (corners.at(-1))];
    return cornersOf([Math.min(a[0], b[0]), Math.max(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[1], b[1])]);
  }

  /** @param {Stroke | null} stroke */
  #drawn(stroke) {
    const polygon = stroke ? this.#outline(stroke) : [];
    if (polygon.length >= 3) this.#shared.select(this.#id, polygon);
    this.showRegion();
  }

  #selectView() {
    const { viewport } = this.#plot;
    if (viewport) this.#shared.select(this.#id, cornersOf(viewport.range));
  }

  /** Around what is selected, in the plane where it was. */
  showRegion() {
    const { select } = this.#shared.store.state;
    const here = select && (select.run === this.#id || this.#shared.oneSpace());
    this.#overlay.showRegion(here ? select.polygon : []);
  }

  #resize() {
    const { store } = this.#shared;
    store.update({ large: !store.state.large, active: this.#id });
  }

  /**
   * This panel in an animation.
   * @returns {Promise<Scene | null>} null: it has nothing to show
   */
  async scene() {
    const run = this.#run;
    const { store, snapshots, titles, labelNames, levels, palette, runs } = this.#shared;
    const epochs = snapshots.of(this.#id);
    const beside = store.state.runs.flatMap((id) => runs.get(id) ?? []);
    const span = await this.data.span(epochs);
    const { points } = this.data;
    if (!run || !span || !points || epochs.length === 0) return null;
    const range = this.#shared.view(this.#id, span);
    const look = { chosen: this.#chosen(points), labelNames: labelNames(run), palette: palette() };
    return { run, title: titles.short(run, beside), epochs, range, levels: levels(this.data), look };
  }

  /** @param {'png' | 'svg'} format */
  async #export(format) {
    const run = this.#run;
    const { home } = this.data;
    if (!run || !home) return;
    const { store, titles, palette, levels, labelNames } = this.#shared;
    const { state } = store;
    const { epoch } = this.data;
    const { holes, anatomy } = this.#parts(run, epoch);
    await savePanel(run, format, {
      title: `${titles.full(run)}: ${FIELD_NAMES[state.field].text.toLowerCase()}${epoch === null ? '' : `, epoch ${epoch}`}`,
      density: this.data.density,
      levels: levels(this.data),
      range: this.#plot.viewport?.range ?? home,
      points: this.data.points,
      labelNames: labelNames(run),
      chosen: this.data.points ? this.#chosen(this.data.points) : new Uint8Array(),
      holes: holes?.value?.holes ?? NOTHING,
      anatomy: anatomy?.value ?? null,
      manifold: this.#manifold.shown,
      path: this.#path,
      pins: state.pins.flatMap(({ run: id, z }, i) => (id === run.id ? [{ number: i + 1, z }] : [])),
      palette: palette(),
    });
  }
}

/** @type {readonly import('./holes.js').Hole[]} */
const NOTHING = [];

const coarsePointer = window.matchMedia('(pointer: coarse)');
