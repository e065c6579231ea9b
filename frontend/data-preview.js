/**
 * @import {Preview} from './contract'
 * @import {Picture} from './picture.js'
 * @import {Palette} from './theme.js'
 */
import { className, countsInWords, shapeInWords, thousands } from './data-words.js';
import { el } from './dom.js';
import { featureNumber, featuresOf } from './feature-bars.js';
import { drawPicture, isVector } from './picture.js';
import { integers, picturesOrVectors } from './typed-array.js';

/** Rows and columns of a table that is only glanced at. */
const GLANCE = { rows: 8, columns: 8 };

/** Classes whose counts are shown one by one. */
const MOST_CLASSES = 24;

/**
 * What a file would become: some of its rows, what is known of all, what has been done to them.
 * @param {Preview} preview
 * @param {Palette} palette
 * @returns {HTMLElement[]}
 */
export function previewNodes(preview, palette) {
  const rows = picturesOrVectors(preview.sample.images, preview.sample.values, featuresOf(preview));
  const labels = [...integers(preview.sample.label).values];
  return [
    preview.image_shape.length ? pictureSample(preview, rows, labels, palette) : tableSample(preview, rows, labels),
    el('dl', { class: 'preview-facts small' }, ...facts(preview).flatMap(([term, text]) => [el('dt', { text: term }), el('dd', { text })])),
    ...(preview.notes.length ? [el('ul', { class: 'preview-notes small', attrs: { 'aria-label': 'What has been done to the data' } }, ...preview.notes.map((text) => el('li', { text })))] : []),
    ...(preview.label_names.length ? [classCounts(preview)] : []),
  ];
}

/**
 * @param {Preview} preview
 * @param {Picture[]} rows
 * @param {number[]} labels
 * @param {Palette} palette
 */
function pictureSample(preview, rows, labels, palette) {
  return el(
    'ul',
    { class: 'preview-pictures', attrs: { 'aria-label': `${rows.length} of the pictures` } },
    ...rows.map((picture, i) => {
      const name = className(preview, labels[i] ?? 0);
      const canvas = el('canvas', { class: 'picture', attrs: { role: 'img', 'aria-label': name ? `Picture of class ${name}` : 'Picture', title: name } });
      drawPicture(canvas, picture, palette.picture);
      return el('li', {}, canvas, name ? el('span', { class: 'small muted', text: name, attrs: { 'aria-hidden': 'true' } }) : null);
    }),
  );
}

/**
 * @param {Preview} preview
 * @param {Picture[]} rows
 * @param {number[]} labels
 */
function tableSample(preview, rows, labels) {
  const { feature_names: names, label_names: classes } = preview;
  const { ranges } = featuresOf(preview);
  const columns = Math.min(names.length, GLANCE.columns);
  const more = names.length - columns;
  const head = [...(classes.length ? ['Class'] : []), ...names.slice(0, columns), ...(more > 0 ? [`${thousands(more)} more`] : [])];
  const body = rows.filter(isVector).slice(0, GLANCE.rows).map(({ values }, i) => [
    ...(classes.length ? [className(preview, labels[i] ?? 0)] : []),
    ...Array.from(values.subarray(0, columns), (v, k) => featureNumber(v, ranges[k] ?? [0, 1])),
    ...(more > 0 ? ['…'] : []),
  ]);
  return el(
    'div',
    { class: 'preview-table', attrs: { tabindex: 0, role: 'group', 'aria-label': 'The first rows' } },
    el(
      'table',
      { class: 'small' },
      el('thead', {}, el('tr', {}, ...head.map((text) => el('th', { text, attrs: { scope: 'col' } })))),
      el('tbody', {}, ...body.map((cells) => el('tr', {}, ...cells.map((text) => el('td', { text }))))),
    ),
  );
}

/**
 * @param {Preview} preview
 * @returns {[string, string][]}
 */
function facts(preview) {
  const { minimum, maximum, mean, share_at_extremes: share } = preview.statistics;
  const say = (/** @type {number} */ v) => featureNumber(v, [minimum, maximum]);
  const extremes = share === null ? '' : `; ${Math.round(100 * share)}% of them at one of the ends`;
  return [
    ['Each row', shapeInWords(preview)],
    ['Rows', countsInWords(preview.counts)],
    ['Values', `${say(minimum)} to ${say(maximum)}, mean ${say(mean)}${extremes}`],
  ];
}

/** @param {Preview} preview */
function classCounts({ label_names: names, class_counts: counts }) {
  const most = Math.max(1, ...counts);
  const rest = names.length - MOST_CLASSES;
  const shown = names.slice(0, MOST_CLASSES);
  const list = el(
    'ul',
    { class: 'preview-classes', attrs: { 'aria-labelledby': 'preview-classes-title' } },
    ...shown.map((name, k) => {
      const count = counts[k] ?? 0;
      const item = el('li', {}, el('span', { text: name, attrs: { title: name } }), el('i', { attrs: { 'aria-hidden': 'true' } }), el('b', { text: thousands(count) }));
      item.style.setProperty('--share', String(count / most));
      return item;
    }),
    rest > 0 ? el('li', { class: 'muted', text: `and ${thousands(rest)} more classes` }) : null,
  );
  return el('div', { class: 'small' }, el('p', { class: 'muted', text: 'Rows of each class', attrs: { id: 'preview-classes-title' } }), list);
}
