/**
 * @import {Run} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {Moment} from './moment.js'
 * @import {PictureCache} from './picture-cache.js'
 * @import {Decoded, Place, Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {Pin} from './state.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { announce } from './announcer.js';
import { CardPicture } from './card-picture.js';
import { CoordinateForm } from './coordinate-form.js';
import { className, splitNoun } from './data-words.js';
import { byId, el, iconButton, setText } from './dom.js';
import { number, place as placeText } from './format.js';
import { NearbyImage } from './nearby-image.js';
import { PinTray } from './pin-tray.js';
import { PlaceOutcome } from './place-outcome.js';
import { placeInWords } from './ratio.js';
import { versionOf } from './version.js';

/** @type {Record<Place['source'], string>} */
const HEADINGS = {
  pointer: 'Under the pointer',
  keys: 'At the cursor',
  typed: 'At these coordinates',
  tap: 'At this place',
  sample: 'Drawn from the prior',
  pin: 'Pinned',
  path: 'On the line',
  plane: 'Where the plane is',
};

/** @type {Place['source'][]} Places that are told elsewhere: the pointer is seen, the line has a picture and a slider of its own. */
const BESIDE = ['pointer', 'path'];

/** @type {Place['source'][]} Places that are looked at in passing: in brief. */
const PASSING = ['pointer', 'sample', 'plane'];

/**
 * @typedef {object} CardParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Probe} probe
 * @property {PictureCache} cache
 * @property {import('./planes.js').Planes} planes
 * @property {import('./places.js').Places} places
 * @property {HTMLElement} readings what the other priors say about the place
 * @property {Moment} moment
 * @property {() => Palette} palette
 * @property {Datasets} datasets
 * @property {(run: string, z: number[], source: Place['source']) => Place} placeAt
 * @property {(run: string) => {prior: number, posterior: number}} edge log densities around nearly all of each
 * @property {(place: {run: string, z: number[]}) => void} pin
 * @property {(a: Pin, b: Pin) => boolean} joinable whether both lie in one latent space
 * @property {(a: Pin, b: Pin) => void} join
 */

/** The card on the right: the decoded picture, where it is, what is near, and the pins. */
export class DecoderCard {
  #parts;
  #heading = el('h2');
  #run = el('span', { class: 'card-run' });
  #time = el('p', { class: 'small card-time', attrs: { hidden: true } });
  #coordinates = new CoordinateForm((z) => this.#look(z));
  #logPrior = el('dd', { data: { of: 'prior' } });
  #logPosterior = el('dd', { data: { of: 'posterior' } });
  #ratio = el('p', { class: 'ratio' });
  #picture;
  #pinButton = el('button', { class: 'button', text: 'Pin this place', attrs: { type: 'button' } });
  #outcome;
  #nearby;
  #pins;
  /** Run and version whose picture was last asked for anew. */
  #refreshed = '';

  /** @param {CardParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#picture = new CardPicture(parts);
    this.#outcome = new PlaceOutcome(parts);
    this.#nearby = new NearbyImage(parts);
    this.#pins = new PinTray(parts);
    this.#build();
    const { probe, store, runs, moment } = parts;
    moment.subscribe(() => this.update());
    probe.subscribe(() => this.update());
    store.subscribe((state, previous) => {
      if (state.active !== previous.active || state.threshold !== previous.threshold) this.update();
    });
    runs.subscribe((change) => this.#onRuns(change));
    this.update();
  }

  /** @param {import('./runs.js').Change} change */
  #onRuns(change) {
    if (change.kind === 'run' || change.kind === 'progress') this.#refresh(change.id);
    const { probe } = this.#parts;
    if (change.kind === 'list' && probe.problem) probe.refresh();
    // It may have learned while the server was away.
    else if (change.kind === 'list' && probe.place) this.#refresh(probe.place.run);
    if (change.kind === 'list' || change.kind === 'run') this.update();
  }

  /**
   * A run that learns draws another picture at the same place.
   * @param {string} id
   */
  #refresh(id) {
    const run = this.#parts.runs.get(id);
    const key = `${id} ${run ? versionOf(run) : 0}`;
    if (this.#parts.probe.place?.run !== id || key === this.#refreshed) return;
    this.#refreshed = key;
    this.#parts.probe.refresh();
  }

  /** Theme or titles have changed. */
  redraw() {
    this.#outcome.forget();
    this.update();
    this.#pins.update();
  }

  #build() {
    const { probe } = this.#parts;
    this.#pinButton.addEventListener('click', () => {
      if (probe.place) this.#parts.pin(probe.place);
    });
    const close = iconButton('close', 'Close', () => probe.end());
    close.classList.add('card-close');
    byId('card').append(
      el('div', { class: 'card-head' }, el('div', {}, this.#heading, this.#run), close),
      this.#picture.node,
      this.#time,
      this.#coordinates.node,
      el(
        'dl',
        { class: 'reading' },
        el('div', {}, el('dt', { text: 'log p(z)' }), this.#logPrior),
        el('div', {}, el('dt', { text: 'log q(z)' }), this.#logPosterior),
      ),
      this.#ratio,
      this.#parts.readings,
      this.#pinButton,
      ...this.#outcome.nodes,
      this.#nearby.node,
      el('hr'),
      this.#pins.node,
    );
  }

  update() {
    const { probe, runs, store, titles } = this.#parts;
    const { place, decoded } = probe;
    const run = runs.get(place?.run ?? store.state.active ?? '');
    this.#showSheet(place);
    setText(this.#heading, place ? HEADINGS[place.source] : 'Decoder');
    setText(this.#run, run ? titles.full(run) : '');
    this.#run.title = this.#run.textContent ?? '';
    this.#showCoordinates(place, run);
    this.#showPicture(run);
    this.#showTime(run);
    setText(this.#logPrior, decoded ? number(decoded.logPrior) : '–');
    setText(this.#logPosterior, decoded ? number(decoded.logPosterior) : '–');
    this.#showRatio(place, decoded);
    this.#outcome.show(run, decoded, !place || PASSING.includes(place.source));
    this.#pinButton.disabled = !place;
    this.#pinButton.hidden = place?.source === 'pin';
    this.#showNearby(place, run);
    // The slider of the line reads its places itself.
    if (place && !BESIDE.includes(place.source) && decoded) announce(this.#reading(place, decoded, run));
  }

  /**
   * On a narrow screen the card is a sheet that lies over the lower part of the page.
   * @param {Place | null} place
   */
  #showSheet(place) {
    const page = byId('page');
    const before = page.dataset['sheet'];
    page.dataset['sheet'] = place && !BESIDE.includes(place.source) ? 'open' : 'closed';
    if (place?.source !== 'tap' || before === 'open' || !narrow.matches) return;
    // The panel that was tapped must not be under it.
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    page.querySelector('.tabs:not([hidden]), .panels')?.scrollIntoView({ block: 'start', behavior: still ? 'auto' : 'smooth' });
  }

  /**
   * Only the newest, or kept, weights can decode: the panels may show another epoch.
   * @param {Run | undefined} run
   */
  #showTime(run) {
    const epoch = run ? this.#parts.moment.of(run.id) : null;
    const ended = run && run.status !== 'running' && run.status !== 'queued';
    const weights = ended && run.best_epoch !== null ? `the kept weights, epoch ${run.best_epoch}` : 'the newest weights';
    this.#time.hidden = epoch === null;
    setText(this.#time, epoch === null ? '' : `Picture and densities here are of ${weights}; the panel shows the places of epoch ${epoch}.`);
  }

  /** @param {Run | undefined} run */
  #showPicture(run) {
    const { place, decoded, problem } = this.#parts.probe;
    const idle = run ? 'Point at a panel: any place can be decoded, empty ones too.' : '';
    const hint = problem || (place ? (decoded ? '' : 'Decoding…') : idle);
    this.#picture.show(run, { z: place?.z ?? null, decoded, hint, problem: problem !== '' });
  }

  /**
   * @param {Place | null} place
   * @param {Run | undefined} run
   */
  #showCoordinates(place, run) {
    this.#coordinates.show({
      dimensions: run?.config.latent_dim ?? 2,
      z: place?.z,
      typed: place?.source === 'typed',
      able: run !== undefined && run.checkpoint > 0,
    });
  }

  /** @param {number[]} z typed */
  #look(z) {
    const { probe, store, placeAt } = this.#parts;
    const run = probe.place?.run ?? store.state.active;
    if (run) probe.show(placeAt(run, z, 'typed'));
  }

  /**
   * @param {Place | null} place
   * @param {Decoded | null} decoded
   */
  #showRatio(place, decoded) {
    const { kind, text } = place && decoded ? this.#words(place, decoded) : { kind: '', text: '' };
    setText(this.#ratio, text);
    this.#ratio.dataset['kind'] = kind;
  }

  /**
   * @param {Place} place
   * @param {Decoded} decoded
   */
  #words({ run }, decoded) {
    return placeInWords(decoded, this.#parts.edge(run), this.#parts.store.state.threshold);
  }

  /**
   * @param {Place} place
   * @param {Decoded} decoded
   * @param {Run | undefined} run
   */
  #reading(place, decoded, run) {
    const { datasets, store } = this.#parts;
    const dataset = datasets.get(run?.config.dataset);
    const nearest = place.nearestClass === null ? '' : className(dataset, place.nearestClass);
    const near = nearest && `, nearest class ${nearest}`;
    const { text } = this.#words(place, decoded);
    const image = place.near ? `, at ${splitNoun(store.state.points, dataset)} ${place.near.index}` : '';
    return `${placeText(place.z)}, log prior ${number(decoded.logPrior)}, log aggregated posterior ${number(decoded.logPosterior)}. ${text}${near}${image}`;
  }

  /**
   * @param {Place | null} place
   * @param {Run | undefined} run
   */
  #showNearby(place, run) {
    const near = place?.near;
    this.#nearby.show(near && run ? { dataset: run.config.dataset, ...near } : null);
  }
}

const narrow = window.matchMedia('(max-width: 719px)');
