/**
 * @import {Moment} from './moment.js'
 * @import {RunStore} from './runs.js'
 * @import {Snapshots} from './snapshots.js'
 * @import {ViewStore} from './view-store.js'
 */
import { el, icon, iconButton, setAttributes, setText } from './dom.js';
import { epochAt, keptInWords, positionOf } from './epochs.js';
import { Player } from './player.js';
import { Segments } from './segments.js';

const SPEEDS = [0.5, 1, 2, 4];

/**
 * @typedef {object} TimelineParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Snapshots} snapshots
 * @property {Moment} moment
 * @property {() => Promise<void>} settled resolves when the panels show what they are to show
 * @property {() => void} save
 */

/** Below the panels: the stored epochs of their training, through which they all move together. */
export class Timeline {
  #parts;
  #player;
  #play = iconButton('play', PLAY, () => this.#toggle());
  #back = iconButton('back', 'One stored epoch back (,)', () => this.#step(-1));
  #forward = iconButton('forward', 'One stored epoch on (.)', () => this.#step(1));
  #range = el('input', { class: 'timeline-range', attrs: { type: 'range', min: 0, step: 1, 'aria-label': 'Epoch' } });
  #text = el('span', { class: 'timeline-text' });
  #speeds;
  #present = el('button', { class: 'button small timeline-present', attrs: { type: 'button' } });
  #save = el('button', {
    class: 'button small',
    text: 'Save animation',
    attrs: { type: 'button', title: 'Record the panels going through their training as a GIF' },
  });
  node = el('div', { class: 'timeline', attrs: { role: 'group', 'aria-label': 'Timeline', hidden: true } });

  /** @param {TimelineParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { runs, store, snapshots, moment, settled, save } = parts;
    this.#player = new Player({ next: () => this.#next(), show: (epoch) => this.#show(epoch), settled });
    this.#speeds = new Segments(
      'Speed',
      SPEEDS.map((value) => ({ value, text: `${value}×`, title: `Play at ${value} times the usual speed` })),
      (speed) => {
        this.#player.speed = speed;
        this.#speeds.show(speed);
      },
    );
    this.#speeds.show(this.#player.speed);
    this.node.append(
      el('div', { class: 'timeline-steps' }, this.#play, this.#back, this.#forward),
      this.#range,
      this.#text,
      this.#speeds.node,
      this.#present,
      this.#save,
    );
    this.#range.addEventListener('input', () => this.#go(Number(this.#range.value)));
    this.#range.addEventListener('keydown', (event) => {
      if (event.key !== ' ') return;
      event.preventDefault();
      this.#toggle();
    });
    this.#present.addEventListener('click', () => this.#onPresent());
    this.#save.addEventListener('click', save);
    store.subscribe((state, previous) => {
      if (state.runs !== previous.runs || state.epoch !== previous.epoch) this.update();
    });
    snapshots.subscribe(() => this.update());
    moment.subscribe(() => this.update());
    runs.subscribe((change) => {
      if (change.kind === 'list' || change.kind === 'run') this.update();
    });
    this.#player.subscribe(() => this.update());
    this.update();
  }

  /**
   * @param {string} key
   * @returns {boolean} whether it means anything
   */
  key(key) {
    if (this.node.hidden) return false;
    if (key === ' ') this.#toggle();
    else if (key === ',') this.#step(-1);
    else if (key === '.') this.#step(1);
    else return false;
    return true;
  }

  update() {
    const { store, moment } = this.#parts;
    const { epochs, live, paused } = moment;
    this.node.hidden = epochs.length === 0 && !live;
    if (this.node.hidden) return;
    const position = positionOf(epochs, store.state.epoch);
    const text = this.#words(epochs);
    setAttributes(this.#range, { max: epochs.length, 'aria-valuetext': text, disabled: epochs.length === 0 });
    this.#range.value = String(position);
    const { playing, waiting } = this.#player;
    setText(this.#text, waiting ? `${text}, loading` : text);
    this.#text.title = this.#kept().join('\n');
    const label = playing ? 'Stop playing (Space)' : PLAY;
    if (this.#play.title !== label) {
      setAttributes(this.#play, { 'aria-label': label, title: label });
      this.#play.replaceChildren(icon(playing ? 'stop' : 'play'));
    }
    this.#play.disabled = epochs.length < 2;
    this.#back.disabled = position === 0;
    this.#forward.disabled = position === epochs.length;
    this.#save.disabled = epochs.length < 2;
    const away = store.state.epoch !== null || paused;
    setText(this.#present, live ? (away ? 'Resume live' : 'Pause live') : 'Now');
    this.#present.title = live && !away ? 'The panels hold still; training goes on' : 'Back to what the runs know now';
    this.#present.disabled = !live && !away;
  }

  /** @param {readonly number[]} epochs */
  #words(epochs) {
    const { store, moment } = this.#parts;
    const { epoch } = store.state;
    const last = epochs.at(-1) ?? 0;
    if (epoch !== null) return `Epoch ${epochAt(epochs, positionOf(epochs, epoch)) ?? epoch} of ${last}`;
    if (moment.paused) return moment.heldInWords();
    if (moment.live) return 'Live';
    const kept = this.#kept();
    return kept.length === 1 ? `Now, ${keptInWords(/** @type {import('./contract').Run} */ (this.#runs()[0]))}` : 'Now: kept weights';
  }

  #runs() {
    const { store, runs } = this.#parts;
    return store.state.runs.flatMap((id) => runs.get(id) ?? []);
  }

  /** What each run keeps. */
  #kept() {
    return this.#runs().flatMap((run) => (keptInWords(run) ? [`${run.name}: ${keptInWords(run)}`] : []));
  }

  // Moving ------------------------------------------------------------------------------------

  /** @param {number | null} epoch */
  #show(epoch) {
    const { store, moment } = this.#parts;
    if (epoch === null) moment.resume();
    else store.update({ epoch }, { record: false });
  }

  /** @param {number} position */
  #go(position) {
    this.#player.stop();
    this.#show(epochAt(this.#parts.moment.epochs, position));
  }

  /** @param {1 | -1} step */
  #step(step) {
    const { store, moment } = this.#parts;
    this.#go(positionOf(moment.epochs, store.state.epoch) + step);
  }

  /** @returns {number | null} the stored epoch after the one shown */
  #next() {
    const { epoch } = this.#parts.store.state;
    return epoch === null ? null : (this.#parts.moment.epochs.find((at) => at > epoch) ?? null);
  }

  #toggle() {
    if (this.#player.playing) {
      this.#player.stop();
      return;
    }
    const { epochs } = this.#parts.moment;
    if (epochs.length < 2) return;
    // From the end, and from the present, it begins anew.
    this.#player.play(this.#next() === null ? epochAt(epochs, 0) : null);
  }

  #onPresent() {
    const { store, moment } = this.#parts;
    this.#player.stop();
    if (store.state.epoch === null && !moment.paused) moment.pause();
    else moment.resume();
  }
}

const PLAY = 'Play the training (Space)';
