/** @import {Drawing, Nib} from './drawing.js' */
/** @import {Palette} from './theme.js' */
import { announce } from './announcer.js';
import { el } from './dom.js';
import { pictureOf, stroke, withCell } from './drawing.js';
import { drawPicture } from './picture.js';

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Cells that can be drawn on with mouse, pen, finger and keys. */
export class DrawingBoard {
  #onDraw;
  #canvas = el('canvas', { class: 'picture', attrs: { 'aria-hidden': 'true' } });
  #cursor = el('span', { class: 'board-cursor', attrs: { 'aria-hidden': 'true', hidden: true } });
  /** @type {Drawing | null} */
  #drawing = null;
  /** Where the pen was, in cells. */
  /** @type {[number, number] | null} */
  #tip = null;
  /** Column and row of the keys' cursor. */
  /** @type {[number, number]} */
  #at = [0, 0];
  /** @type {{erase: boolean, nib: Nib}} */
  pen = { erase: false, nib: 'fine' };
  node = el(
    'div',
    {
      class: 'board',
      attrs: {
        tabindex: 0,
        role: 'application',
        'aria-label':
          'Drawing. Arrow keys move from cell to cell, Space fills or empties the cell, plus and minus change its level, Delete empties it.',
      },
    },
    this.#canvas,
    this.#cursor,
  );

  /** @param {(drawing: Drawing, begins: boolean) => void} onDraw `begins`: a new stroke, which is undone as a whole */
  constructor(onDraw) {
    this.#onDraw = onDraw;
    this.node.addEventListener('pointerdown', (event) => this.#begin(event));
    this.node.addEventListener('pointermove', (event) => this.#goOn(event));
    for (const end of ['pointerup', 'pointercancel']) {
      this.node.addEventListener(end, () => {
        this.#tip = null;
      });
    }
    this.node.addEventListener('keydown', (event) => this.#onKey(event));
    this.node.addEventListener('focus', () => {
      const keys = !this.#tip && this.node.matches(':focus-visible');
      this.#showCursor(keys);
      if (keys) this.#say();
    });
  }

  /**
   * @param {Drawing} drawing
   * @param {Palette} palette
   */
  show(drawing, palette) {
    this.#drawing = drawing;
    const [column, row] = this.#at;
    this.#at = [Math.min(column, drawing.width - 1), Math.min(row, drawing.height - 1)];
    this.node.style.setProperty('--columns', String(drawing.width));
    this.node.style.setProperty('--rows', String(drawing.height));
    drawPicture(this.#canvas, pictureOf(drawing), palette.picture);
    this.#place();
  }

  #place() {
    const { width = 1, height = 1 } = this.#drawing ?? {};
    const [column, row] = this.#at;
    Object.assign(this.#cursor.style, {
      left: `${(100 * column) / width}%`,
      top: `${(100 * row) / height}%`,
      width: `${100 / width}%`,
      height: `${100 / height}%`,
    });
  }

  /** @param {PointerEvent} event */
  #cellUnder({ clientX, clientY }) {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const drawing = /** @type {Drawing} */ (this.#drawing);
    return /** @type {[number, number]} */ ([((clientX - left) / width) * drawing.width, ((clientY - top) / height) * drawing.height]);
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    if (event.button !== 0 || !this.#drawing) return;
    event.preventDefault();
    this.#tip = this.#cellUnder(event);
    this.node.focus({ preventScroll: true });
    this.#showCursor(false);
    this.node.setPointerCapture(event.pointerId);
    this.#onDraw(stroke(this.#drawing, this.#tip, this.#tip, this.pen), true);
  }

  /** @param {PointerEvent} event */
  #goOn(event) {
    if (!this.#tip || !this.#drawing) return;
    // A fast pen reports several places at a time.
    const events = event.getCoalescedEvents?.() ?? [];
    let drawing = this.#drawing;
    for (const one of events.length > 0 ? events : [event]) {
      const next = this.#cellUnder(one);
      drawing = stroke(drawing, this.#tip, next, this.pen);
      this.#tip = next;
    }
    this.#onDraw(drawing, false);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (!this.#drawing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { width, height, levels } = this.#drawing;
    const arrow = ARROWS[event.key];
    const level = this.#level();
    const step = Math.max(1, Math.round((levels - 1) / 4));
    if (arrow) {
      this.#at = [Math.min(width - 1, Math.max(0, this.#at[0] + arrow[0])), Math.min(height - 1, Math.max(0, this.#at[1] + arrow[1]))];
      this.#place();
      this.#say();
    } else if (event.key === ' ') this.#setLevel(level > 0 ? 0 : levels - 1);
    else if (event.key === '+' || event.key === '=') this.#setLevel(level + step);
    else if (event.key === '-') this.#setLevel(level - step);
    else if (event.key === 'Delete' || event.key === 'Backspace') this.#setLevel(0);
    else return;
    this.#showCursor(true);
    event.preventDefault();
  }

  /** @param {boolean} shown whoever draws by hand has a pointer of their own */
  #showCursor(shown) {
    this.#cursor.hidden = !shown;
  }

  get #index() {
    const [column, row] = this.#at;
    return row * (this.#drawing?.width ?? 1) + column;
  }

  #level() {
    return this.#drawing?.cells[this.#index] ?? 0;
  }

  /** @param {number} level */
  #setLevel(level) {
    if (this.#drawing) this.#onDraw(withCell(this.#drawing, this.#index, level), true);
    this.#say();
  }

  #say() {
    const [column, row] = this.#at;
    announce(`Row ${row + 1}, column ${column + 1}: level ${this.#level()} of ${(this.#drawing?.levels ?? 1) - 1}.`);
  }
}
