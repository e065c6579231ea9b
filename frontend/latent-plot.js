/**
 * @import {Box} from './geometry.js'
 * @import {LatentPlane} from './latent-plane.js'
 * @import {PanelContext} from './panel-context.js'
 * @import {Place} from './probe.js'
 */
import { el } from './dom.js';
import { LatentData } from './latent-data.js';
import { PanelContents } from './panel-contents.js';
import { runsOnStage } from './panel-context.js';
import { PanelHead } from './panel-head.js';
import { PanelTools } from './panel-tools.js';
import { PlaneHand } from './plane-hand.js';
import { planeMessage } from './plane-message.js';
import { NO_READING, curvesInWords, readingInWords } from './plane-reading.js';
import { PlaneView } from './plane-view.js';

/** Grid cells per side: enough for smooth lines at the size of the panel, and no more. */
const RESOLUTION = { small: 104, large: 176 };

/** The aggregated posterior has finer structure than most priors. */
const FINE_RESOLUTION = { small: 136, large: 240 };

/** Panels with longer sides than this are large. */
const LARGE_PX = 480;

/** So many epochs are fetched before they are asked for. */
const AHEAD = 4;

/**
 * One panel: the latent plane of one run. It fetches what is wanted, and draws what there is; what lies
 * on the plane is told by its contents, what is done on it by its hand.
 */
export class LatentPlot {
  #id;
  #context;
  #contents;
  #view;
  #hand;
  #head = new PanelHead(() => this.#hand.activate());
  #tools = new PanelTools({
    zoom: (factor) => this.#hand.zoom(factor),
    fit: () => this.#hand.fit(),
    resize: () => this.#resize(),
    save: async (kind) => (await this.#context.late()).savePanelAs(this.shot, kind),
  });
  /** Whether there has been room to show anything. */
  #wanted = false;
  #disposed = false;
  /** Whether this panel says what its axes are. */
  named = false;
  data;
  node;

  /**
   * @param {string} id of the run
   * @param {PanelContext} context
   */
  constructor(id, context) {
    this.#id = id;
    this.#context = context;
    this.data = new LatentData(id, context, () => this.#dataChanged());
    this.#contents = new PanelContents(id, context, this.data);
    this.#view = new PlaneView(this.#tools.node, () => this.refresh());
    this.#hand = new PlaneHand(id, context, {
      contents: this.#contents,
      view: this.#view,
      shownEpoch: () => this.data.epoch,
      onMove: () => this.showMarks(),
    });
    this.node = el('article', { class: 'panel', data: { run: id } }, this.#head.node, this.#head.bar, this.#view.node);
    this.#hand.listen();
  }

  dispose() {
    this.#disposed = true;
    this.data.dispose();
    this.#context.queue.remove(this);
    this.#view.dispose();
  }

  /** The run has changed, or what is wanted of it. */
  update() {
    const { run } = this.#contents;
    if (!run) return;
    const { store, titles } = this.#context;
    this.#head.update(titles.prior(run), titles.apart(run, runsOnStage(this.#context)));
    this.node.dataset['active'] = String(store.state.active === this.#id);
    this.#view.node.setAttribute(
      'aria-label',
      `Latent plane of ${titles.full(run)}. Arrow keys move the place that is decoded, Enter pins it; 1, 2 and 3 choose the field, H outlines holes, A shows the anatomy, M decodes the whole plane, S selects the test images in view; Space plays the training, comma and full stop step through it.`,
    );
    this.#tools.update(store.state.large, store.state.runs.length > 1);
    this.updateProgress();
    this.#want();
    this.showParts();
  }

  updateProgress() {
    const { run } = this.#contents;
    if (!run) return;
    const { store, snapshots, planes } = this.#context;
    const timeless = snapshots.has(this.#id) && snapshots.of(this.#id).length === 0;
    this.#head.updateProgress(run, { shown: this.data.epoch, chosen: store.state.epoch, timeless });
    const unplaced = store.state.epoch !== null && !snapshots.has(this.#id) ? snapshots.problem(this.#id) : '';
    const problem = this.data.problem || planes.problem(run) || unplaced;
    this.#view.say(planeMessage(run, { ready: this.data.ready, problem }));
  }

  // What is fetched ---------------------------------------------------------------------------

  /** Fetches what the run has learned since. */
  #want() {
    const { run, plane, epoch } = this.#contents;
    const { width, height } = this.#view.size;
    if (!run || !plane || width === 0 || height === 0) return;
    const { store, moment, snapshots } = this.#context;
    const { field, reading, epoch: chosen } = store.state;
    const epochs = snapshots.of(this.#id);
    // Who opens a view of the past need not see the present first.
    if (chosen !== null && !snapshots.has(this.#id)) return;
    const resolutions = field === 'prior' ? RESOLUTION : FINE_RESOLUTION;
    const resolution = Math.min(width, height) > LARGE_PX ? resolutions.large : resolutions.small;
    this.#wanted = true;
    const ahead = moment.after(this.#id, AHEAD);
    this.data.want({ run, plane, reading, field, resolution, split: store.state.points, frame: (home) => this.#frame(home, plane), epoch, epochs, ahead });
    for (const next of ahead) this.#contents.science(next);
  }

  /**
   * What is in view, given the box that holds everything.
   * @param {Box} home
   * @param {LatentPlane} plane
   */
  #frame(home, plane) {
    return this.#view.frame(this.#context.ranges.view(this.#id, home), plane);
  }

  #dataChanged() {
    if (this.#disposed) return;
    this.updateProgress();
    this.showParts();
    this.#context.dataChanged();
    // The past comes when someone asks for it, the present by itself.
    this.#context.queue.add(this, () => this.draw(), this.data.epoch === null ? undefined : 0);
  }

  /** Whether everything on the plane is of the epoch that is to be shown. */
  get settled() {
    const { run, epoch } = this.#contents;
    if (!run || !this.#wanted) return true;
    if (!this.data.settled || this.#view.painted !== this.data.points) return false;
    const { holes, anatomy } = this.#contents.science(epoch);
    return !holes?.busy && !anatomy?.busy;
  }

  /** The grid of the field that is shown. */
  get grid() {
    const { density } = this.data;
    const { plane } = this.#contents;
    if (!density || !plane) return null;
    const { field, epoch } = density;
    const section = plane.section(this.#context.store.state.reading);
    return { field, resolution: density.z1.length, bounds: plane.bounds(density.bounds), epoch, section };
  }

  // What is drawn -----------------------------------------------------------------------------

  /** Draws anew at once: the user has changed something. */
  refresh() {
    this.#want();
    this.draw();
  }

  /** Draws what there is, if it differs from what is on the screen. */
  draw() {
    const { home, density } = this.data;
    const { plane } = this.#contents;
    const { width, height } = this.#view.size;
    const empty = !home || !plane || (!this.#view.painted && !this.data.ready);
    if (empty || this.#disposed || this.#hand.held || width === 0 || height === 0) return;
    const { palette, scale } = this.#context;
    // Planes of larger spaces may be different ones: each says which it is.
    const axes = this.named || plane.name || plane.line ? plane.axes : null;
    this.#view.node.dataset['line'] = String(plane.line);
    this.#view.draw({ density, levels: scale.of(this.data), range: this.#frame(home, plane), axes, palette: palette() });
    this.#showContents();
  }

  /** Puts points and marks where the axes are. */
  #showContents() {
    const { points } = this.#contents;
    if (points) this.#view.showPoints(points, this.#contents.look(points));
    this.#showManifold();
    this.#view.showNote(this.data.density?.note ?? '');
    this.#showReading();
    this.showMarks();
  }

  /** Outlines the holes and draws what the prior is made of, as far as they are wanted and known. */
  showParts() {
    const { epoch } = this.#contents;
    // Those of the next epoch appear together with its points.
    if (this.data.epoch !== epoch) this.#contents.science(epoch);
    const { parts, path, region } = this.#contents;
    this.#view.showParts({ ...parts, path, region }, this.#context.palette());
    this.#showManifold();
  }

  /** Which plane of a larger space this is, and how densities are read on it. */
  #showReading() {
    const { run, plane } = this.#contents;
    const { density } = this.data;
    if (!run || !plane || !density) this.#view.showReading(NO_READING);
    else if (plane.line) this.#view.showReading(curvesInWords(density));
    else this.#view.showReading(plane.name ? readingInWords(density, plane, this.#context.planes.explained(run)) : NO_READING);
  }

  #showManifold() {
    const { manifold, plane, epoch, imageShape: shape } = this.#contents;
    if (!plane) return;
    const obstacles = [plane.line && 'a line has none', shape?.length === 0 && 'only of pictures', epoch !== null && 'only of the present'];
    const why = obstacles.find(Boolean) || '';
    const reason = manifold && why ? `Manifold: ${why}` : '';
    this.#view.showManifold(why ? null : manifold, { shape, plane, palette: this.#context.palette(), reason });
  }

  /** Cursor, pins and the sample that is pointed at. */
  showMarks() {
    const { marks, drift, drawn: encoding } = this.#contents;
    this.#view.showMarks({ marks, drift, encoding }, this.#context.palette());
  }

  /** @param {number[] | null} z of the sample that is pointed at */
  markSample(z) {
    this.#contents.sample = z;
    this.showMarks();
  }

  /**
   * Moves along with a panel that is being dragged.
   * @param {Box} range
   */
  follow(range) {
    const { plane } = this.#contents;
    if (plane) this.#view.moveTo(range, plane);
    this.showMarks();
  }

  #resize() {
    const { store } = this.#context;
    store.update({ large: !store.state.large, active: this.#id });
  }

  /**
   * @param {number[]} z
   * @param {Place['source']} source
   * @returns {Place}
   */
  placeAt(z, source) {
    return this.#hand.placeAt(z, source);
  }

  /** This panel as it may leave the page. @returns {import('./panel-shot.js').Panel} */
  get shot() {
    return { context: this.#context, contents: this.#contents, data: this.data, view: this.#view };
  }
}
