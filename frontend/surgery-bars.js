/** @import {Row} from './figures-table.js' */
import { el } from './dom.js';
import { number } from './format.js';

/** @typedef {{name: string, kind: string, value: number}} Part */

/**
 * The two ways to take E_x KL(q(z|x) ‖ p(z)) apart.
 * @param {import('./contract').SplitFigures} figures
 * @returns {Part[][]}
 */
export function decompositions(figures) {
  return [
    [
      { name: 'Cross-entropy', kind: 'cross', value: figures.cross_entropy.value },
      { name: '− posterior entropy', kind: 'entropy', value: -figures.posterior_entropy.value },
    ],
    [
      { name: 'Mutual information', kind: 'information', value: figures.mutual_information.value },
      { name: 'Marginal KL', kind: 'marginal', value: figures.marginal_kl.value },
    ],
  ];
}

/**
 * Positive parts stacked to the right of 0; from their end negative ones lead back, so that the bar
 * ends at the sum.
 * @param {Part[]} parts
 * @returns {(Part & {from: number, to: number})[]}
 */
export function stacked(parts) {
  let end = 0;
  return parts
    .toSorted((a, b) => Number(a.value < 0) - Number(b.value < 0))
    .map((part) => {
      const from = end;
      end += part.value;
      return { ...part, from: Math.min(from, end), to: Math.max(from, end) };
    });
}

/** Narrower parts have their number in the tooltip only, in percent of the width. */
const LABELLED = 8;

const KEY = [
  { name: 'Cross-entropy', kind: 'cross' },
  { name: 'less posterior entropy (hatched), or plus where it is below 0', kind: 'entropy' },
  { name: 'Mutual information', kind: 'information' },
  { name: 'Marginal KL', kind: 'marginal' },
];

/**
 * ELBO surgery of the runs: for each the two decompositions, which end at the same place.
 * @param {Row[]} rows
 * @param {'train' | 'test'} split
 */
export function surgeryBars(rows, split) {
  const drawn = rows.flatMap(({ title, figures }) => (figures ? [{ title, figures: figures[split] }] : []));
  const bars = drawn.flatMap(({ figures }) => decompositions(figures).map(stacked));
  const low = Math.min(0, ...bars.flat().map(({ from }) => from));
  const high = Math.max(1, ...bars.flat().map(({ to }) => to));
  const share = (/** @type {number} */ v) => (100 * (v - low)) / (high - low);
  return el(
    'div',
    { class: 'surgery' },
    el(
      'ul',
      { class: 'surgery-key small', attrs: { 'aria-hidden': 'true' } },
      ...KEY.map(({ name, kind }) => el('li', { text: name, data: { kind } })),
    ),
    ...drawn.map(({ title, figures }) => {
      const parts = decompositions(figures);
      const total = (parts[0] ?? []).reduce((sum, { value }) => sum + value, 0);
      return el(
        'figure',
        { class: 'surgery-run' },
        el('figcaption', {}, el('b', { text: title }), el('span', { class: 'muted small', text: sumText(-figures.elbo.value, -figures.reconstruction.value, total) })),
        ...parts.map((decomposition) =>
          el(
            'div',
            { class: 'surgery-bar', attrs: { role: 'img', 'aria-label': decomposition.map(({ name, value }) => `${name} ${number(value)}`).join(', ') } },
            ...stacked(decomposition).map(({ name, kind, value, from, to }) => {
              const label = `${name} ${number(value)}`;
              const part = el('div', { class: 'surgery-part', data: { kind, negative: String(value < 0) }, attrs: { title: label } }, share(to) - share(from) > LABELLED && el('span', { text: number(value) }));
              part.style.left = `${share(from)}%`;
              part.style.width = `${share(to) - share(from)}%`;
              return part;
            }),
          ),
        ),
      );
    }),
  );
}

/**
 * @param {number} loss
 * @param {number} reconstruction
 * @param {number} rest
 */
function sumText(loss, reconstruction, rest) {
  return `−ELBO ${number(loss)} = reconstruction ${number(reconstruction)} + ${number(rest)}`;
}
