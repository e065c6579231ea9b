/** @import {Box, Point} from './geometry.js' */
/** @import {Pin, Region, ViewState} from './state.js' */
import { decodeId } from './ids.js';
import { choiceOf } from './plane-choice.js';
import { EVERY_PANEL, FIELDS, INITIAL, MAX_CORNERS, MAX_PANELS, MAX_PINS, SPLITS, THRESHOLDS } from './state.js';

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
    ['selectplane', state.select && state.select.plane !== state.plane && (state.select.plane || USUAL_PLANE)],
    ['levels', state.levels !== INITIAL.levels && state.levels],
    ['ranges', state.ranges !== INITIAL.ranges && state.ranges],
    ['field', state.field !== INITIAL.field && state.field],
    ['holes', state.holes !== INITIAL.holes && state.holes],
    ['threshold', state.threshold !== INITIAL.threshold && String(state.threshold)],
    ['anatomy', state.anatomy && '1'],
    ['manifold', state.manifold && '1'],
    ['path', state.path && state.path.map((pin) => state.pins.indexOf(pin) + 1).join(',')],
    ['at', state.path && state.at !== INITIAL.at && short(state.at)],
    ['plane', state.plane],
    ['reading', state.reading !== INITIAL.reading && state.reading],
    ['through', Object.entries(state.through).map(([run, z]) => `${id(run)}:${joined(z)}`).join(';')],
    ['drawing', state.drawing],
    ['epoch', state.epoch !== null && String(state.epoch)],
    ['split', state.split !== INITIAL.split && state.split],
    ['points', state.points !== INITIAL.points && state.points],
    ['sort', state.sort],
    ['theme', state.theme !== INITIAL.theme && state.theme],
  ];
  return parts.flatMap(([key, value]) => (value ? [`${key}=${value}`] : [])).join('&');
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
  const plane = asPlane(parts.get('plane') ?? '');
  const selectPlane = parts.get('selectplane') ?? plane;
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
    select: regionOf(parts.get('select') ?? '', runs, selectPlane === USUAL_PLANE ? '' : asPlane(selectPlane)),
    levels: parts.get('levels') === 'own' ? 'own' : 'shared',
    ranges: ranges === 'own' || ranges === 'shared' ? ranges : 'auto',
    field: FIELDS.find((field) => field === parts.get('field')) ?? INITIAL.field,
    holes: holes === 'on' || holes === 'off' ? holes : 'auto',
    threshold: THRESHOLDS.find((threshold) => String(threshold) === parts.get('threshold')) ?? INITIAL.threshold,
    anatomy: parts.get('anatomy') === '1',
    manifold: parts.get('manifold') === '1',
    path,
    at: path && at >= 0 && at <= 1 ? at : INITIAL.at,
    plane,
    reading: parts.get('reading') === 'slice' ? 'slice' : 'marginal',
    through: Object.fromEntries(entries(parts.get('through') ?? '')),
    drawing: /^[\w-]*$/.test(parts.get('drawing') ?? '') ? (parts.get('drawing') ?? '') : '',
    epoch: /^\d{1,7}$/.test(parts.get('epoch') ?? '') ? Number(parts.get('epoch')) : null,
    split: parts.get('split') === 'train' ? 'train' : 'test',
    points: SPLITS.find((split) => split === parts.get('points')) ?? INITIAL.points,
    sort: /^-?[a-z_0-9]{1,40}$/.test(parts.get('sort') ?? '') ? /** @type {string} */ (parts.get('sort')) : '',
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
  };
}

/** How the usual plane is told apart from none. */
const USUAL_PLANE = 'pca:1,2';

/**
 * @param {string} text
 * @returns {string} empty: the usual one
 */
function asPlane(text) {
  return choiceOf(text) && text !== USUAL_PLANE ? text : '';
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
 * @param {string} plane
 * @returns {Region | null}
 */
function regionOf(text, runs, plane) {
  const [, name = '', at, numbers = ''] = /^([^@:]*)(?:@(\d{1,7}))?:(.*)$/.exec(text) ?? [];
  const run = decodeId(name);
  const values = numbers.split(',').map(Number);
  if (!runs.includes(run) || !values.every(Number.isFinite)) return null;
  /** @type {Point[]} */
  const polygon = [];
  for (let i = 0; i + 1 < values.length; i += 2) polygon.push([/** @type {number} */ (values[i]), /** @type {number} */ (values[i + 1])]);
  return polygon.length >= 3 && polygon.length <= MAX_CORNERS ? { run, epoch: at === undefined ? null : Number(at), plane, polygon } : null;
}
