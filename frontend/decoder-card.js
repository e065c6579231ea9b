/**
 * @import {DatasetInfo, Run} from './contract'
 * @import {Neighbour} from './holes.js'
 * @import {Moment} from './moment.js'
 * @import {PictureCache} from './picture-cache.js'
 * @import {Decoded, Place, Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {Pin, ViewStore} from './state.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { announce } from './announcer.js';
import { byId, el, iconButton, setText } from './dom.js';
import { number, place as placeText } from './format.js';
import { LatestOnly } from './latest.js';
import { drawPicture } from './picture.js';
import { PinTray } from './pin-tray.js';
import { OUTSIDE, ratioInWords } from './ratio.js';

/** @type {Record<Place['source'], string>} */
const HEADINGS = {
  pointer: 'Under the pointer',
  keys: 'At the cursor',
  typed: 'At these coordinates',
  tap: 'At this place',
  sample: 'Drawn from the prior',
  pin: 'Pinned',
  path: 'On the line',
};

/** @type {Place['source'][]} Places that are told elsewhere: the pointer is seen, the line has a picture and a slider of its own. */
const BESIDE = ['pointer', 'path'];

/**
 * @typedef {object} CardParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Probe} probe
 * @property {PictureCache} cache
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
  #nearRequests = new LatestOnly();
  #heading = el('h2');
  #run = el('span', { class: 'card-run' });
  #picture = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img', id: 'decoded' } });
  #time = el('p', { class: 'small card-time', attrs: { hidden: true } });
  #hint = el('p', { class: 'card-hint' });
  #coordinates = el('form', { class: 'coordinates', attrs: { 'aria-label': 'Place in the latent space' } });
  #logPrior = el('dd', { data: { of: 'prior' } });
  #logPosterior = el('dd', { data: { of: 'posterior' } });
  #ratio = el('p', { class: 'ratio' });
  #training = el('figure', { class: 'neighbours' });
  #draws = el('figure', { class: 'neighbours' });
  #drift = el('p', { class: 'small muted' });
  /** What training images and draws are shown, so that they are not built twice. */
  #shownNeighbours = '';
  /** @type {Decoded | null} */
  #shownDraws = null;
  #nearby = el('div', { class: 'nearby' });
  #nearPicture = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img' } });
  #nearClass = el('p', { class: 'nearby-class' });
  #nearDetail = el('p', { class: 'small muted' });
  #pinButton = el('button', { class: 'button', text: 'Pin this place', attrs: { type: 'button' } });
  #pins;
  /** @type {HTMLInputElement[]} */
  #inputs = [];
  /** Which test image is meant to be shown, while its picture is on its way. */
  #nearIndex = -1;
  /** Of the run that is looked at, when its picture was last asked for. */
  #checkpoint = 0;

  /** @param {CardParts} parts */
  constructor(parts) {
    this.#parts = parts;
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
    this.#shownDraws = null;
    this.update();
    this.#pins.update();
  }

  #build() {
    const { probe } = this.#parts;
    this.#pinButton.addEventListener('click', () => {
      if (probe.place) this.#parts.pin(probe.place);
    });
    this.#coordinates.addEventListener('submit', (event) => event.preventDefault());
    this.#coordinates.addEventListener('input', () => this.#onTyped());
    this.#nearby.append(this.#nearPicture, el('div', {}, this.#nearClass, this.#nearDetail));
    const close = iconButton('close', 'Close', () => probe.end());
    close.classList.add('card-close');
    byId('card').append(
      el('div', { class: 'card-head' }, el('div', {}, this.#heading, this.#run), close),
      el('div', { class: 'card-picture' }, this.#picture, this.#hint),
      this.#time,
      this.#coordinates,
      el(
        'dl',
        { class: 'reading' },
        el('div', {}, el('dt', { text: 'log p(z)' }), this.#logPrior),
        el('div', {}, el('dt', { text: 'log q(z)' }), this.#logPosterior),
      ),
      this.#ratio,
      this.#parts.readings,
      this.#pinButton,
      this.#training,
      this.#draws,
      this.#drift,
      this.#nearby,
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
    this.#showTraining(run, decoded);
    this.#showDetails(place, decoded);
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
    const dimensions = run?.config.latent_dim ?? 2;
    if (this.#inputs.length !== dimensions) this.#buildInputs(dimensions);
    this.#inputs.forEach((input, i) => {
      input.disabled = !run || run.checkpoint === 0;
      // What is being typed is not corrected under the hands of whoever types it.
      if (document.activeElement === input && place?.source === 'typed') return;
      const value = place?.z[i];
      input.value = value === undefined ? '' : value.toFixed(2);
      input.setAttribute('aria-invalid', 'false');
    });
  }

  /** @param {number} dimensions */
  #buildInputs(dimensions) {
    this.#inputs = Array.from({ length: dimensions }, (_, i) =>
      el('input', { class: 'text-field', attrs: { type: 'text', inputmode: 'decimal', autocomplete: 'off', 'aria-label': `z${i + 1}` } }),
    );
    this.#coordinates.replaceChildren(
      ...this.#inputs.map((input, i) =>
        el('label', { class: 'coordinate' }, el('span', { attrs: { 'aria-hidden': 'true' } }, 'z', el('sub', { text: String(i + 1) })), input),
      ),
      // Lets Enter in one of several inputs reach the form.
      el('button', { class: 'visually-hidden', text: 'Decode', attrs: { type: 'submit', tabindex: -1 } }),
    );
  }

  #onTyped() {
    const { probe, store, placeAt } = this.#parts;
    const run = probe.place?.run ?? store.state.active;
    const texts = this.#inputs.map((input) => input.value.trim().replace('−', '-'));
    const z = texts.map((text) => (text === '' ? 0 : Number(text)));
    this.#inputs.forEach((input, i) => input.setAttribute('aria-invalid', String(!Number.isFinite(z[i]))));
    if (run && z.every(Number.isFinite)) probe.show(placeAt(run, z, 'typed'));
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
  #words(place, { logPrior, logPosterior }) {
    const ratio = logPrior - logPosterior;
    const edge = this.#parts.edge(place.run);
    if (logPrior < edge.prior && logPosterior < edge.posterior) return { kind: 'outside', text: OUTSIDE };
    return ratioInWords(ratio, this.#parts.store.state.threshold);
  }

  /**
   * @param {Run | undefined} run
   * @param {Decoded | null} decoded
   */
  #showTraining(run, decoded) {
    const found = run && decoded ? decoded.nearest : [];
    this.#training.hidden = found.length === 0;
    if (!run || found.length === 0) return;
    const key = JSON.stringify([run.config.dataset, found.map(({ index }) => index), this.#parts.palette().ground]);
    const detail = found.map(({ label, distance }) => `${this.#className(run, label)} at ${number(distance)}`).join(', ');
    if (key !== this.#shownNeighbours) {
      this.#shownNeighbours = key;
      this.#training.replaceChildren(
        el('div', { class: 'neighbour-row' }, ...found.map((neighbour) => this.#neighbour(run, neighbour))),
        el('figcaption', { class: 'small muted' }),
      );
    }
    const what = found.length > 1 ? 'Nearest training images, class and distance:' : 'Nearest training image: class';
    setText(/** @type {Element} */ (this.#training.querySelector('figcaption')), `${what} ${detail}`);
  }

  /**
   * @param {Run} run
   * @param {Neighbour} neighbour
   */
  #neighbour(run, { index, label, distance }) {
    const name = `Training image ${index}, class ${this.#className(run, label)}, distance ${number(distance)}`;
    const canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img', 'aria-label': name, title: name } });
    this.#parts.cache.image(run.config.dataset, index).then((picture) => {
      if (picture) drawPicture(canvas, picture, this.#parts.palette().picture);
    });
    return canvas;
  }

  /**
   * What only a place that is looked at has: draws, and where its picture is encoded.
   * @param {Place | null} place
   * @param {Decoded | null} decoded
   */
  #showDetails(place, decoded) {
    const passing = !place || place.source === 'pointer' || place.source === 'sample';
    const draws = passing ? [] : (decoded?.draws ?? []);
    this.#draws.hidden = draws.length === 0;
    this.#drift.hidden = passing || !decoded;
    if (!decoded || passing) return;
    setText(this.#drift, `Encoded again, its picture lands ${number(decoded.drift)} away: at ${placeText(decoded.reencoded)}`);
    if (draws.length === 0 || decoded === this.#shownDraws) return;
    this.#shownDraws = decoded;
    this.#draws.replaceChildren(
      el(
        'div',
        { class: 'neighbour-row' },
        ...draws.map((picture) => {
          const canvas = el('canvas', { class: 'picture', attrs: { 'aria-hidden': 'true' } });
          drawPicture(canvas, picture, this.#parts.palette().picture);
          return canvas;
        }),
      ),
      el('figcaption', { class: 'small muted', text: 'Draws from the likelihood; the large picture is their mean' }),
    );
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
    this.#nearIndex = near && run ? near.index : -1;
    if (!near || !run) {
      this.#nearby.hidden = true;
      return;
    }
    const { index, label } = near;
    setText(this.#nearClass, `Class ${this.#className(run, label)}`);
    setText(this.#nearDetail, `Test image ${index}`);
    this.#nearPicture.setAttribute('aria-label', `Test image ${index}, class ${this.#className(run, label)}`);
    this.#nearRequests.submit(async () => {
      const picture = await this.#parts.cache.image(run.config.dataset, index);
      if (this.#nearIndex !== index) return;
      if (picture) drawPicture(this.#nearPicture, picture, this.#parts.palette().picture);
      this.#nearby.hidden = false;
    });
  }
}
