/** @import {Planes} from './planes.js' */
/** @import {Points} from './points.js' */
/** @import {RunStore} from './runs.js' */
/** @import {Region} from './state.js' */
/** @import {ViewStore} from './view-store.js' */
import { api, sentence } from './api.js';
import { encodedOf } from './points.js';
import { imagesIn } from './region.js';

/**
 * The selected test images: those whose points lay in the region when it was chosen. They stay the
 * same while the points move with training.
 */
export class Selection {
  #runs;
  #store;
  #planes;
  #shown;
  /** What is in a region, and the points that it was chosen from. @type {WeakMap<Region, {images: Set<number>, points: Points}>} */
  #known = new WeakMap();
  /** @type {Region | null} */
  #asked = null;
  /**
   * The region whose images the listeners were told of: a panel that asks for them as it paints may know them first.
   * @type {Region | null}
   */
  #told = null;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** Why the images of the region cannot be told, if so. */
  problem = '';

  /**
   * @param {RunStore} runs
   * @param {ViewStore} store
   * @param {Planes} planes
   * @param {(region: Region) => Points | null} shown the points of a run on the stage, if they are there and on the
   *   region's plane, at its epoch
   */
  constructor(runs, store, planes, shown) {
    this.#runs = runs;
    this.#store = store;
    this.#planes = planes;
    this.#shown = shown;
    store.subscribe((state, previous) => {
      if (state.select === previous.select) return;
      this.problem = '';
      if (this.images || !state.select) this.#emit();
    });
    runs.subscribe(({ kind }) => {
      const { select } = store.state;
      // The server may be back.
      if (kind === 'list' && this.problem && select) this.#ask(select);
    });
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** Rows in the data set; null: nothing is selected, or it is not known yet what. */
  get images() {
    const { select } = this.#store.state;
    if (!select) return null;
    const known = this.#known.get(select);
    if (known) return known.images;
    const points = this.#shown(select);
    if (points) return this.#remember(select, points);
    if (!this.problem) this.#ask(select);
    return null;
  }

  /** Points have arrived: perhaps those of the region. */
  update() {
    const { select } = this.#store.state;
    if (!select || this.#told === select) return;
    const points = this.#shown(select);
    if (!points) return;
    if (!this.#known.has(select)) this.#remember(select, points);
    this.#emit();
  }

  /** The points that the images were selected from. */
  get points() {
    const { select } = this.#store.state;
    return (select && this.#known.get(select)?.points) ?? null;
  }

  /** The data set of the selected images. */
  get dataset() {
    const { select } = this.#store.state;
    return select ? (this.#runs.get(select.run)?.config.dataset ?? null) : null;
  }

  /**
   * The selected images, as far as they belong to a run's data.
   * @param {string} run
   */
  imagesOf(run) {
    return this.#runs.get(run)?.config.dataset === this.dataset ? this.images : null;
  }

  /**
   * @param {Region} region
   * @param {Points} points
   */
  #remember(region, points) {
    const images = imagesIn(points, region.polygon);
    this.#known.set(region, { images, points });
    this.problem = '';
    return images;
  }

  /**
   * The panel of the run may not be in sight, as on a small screen, or show another epoch.
   * @param {Region} region
   */
  async #ask(region) {
    const run = this.#runs.get(region.run);
    if (this.#asked === region || !run || run.checkpoint === 0) return;
    this.#asked = region;
    try {
      const [plane, encoded] = await Promise.all([this.#planes.load(run, region.plane), api.points(region.run, { split: this.#store.state.points, epoch: region.epoch })]);
      const points = plane.project(encodedOf(encoded));
      if (!this.#known.has(region)) this.#remember(region, points);
    } catch (error) {
      if (this.#asked === region) this.#asked = null;
      if (this.#store.state.select === region && !this.#known.has(region)) this.problem = sentence(error);
    }
    if (this.#store.state.select === region && this.#told !== region) this.#emit();
  }

  #emit() {
    const { select } = this.#store.state;
    this.#told = select && this.#known.has(select) ? select : null;
    for (const listener of this.#listeners) listener();
  }
}
