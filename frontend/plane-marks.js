/** @import {Point} from './geometry.js' */
/** @import {Palette} from './theme.js' */
/** @import {Picture} from './picture.js' */
/** @import {Viewport} from './viewport.js' */
import { el } from './dom.js';
import { number } from './format.js';
import { clamp } from './geometry.js';
import { drawPicture } from './picture.js';
import { toPixel } from './viewport.js';

/**
 * @typedef {object} Mark
 * @property {'pin' | 'sample' | 'near' | 'cursor' | 'drawn'} kind
 * @property {Readonly<Point>} at
 * @property {string} [text]
 * @property {number} [beside] how far from the plane; 0 or nothing: it is on the plane
 * @property {Picture | null} [picture] beside the mark
 */

/** Width at least of a picture beside a mark, in a small and in a large panel; its pixels are enlarged by whole numbers. */
const PICTURE_PX = { small: 20, large: 36 };

/** Panels with shorter sides than this are small. */
const SMALL_PX = 220;

/** Cursor, pins and all else that marks a place of a plane. */
export class PlaneMarks {
  node = el('div', { class: 'plane-marks', attrs: { 'aria-hidden': 'true' } });

  /**
   * @param {Mark[]} marks the last lies on top
   * @param {Viewport | null} viewport
   * @param {Palette} palette
   */
  show(marks, viewport, palette) {
    if (marks.length === 0 && this.node.childElementCount === 0) return;
    this.node.replaceChildren(...(viewport ? marks.map((mark) => markNode(mark, viewport, palette)) : []));
  }
}

/**
 * @param {Mark} mark
 * @param {Viewport} viewport
 * @param {Palette} palette
 */
function markNode({ kind, at, text = '', beside = 0, picture = null }, viewport, palette) {
  const [x, y] = toPixel(viewport, at);
  const { left, top, width, height } = viewport;
  const away = kind === 'near' && (x < left || y < top || x > left + width || y > top + height);
  const node = el('span', { class: `mark mark-${kind}`, text });
  node.classList.toggle('mark-away', away);
  node.classList.toggle('mark-beside', beside > 0);
  if (beside > 0) node.append(el('small', { class: 'mark-distance', text: `${number(beside, 1)} off` }));
  // A linked image beyond the frame is shown at the edge nearest to it.
  const [shownX, shownY] = away ? [clamp(x, left, left + width), clamp(y, top, top + height)] : [x, y];
  node.style.transform = `translate(${shownX}px, ${shownY}px)`;
  if (picture) node.append(pictureNode(picture, shownX > left + width / 2, shownY < top + height / 2, Math.min(width, height) < SMALL_PX, palette));
  return node;
}

/**
 * @param {Picture} picture
 * @param {boolean} toLeft
 * @param {boolean} below
 * @param {boolean} small
 * @param {Palette} palette
 */
function pictureNode(picture, toLeft, below, small, palette) {
  const node = el('canvas', { class: 'mark-picture', data: { x: toLeft ? 'left' : 'right', y: below ? 'below' : 'above' } });
  drawPicture(node, picture, palette.picture);
  const { width, height } = shownSize(node, PICTURE_PX[small ? 'small' : 'large']);
  node.style.width = `${width}px`;
  node.style.height = `${height}px`;
  return node;
}

/**
 * @param {{width: number, height: number}} picture in pixels of its own
 * @param {number} least width on the screen
 * @returns {{width: number, height: number}} on the screen: enlarged by a whole number, or reduced to twice the least
 */
export function shownSize({ width, height }, least) {
  const scale = width > 2 * least ? (2 * least) / width : Math.max(1, Math.ceil(least / width));
  return { width: scale * width, height: scale * height };
}
