/**
 * @import {DatasetInfo, Run} from './contract'
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
import { CoordinateForm } from './coordinate-form.js';
import { byId, el, iconButton, setText } from './dom.js';
import { number, place as placeText } from './format.js';
import { NearbyImage } from './nearby-image.js';
import { drawPicture } from './picture.js';
import { PinTray } from './pin-tray.js';
import { PlaceOutcome } from './place-outcome.js';
import { placeInWords } from './ratio.js';

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

/** @type {Place['source'][]} Places that are looked at in passing: no draws are asked for. */
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
 * @property {() => DatasetInfo[]} datasets
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
  #picture = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img', id: 'decoded' } });
  #time = el('p', { class: 'small card-time', attrs: { hidden: true } });
  #hint = el('p', { class: 'card-hint' });
  #coordinates = new CoordinateForm((z) => this.#look(z));
  #logPrior = el('dd', { data: { of: 'prior' } });
  #logPosterior = el('dd', { data: { of: 'posterior' } });
  #ratio = el('p', { class: 'ratio' });
  #pinButton = el('button', { class: 'button', text: 'Pin this place', attrs: { type: 'button' } });
  #outcome;
  #nearby;
  #pins;
  /** Of the run that is looked at, when its picture was last asked for. */
  #checkpoint = 0;

  /** @param {CardParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#outcome = new PlaceOutcome({ ...parts, className: (run, label) => this.#className(run, label) });
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
    if (change.kind === 'list' || change.kind === 'run') this.update();
  }

  /**
   * A run that learns draws another picture at the same place.
   * @param {string} id
   */
  #refresh(id) {
    const checkpoint = this.#parts.runs.get(id)?.checkpoint ?? 0;
    if (this.#parts.probe.place?.run !== id || checkpoint === this.#checkpoint) return;
    this.#checkpoint = checkpoint;
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
      el('div', { class: 'card-picture' }, this.#picture, this.#hint),
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
    byId('page').dataset['sheet'] = place && !BESIDE.includes(place.source) ? 'open' : 'closed';
    setText(this.#heading, place ? HEADINGS[place.source] : 'Decoder');
    setText(this.#run, run ? titles.full(run) : '');
    this.#run.title = this.#run.textContent ?? '';
    this.#showCoordinates(place, run);
    this.#showPicture();
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

  #showPicture() {
    const { probe, palette, store } = this.#parts;
    const { place, decoded, problem } = probe;
    this.#picture.hidden = !decoded;
    if (decoded) drawPicture(this.#picture, decoded.picture, palette().picture);
    this.#picture.setAttribute('aria-label', place ? `Picture decoded at ${placeText(place.z)}` : 'No picture');
    const idle = store.state.active ? 'Point at a panel: any place can be decoded, empty ones too.' : '';
    setText(this.#hint, problem || (place ? '' : idle));
    this.#hint.classList.toggle('problem', problem !== '');
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
    const near = place.nearestClass === null ? '' : `, nearest class ${this.#className(run, place.nearestClass)}`;
    const { text } = this.#words(place, decoded);
    const image = place.near ? `, at test image ${place.near.index}` : '';
    return `${placeText(place.z)}, log prior ${number(decoded.logPrior)}, log aggregated posterior ${number(decoded.logPosterior)}. ${text}${near}${image}`;
  }

  /**
   * @param {Run | undefined} run
   * @param {number} label
   */
  #className(run, label) {
    const dataset = this.#parts.datasets().find(({ id }) => id === run?.config.dataset);
    return dataset?.label_names[label] ?? String(label);
  }

  /**
   * @param {Place | null} place
   * @param {Run | undefined} run
   */
  #showNearby(place, run) {
    const near = place?.near;
    this.#nearby.show(near && run ? { dataset: run.config.dataset, index: near.index, className: this.#className(run, near.label) } : null);
  }
}
