/** @import {Estimate, Figures, Run} from './contract' */
/** @import {FigureInfo} from './figure-list.js' */
/** @import {ViewStore} from './view-store.js' */
import { toCsv } from './csv.js';
import { el } from './dom.js';
import { explanationButton } from './explanation.js';
import { best, figuresOf, likelihoodsInWords, sorted } from './figure-list.js';
import { number, percent } from './format.js';

/** @typedef {{run: Run, title: string, figures: Figures | null}} Row */

/**
 * @param {Estimate} estimate
 * @param {FigureInfo} info
 * @returns {string}
 */
export function figureText({ value }, { unit }) {
  return unit === 'share' ? percent(value) : number(value, unit === 'bits' ? 3 : 2);
}

/**
 * @param {Estimate} estimate
 * @param {FigureInfo} info
 * @returns {string} empty where the value is exact
 */
function errorText({ standard_error: error }, { unit }) {
  if (!error) return '';
  if (unit === 'share') return `± ${percent(error)}`;
  if (unit === 'bits') return error < 0.0005 ? '± under 0.001' : `± ${number(error, 3)}`;
  return error < 0.005 ? '± under 0.01' : `± ${number(error, 2)}`;
}

/**
 * The runs' figures side by side.
 * @param {Row[]} rows
 * @param {{store: ViewStore, all: boolean}} options
 */
export function figuresTable(rows, { store, all }) {
  const { sort } = store.state;
  const columns = figuresOf(rows).filter(({ detail }) => all || !detail);
  const order = sorted(rows, sort);
  const { alike } = likelihoodsInWords(rows);
  const winnersOf = (/** @type {FigureInfo} */ info) => best(order.map(({ figures }) => (figures ? info.read(figures) : undefined)), info);
  const winners = new Map(columns.map((info) => [info.id, info.ofData && !alike ? [] : winnersOf(info)]));
  return el(
    'table',
    { class: 'figures', attrs: { 'aria-labelledby': 'numbers-title' } },
    el(
      'thead',
      {},
      el('tr', {}, el('th', { text: 'Run', attrs: { scope: 'col' } }), ...columns.map((info) => heading(info, rows, store))),
    ),
    el(
      'tbody',
      {},
      ...order.map(({ run, title, figures }, i) =>
        el(
          'tr',
          { data: { run: run.id } },
          el('th', { text: title, attrs: { scope: 'row' } }),
          ...(figures
            ? columns.map((info) => figureCell(info.read(figures), info, winners.get(info.id)?.[i] ?? false))
            : [el('td', { class: 'muted', text: waiting(run), attrs: { colspan: columns.length } })]),
        ),
      ),
    ),
  );
}

/** @param {Run} run */
function waiting(run) {
  if (run.status === 'queued' || run.status === 'running') return 'Measured when its training has ended';
  return 'Has no figures: its training did not finish';
}

/**
 * @param {FigureInfo} info
 * @param {Row[]} rows
 * @param {ViewStore} store
 */
function heading(info, rows, store) {
  const { sort } = store.state;
  const direction = sort === info.id ? 'ascending' : sort === `-${info.id}` ? 'descending' : null;
  // First click: the best on top. Second: the other way round. Third: as on the stage.
  const cycle = info.better === 'higher' ? [`-${info.id}`, info.id] : [info.id, `-${info.id}`];
  const next = { '': cycle[0], [cycle[0] ?? '']: cycle[1], [cycle[1] ?? '']: '' }[direction ? sort : ''] ?? '';
  const arrow = direction === null ? '' : direction === 'ascending' ? ' ↑' : ' ↓';
  return el(
    'th',
    { attrs: { scope: 'col', 'aria-sort': direction } },
    el('button', {
      class: 'sort',
      text: `${info.title}${arrow}`,
      attrs: { type: 'button', title: `Sort by ${info.title}` },
      data: { figure: info.id },
      on: { click: () => store.update({ sort: next }, { record: false }) },
    }),
    explanationButton(info, () => rows.flatMap(({ figures }) => (figures && info.read(figures)) || [])[0]),
  );
}

/**
 * @param {Estimate | undefined} estimate
 * @param {FigureInfo} info
 * @param {boolean} winner
 */
function figureCell(estimate, info, winner) {
  if (!estimate) return el('td', { class: 'muted', text: '–' });
  const title = `${estimate.value}${estimate.standard_error === null ? ', exact' : ` ± ${estimate.standard_error}`}`;
  return el(
    'td',
    { class: winner ? 'best' : '', attrs: { title } },
    figureText(estimate, info),
    el('span', { class: 'error', text: errorText(estimate, info) && ` ${errorText(estimate, info)}` }),
  );
}

/**
 * Everything that was measured, with all digits.
 * @param {Row[]} rows
 * @returns {string}
 */
export function figuresCsv(rows) {
  const infos = figuresOf(rows);
  const head = ['run', 'name', 'prior', 'dataset', 'seed', ...infos.flatMap(({ id }) => [id, `${id}_standard_error`, `${id}_estimator`])];
  return toCsv([
    head,
    ...rows.map(({ run, figures }) => [
      run.id,
      run.name,
      run.config.prior.kind,
      run.config.dataset,
      run.config.training.seed,
      ...infos.flatMap(({ read }) => {
        const estimate = figures ? read(figures) : undefined;
        return estimate ? [estimate.value, estimate.standard_error, estimate.estimator] : [null, null, null];
      }),
    ]),
  ]);
}
