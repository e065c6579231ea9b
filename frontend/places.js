/** @import {Run} from './contract' */
/** @import {Box} from './geometry.js' */
/** @import {LatentPlot} from './latent-plot.js' */
/** @import {Planes} from './planes.js' */
/** @import {Place, Probe} from './probe.js' */
/** @import {RunStore} from './runs.js' */
/** @import {Pin} from './state.js' */
/** @import {ViewStore} from './view-store.js' */
import { announce } from './announcer.js';
import { byId } from './dom.js';
import { shareSpace } from './latent-space.js';

/** @type {Place['source'][]} Places of a plane, which stay on it. */
const MOVING = ['pointer', 'keys', 'typed', 'tap', 'plane'];

/** What is done with places of latent spaces: they are looked at, pinned, flown to, and joined. */
export class Places {
  #runs;
  #store;
  #probe;
  #planes;
  #panel;

  /** @param {{runs: RunStore, store: ViewStore, probe: Probe, planes: Planes, panel: (run: string) => LatentPlot | undefined}} parts */
  constructor({ runs, store, probe, planes, panel }) {
    this.#runs = runs;
    this.#store = store;
    this.#probe = probe;
    this.#planes = planes;
    this.#panel = panel;
    // A pin that is taken away is not come back to.
    store.subscribe((state, previous) => {
      if (state.pins === previous.pins) return;
      if (probe.kept && !this.#pinOf(probe.kept)) probe.keep(null);
      if (probe.place?.source === 'pin' && !this.#pinOf(probe.place)) probe.end();
    });
  }

  /**
   * @param {string} run
   * @param {number[]} z
   * @param {Place['source']} source
   * @returns {Place} with what is near to it, as far as the panel of the run knows
   */
  at(run, z, source) {
    return this.#panel(run)?.placeAt(z, source) ?? { run, z, source, near: null, nearestClass: null };
  }

  /** @param {{run: string, z: number[]}} place */
  #pinOf({ run, z }) {
    return this.#store.state.pins.findLast((pinned) => pinned.run === run && pinned.z.join() === z.join());
  }

  /** @param {{run: string, z: number[]}} place */
  pin({ run, z }) {
    const probe = this.#probe;
    this.#store.update({ pins: [...this.#store.state.pins, { run, z }] });
    const place = this.at(run, z, 'pin');
    // The card comes back to a pinned place once the pointer has gone.
    probe.keep(place);
    if (probe.place?.source === 'keys' || probe.place?.source === 'tap' || !probe.place) probe.show(place);
    announce(`Pinned as number ${this.#store.state.pins.length}.`);
  }

  /**
   * Flies to a place: the panel shows it, the card what comes out of it.
   * @param {string} run
   * @param {number[]} z
   * @param {Box | null} box
   */
  visit(run, z, box) {
    const { views, pins } = this.#store.state;
    const found = this.#runs.get(run);
    this.#store.update({
      ...(found && found.config.latent_dim > 2 && { through: this.#planes.passing(found, z) }),
      active: run,
      views: box ? { ...views, [run]: box } : views,
      pins: this.#pinOf({ run, z }) ? pins : [...pins, { run, z }],
    });
    const place = this.at(run, z, 'pin');
    this.#probe.keep(place);
    this.#probe.show(place);
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    byId('main').scrollTo({ top: 0, behavior: still ? 'auto' : 'smooth' });
  }

  /**
   * The place that is looked at moves along with the plane of a run; without one, that where the plane is.
   * @param {Run} run
   */
  followPlane(run) {
    const plane = this.#planes.of(run);
    if (!plane) return;
    const { place } = this.#probe;
    const moves = place && MOVING.includes(place.source) && place.run === run.id;
    const point = moves ? plane.toPlane(place.z) : /** @type {const} */ ([0, 0]);
    this.#probe.show(this.at(run.id, plane.toLatent(point), moves ? place.source : 'plane'));
  }

  /**
   * Whether there is a straight line from one to the other: both lie in one latent space.
   * @param {Pin} a
   * @param {Pin} b
   */
  joinable(a, b) {
    const [first, second] = [this.#runs.get(a.run), this.#runs.get(b.run)];
    return first !== undefined && second !== undefined && shareSpace(first, second) && a.z.length === b.z.length;
  }

  /**
   * @param {Pin} from
   * @param {Pin} to
   */
  join(from, to) {
    const { runs: shown, active } = this.#store.state;
    this.#store.update({ path: [from, to], active: shown.includes(from.run) ? from.run : active });
    const { pins } = this.#store.state;
    announce(`Joined pin ${pins.indexOf(from) + 1} to pin ${pins.indexOf(to) + 1}. The arrow keys move along the line.`);
  }

  /**
   * Lets go of the place that is looked at: a pin that is shown is taken away.
   * @returns {boolean} whether there was one
   */
  letGo() {
    const { place } = this.#probe;
    const shown = place?.source === 'pin' ? this.#pinOf(place) : undefined;
    if (shown) this.#store.update({ pins: this.#store.state.pins.filter((pinned) => pinned !== shown) });
    else if (place && place.source !== 'pointer') this.#probe.end();
    else return false;
    return true;
  }
}
