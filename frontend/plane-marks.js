/** @import {Viewport} from './viewport.js' */
import { el } from './dom.js';
import { toPixel } from './viewport.js';

/** @typedef {{kind: 'pin' | 'sample' | 'near' | 'cursor' | 'drawn', z: readonly number[], text?: string}} Mark */

/** Cursor, pins and all else that marks a place of a plane. */
export class PlaneMarks {
  node = el('div', { class: 'plane-marks', attrs: { 'aria-hidden': 'true' } });

  /**
   * @param {Mark[]} marks the last lies on top
   * @param {Viewport | null} viewport
   */
  show(marks, viewport) {
    const placed = viewport ? marks.filter(({ z }) => z.length === 2) : [];
    this.node.replaceChildren(
      ...placed.map(({ kind, z, text = '' }) => {
        const [x, y] = toPixel(/** @type {Viewport} */ (viewport), z);
        const mark = el('span', { class: `mark mark-${kind}`, text });
        mark.style.transform = `translate(${x}px, ${y}px)`;
        return mark;
      }),
    );
  }
}
