/** @import {ViewState} from './state.js' */
import { EVERY_PANEL, INITIAL, MAX_PANELS, MAX_PINS } from './state.js';
import { fromHash, toHash } from './view-hash.js';

/** How many steps can be undone. */
const DEPTH = 100;

/** @typedef {(state: ViewState, previous: ViewState) => void} Listener */

/** The one place where the view lives. */
export class ViewStore {
  #state;
  /** @type {ViewState[]} */
  #past = [];
  /** @type {ViewState[]} */
  #future = [];
  /** @type {Set<Listener>} */
  #listeners = new Set();

  /** @param {ViewState} state */
  constructor(state) {
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /** @param {Listener} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /**
   * @param {Partial<ViewState>} patch
   * @param {{record?: boolean}} [options] `record: false` for what a person would not think to undo
   */
  update(patch, { record = true } = {}) {
    const next = settle({ ...this.#state, ...patch });
    if (toHash(next) === toHash(this.#state)) return;
    if (record) {
      this.#past = [...this.#past, this.#state].slice(-DEPTH);
      this.#future = [];
    }
    this.#set(next);
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  undo() {
    this.#travel(this.#past, this.#future);
  }

  redo() {
    this.#travel(this.#future, this.#past);
  }

  /**
   * @param {ViewState[]} from
   * @param {ViewState[]} to
   */
  #travel(from, to) {
    const next = from.pop();
    if (!next) return;
    to.push(this.#state);
    const { theme, epoch } = this.#state;
    this.#set({ ...next, theme, epoch });
  }

  /** @param {ViewState} next */
  #set(next) {
    const previous = this.#state;
    this.#state = next;
    for (const listener of this.#listeners) listener(next, previous);
  }
}

/**
 * Keeps the parts of a state consistent with each other. Parts that are stay the same objects, for
 * listeners compare them by identity.
 * @param {ViewState} state
 * @returns {ViewState}
 */
function settle(state) {
  const { views, select } = state;
  const pins = state.pins.length > MAX_PINS ? state.pins.slice(-MAX_PINS) : state.pins;
  const path = state.path?.every((pin) => pins.includes(pin)) ? state.path : null;
  const runs = state.runs.length > MAX_PANELS ? state.runs.slice(0, MAX_PANELS) : state.runs;
  const onStage = state.active !== null && runs.includes(state.active);
  const belongs = (/** @type {string} */ run) => runs.includes(run) || run === EVERY_PANEL;
  const stray = Object.keys(views).some((run) => !belongs(run));
  return {
    ...state,
    runs,
    active: onStage ? state.active : (runs[0] ?? null),
    large: state.large && runs.length > 0,
    views: stray ? Object.fromEntries(Object.entries(views).filter(([run]) => belongs(run))) : views,
    select: select && runs.includes(select.run) ? select : null,
    pins,
    path,
    at: path ? state.at : INITIAL.at,
  };
}

/**
 * Keeps the address bar and the store the same, without filling the browser's history.
 * @param {ViewStore} store
 * @param {Window} window
 */
export function bindToAddress(store, window) {
  let timer = 0;
  let known = window.location.hash;
  const write = () => {
    // Another view was asked for, and the event that says so has not come yet.
    if (window.location.hash !== known) return;
    const { pathname, search } = window.location;
    const hash = toHash(store.state);
    window.history.replaceState(null, '', `${pathname}${search}${hash && `#${hash}`}`);
    known = window.location.hash;
  };
  store.subscribe(() => {
    // Browsers refuse more than some 200 changes of the address in half a minute.
    window.clearTimeout(timer);
    timer = window.setTimeout(write, 150);
  });
  window.addEventListener('pagehide', write);
  window.addEventListener('hashchange', () => {
    known = window.location.hash;
    store.update(fromHash(known));
  });
}
