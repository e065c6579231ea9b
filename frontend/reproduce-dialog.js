/**
 * @import {JsonSchema, PriorKind, Run} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {Reproduced, Screen} from './reproduction.js'
 * @import {RunStore} from './runs.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Titles} from './titles.js'
 */
import { api, sentence } from './api.js';
import { essentials } from './config-difference.js';
import { openDialog } from './dialog.js';
import { el, setAttributes, setText } from './dom.js';
import { toHash } from './view-hash.js';
import { commandText, curlText, pythonText } from './reproduction.js';

/**
 * @typedef {object} ReproduceParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Datasets} datasets
 * @property {(run: string) => Reproduced['density']} grid of the field that a panel shows
 * @property {(run: string) => number | null} epoch a stored one that a panel shows; null: the present
 */

const TABS = [
  { title: 'Command', write: commandText },
  { title: 'Python', write: pythonText },
  { title: 'curl', write: curlText },
];

/**
 * Shows how to get what is on the screen without the page.
 * @param {ReproduceParts} parts
 */
export async function openReproduce(parts) {
  const body = el('div', { class: 'reproduce' }, el('p', { class: 'muted', text: 'Loading the defaults…' }));
  openDialog('Reproduce what is on the screen', body);
  try {
    const [schema, priors, { token }] = await Promise.all([api.runSchema(), api.priors(), api.health()]);
    const screen = { ...screenOf(parts, schema, priors), token };
    const shown = parts.store.state.runs.flatMap((id) => parts.runs.get(id) ?? []);
    body.replaceChildren(...(screen.runs.length > 0 ? pages(screen, madeWith(shown)) : [el('p', { text: 'There are no runs on the stage: tick some in the list.' })]));
    /** @type {HTMLElement | null} */ (body.querySelector('[role="tab"]'))?.focus();
  } catch (error) {
    body.replaceChildren(el('p', { class: 'problem', text: sentence(error), attrs: { role: 'alert' } }));
  }
}

/**
 * @param {ReproduceParts} parts
 * @param {JsonSchema} schema
 * @param {PriorKind[]} priors
 * @returns {Omit<Screen, 'token'>}
 */
function screenOf({ runs, store, titles, datasets, grid, epoch }, schema, priors) {
  const { state } = store;
  const reproduced = state.runs.flatMap((id) => runs.get(id) ?? []).map((run) => ({
    config: essentials(run.config, schema, {
      options: priors.find(({ kind }) => kind === run.config.prior.kind)?.options,
      proposal: datasets.get(run.config.dataset)?.proposal,
    }),
    name: isDefaultName(run, titles) ? '' : run.name,
    frozenFrom: run.frozen_from ?? null,
    density: grid(run.id),
    pins: state.pins.flatMap((pin) => (pin.run === run.id ? [pin.z] : [])),
    epoch: epoch(run.id),
  }));
  const { origin, pathname } = window.location;
  // The address bar follows with a delay, and may hold characters that a comment must not.
  const address = `${origin}${pathname}#${toHash(state)}`;
  return { server: origin, address, threshold: state.threshold, runs: reproduced };
}

/**
 * @param {Run} run
 * @param {Titles} titles
 */
function isDefaultName(run, titles) {
  return run.name === `${titles.prior(run)} · ${run.config.dataset} · seed ${run.config.training.seed}`;
}

/**
 * @param {Run[]} runs
 * @returns {string} the versions and devices that trained them
 */
function madeWith(runs) {
  const each = runs.map(({ versions: { priorscope, torch, numpy, python, device, precision } }) => {
    const where = device ? ` on ${device}, ${precision}` : '';
    return `Priorscope ${priorscope}, PyTorch ${torch}, NumPy ${numpy}, Python ${python}${where}`;
  });
  return `Trained by ${[...new Set(each)].join('; ')}.`;
}

/**
 * @param {Screen} screen
 * @param {string} made what trained the runs
 * @returns {Node[]}
 */
function pages(screen, made) {
  const status = el('span', { class: 'small muted', attrs: { role: 'status' } });
  const text = el('pre', { class: 'code', attrs: { tabindex: 0, role: 'tabpanel', id: 'reproduce-text' } });
  const tabs = TABS.map(({ title }, i) =>
    el('button', {
      text: title,
      attrs: { type: 'button', role: 'tab', id: `reproduce-tab-${i}`, 'aria-controls': 'reproduce-text' },
      on: { click: () => choose(i), keydown: (event) => onKey(event, i) },
    }),
  );
  const choose = (/** @type {number} */ chosen) => {
    tabs.forEach((tab, i) => setAttributes(tab, { 'aria-selected': String(i === chosen), tabindex: i === chosen ? 0 : -1 }));
    text.setAttribute('aria-labelledby', `reproduce-tab-${chosen}`);
    setText(text, TABS[chosen]?.write(screen) ?? '');
    setText(status, '');
  };
  const onKey = (/** @type {KeyboardEvent} */ event, /** @type {number} */ at) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (at + step + tabs.length) % tabs.length;
    choose(next);
    tabs[next]?.focus();
  };
  const copy = el('button', { class: 'button primary', text: 'Copy', attrs: { type: 'button' }, on: { click: () => copyText(text, status) } });
  choose(0);
  return [
    el('p', {
      class: 'muted small',
      text: 'Trains the runs on the stage again, with the same settings and seeds, and gets their figures, holes, the field that is shown and the decoded pins: as commands the main figure and the holes. The same machine and versions give the same numbers.',
    }),
    el('p', { class: 'muted small', text: made }),
    el('div', { class: 'tabs', attrs: { role: 'tablist', 'aria-label': 'Language' } }, ...tabs),
    text,
    el('div', { class: 'dialog-actions' }, status, copy),
  ];
}

/**
 * @param {HTMLElement} source
 * @param {HTMLElement} status
 */
async function copyText(source, status) {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '');
    setText(status, 'Copied.');
  } catch {
    // Browsers keep the clipboard from pages that come over plain HTTP from elsewhere.
    window.getSelection()?.selectAllChildren(source);
    setText(status, 'The browser does not let the page copy. The text is selected: press Ctrl or ⌘ C.');
  }
}
