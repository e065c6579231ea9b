/** @import {Box, Point} from './geometry.js' */

/**
 * A place that the user keeps.
 * @typedef {{run: string, z: number[]}} Pin
 */

/** @typedef {'prior' | 'aggregated_posterior' | 'log_ratio'} Field */

/**
 * The test images whose points lie in a polygon in the plane of one run, at a stored epoch or (null) at present.
 * @typedef {{run: string, epoch: number | null, polygon: Point[]}} Region
 */

/**
 * Everything that makes the screen what it is, but for the data.
 * @typedef {object} ViewState
 * @property {string[]} runs on the stage, in order
 * @property {string | null} active the run that samples and typed coordinates refer to
 * @property {boolean} large the active run fills the stage
 * @property {Record<string, Box>} views by run, and under EVERY_PANEL that of shared ranges; without one all is shown
 * @property {Pin[]} pins
 * @property {number[]} classes isolated ones; none: all are shown
 * @property {Region | null} select test images in colour, in all panels; null: all are
 * @property {'shared' | 'own'} levels
 * @property {'auto' | 'shared' | 'own'} ranges auto: shared where the panels share a latent space
 * @property {Field} field that the contours show
 * @property {'auto' | 'on' | 'off'} holes outlined or not; auto: with the log-ratio only
 * @property {number} threshold from which ratio of prior to data on a place counts as a hole
 * @property {boolean} anatomy what the priors are made of
 * @property {boolean} manifold decoded pictures over the plane in place of the contours
 * @property {[Pin, Pin] | null} path two of the pins, and the straight line between them
 * @property {number} at where on that line, 0 to 1
 * @property {string} drawing levels of the drawn picture's cells, in base64url; empty: nothing is drawn
 * @property {number | null} epoch that the panels show; null: the present
 * @property {'test' | 'train'} split whose ELBO is taken apart
 * @property {string} sort column of the table of figures; with a "-" in front the largest come first
 * @property {'system' | 'light' | 'dark'} theme
 */

export const MAX_PANELS = 12;
export const MAX_PINS = 24;

/** The name under which shared ranges have their view. */
export const EVERY_PANEL = '*';

/** Corners of a region at most, so that an address stays one. */
export const MAX_CORNERS = 64;

/** @type {readonly Field[]} */
export const FIELDS = ['prior', 'aggregated_posterior', 'log_ratio'];

/** Those at which runs are measured. */
export const THRESHOLDS = [3, 10, 100];

/** @type {Readonly<ViewState>} */
export const INITIAL = Object.freeze({
  runs: [],
  active: null,
  large: false,
  views: {},
  pins: [],
  classes: [],
  select: null,
  levels: 'shared',
  ranges: 'auto',
  field: 'prior',
  holes: 'auto',
  threshold: 10,
  anatomy: false,
  manifold: false,
  path: null,
  at: 0.5,
  drawing: '',
  epoch: null,
  split: 'test',
  sort: '',
  theme: 'system',
});

/**
 * Whether holes are outlined.
 * @param {ViewState} state
 */
export function showsHoles({ holes, field }) {
  return holes === 'auto' ? field === 'log_ratio' : holes === 'on';
}

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(6)));

/** @param {readonly number[]} values */
const joined = (values) => values.map(short).join(',');

/**
 * @param {ViewState} state
 * @returns {string} without the "#"
 */
export function toHash(state) {
  const id = encodeURIComponent;
  const parts = [
    ['runs', state.runs.map(id).join(',')],
    ['active', state.active && id(state.active)],
    ['large', state.large && '1'],
    ['view', Object.entries(state.views).map(([run, box]) => `${id(run)}:${joined(box)}`).join(';')],
    ['pins', state.pins.map(({ run, z }) => `${id(run)}:${joined(z)}`).join(';')],
    ['classes', state.classes.join(',')],
    ['select', state.select && regionText(state.select)],
    ['levels', state.levels !== INITIAL.levels && state.levels],
    ['ranges', state.ranges !== INITIAL.ranges && state.ranges],
    ['field', state.field !== INITIAL.field && state.field],
    ['holes', state.holes !== INITIAL.holes && state.holes],
    ['threshold', state.threshold !== INITIAL.threshold && String(state.threshold)],
    ['anatomy', state.anatomy && '1'],
    ['manifold', state.manifold && '1'],
    ['path', state.path && state.path.map((pin) => state.pins.indexOf(pin) + 1).join(',')],
    ['at', state.path && state.at !== INITIAL.at && short(state.at)],
    ['drawing', state.drawing],
    ['epoch', state.epoch !== null && String(state.epoch)],
    ['split', state.split !== INITIAL.split && state.split],
    ['sort', state.sort],
    ['theme', state.theme !== INITIAL.theme && state.theme],
  ];
  return parts.flatMap(([key, value]) => (value ? [`${key}=${value}`] : [])).join('&');
}

/** @param {string} text */
function decodeId(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Entries like "id:1,2;id:3,4" whose numbers are finite.
 * @param {string} text
 * @returns {[string, number[]][]}
 */
function entries(text) {
  return text.split(';').flatMap((entry) => {
    const [run = '', numbers = ''] = entry.split(':');
    const values = numbers.split(',').map(Number);
    const sound = run && numbers && values.every(Number.isFinite);
    return sound ? [/** @type {[string, number[]]} */ ([decodeId(run), values])] : [];
  });
}

/**
 * What a hash says; whatever it does not say, or says wrongly, is as at the beginning.
 * @param {string} hash with or without the "#"
 * @returns {ViewState}
 */
export function fromHash(hash) {
  const parts = new Map(
    hash.replace(/^#/, '').split('&').map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    }),
  );
  const list = (/** @type {string} */ key) => (parts.get(key) ?? '').split(',').filter(Boolean);
  const runs = [...new Set(list('runs').map(decodeId))].slice(0, MAX_PANELS);
  const active = parts.get('active') ? decodeId(/** @type {string} */ (parts.get('active'))) : null;
  const theme = parts.get('theme');
  const holes = parts.get('holes');
  const pins = entries(parts.get('pins') ?? '').slice(0, MAX_PINS).map(([run, z]) => ({ run, z }));
  const path = asPath(pins, list('path').map(Number));
  const at = Number(parts.get('at') || INITIAL.at);
  const ranges = parts.get('ranges');
  return {
    runs,
    active: active !== null && runs.includes(active) ? active : (runs[0] ?? null),
    large: parts.get('large') === '1' && runs.length > 0,
    views: Object.fromEntries(
      entries(parts.get('view') ?? '').flatMap(([run, values]) => {
        const box = (runs.includes(run) || run === EVERY_PANEL) && asBox(values);
        return box ? [[run, box]] : [];
      }),
    ),
    pins,
    classes: [...new Set(list('classes').map(Number).filter((k) => Number.isInteger(k) && k >= 0))],
    select: regionOf(parts.get('select') ?? '', runs),
    levels: parts.get('levels') === 'own' ? 'own' : 'shared',
    ranges: ranges === 'own' || ranges === 'shared' ? ranges : 'auto',
    field: FIELDS.find((field) => field === parts.get('field')) ?? INITIAL.field,
    holes: holes === 'on' || holes === 'off' ? holes : 'auto',
    threshold: THRESHOLDS.find((threshold) => String(threshold) === parts.get('threshold')) ?? INITIAL.threshold,
    anatomy: parts.get('anatomy') === '1',
    manifold: parts.get('manifold') === '1',
    path,
    at: path && at >= 0 && at <= 1 ? at : INITIAL.at,
    drawing: /^[\w-]*$/.test(parts.get('drawing') ?? '') ? (parts.get('drawing') ?? '') : '',
    epoch: /^\d{1,7}$/.test(parts.get('epoch') ?? '') ? Number(parts.get('epoch')) : null,
    split: parts.get('split') === 'train' ? 'train' : 'test',
    sort: /^-?[a-z_0-9]{1,40}$/.test(parts.get('sort') ?? '') ? /** @type {string} */ (parts.get('sort')) : '',
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
  };
}

/**
 * @param {number[]} values
 * @returns {Box | null}
 */
function asBox([a = NaN, b = NaN, c = NaN, d = NaN]) {
  return a < b && c < d ? [a, b, c, d] : null;
}

/**
 * @param {Pin[]} pins
 * @param {number[]} numbers of two of them, as on the screen
 * @returns {[Pin, Pin] | null}
 */
function asPath(pins, [a = NaN, b = NaN]) {
  const [from, to] = [pins[a - 1], pins[b - 1]];
  return from && to && from !== to ? [from, to] : null;
}

/**
 * "run:1,2,3,…", or "run@12:1,2,3,…" for one that was drawn at epoch 12.
 * @param {Region} region
 */
function regionText({ run, epoch, polygon }) {
  return `${encodeURIComponent(run)}${epoch === null ? '' : `@${epoch}`}:${joined(polygon.flat())}`;
}

/**
 * @param {string} text
 * @param {string[]} runs
 * @returns {Region | null}
 */
function regionOf(text, runs) {
  const [, name = '', at, numbers = ''] = /^([^@:]*)(?:@(\d{1,7}))?:(.*)$/.exec(text) ?? [];
  const run = decodeId(name);
  const values = numbers.split(',').map(Number);
  if (!runs.includes(run) || !values.every(Number.isFinite)) return null;
  /** @type {Point[]} */
  const polygon = [];
  for (let i = 0; i + 1 < values.length; i += 2) polygon.push([/** @type {number} */ (values[i]), /** @type {number} */ (values[i + 1])]);
  return polygon.length >= 3 && polygon.length <= MAX_CORNERS ? { run, epoch: at === undefined ? null : Number(at), polygon } : null;
}

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
  const write = () => {
    const { pathname, search } = window.location;
    const hash = toHash(store.state);
    window.history.replaceState(null, '', `${pathname}${search}${hash && `#${hash}`}`);
  };
  store.subscribe(() => {
    // Browsers refuse more than some 200 changes of the address in half a minute.
    window.clearTimeout(timer);
    timer = window.setTimeout(write, 150);
  });
  window.addEventListener('pagehide', write);
  window.addEventListener('hashchange', () => store.update(fromHash(window.location.hash)));
}
