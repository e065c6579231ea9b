/**
 * What a person wants of a panel by mouse, pen or finger. Positions are pixels within the plane.
 * @typedef {object} PointerIntents
 * @property {(x: number, y: number) => void} point
 * @property {() => void} leave
 * @property {(x: number, y: number) => void} click
 * @property {(x: number, y: number) => void} tap
 * @property {() => void} fit
 * @property {() => void} fitInstead of what the click meant that has just been told: it was the first of two
 * @property {(step: 1 | -1) => void} swipe
 * @property {(shift: boolean) => Stroke['kind'] | null} strokeKind what a drag draws; null: it moves the plane
 * @property {(stroke: Stroke) => void} draw
 * @property {(stroke: Stroke | null) => void} drawn null: given up
 * @property {(dx: number, dy: number) => void} pan
 * @property {(factor: number, about: Pixel) => void} zoomAt
 * @property {() => void} rest the plane has been moved or zoomed by hand, and now it is not any more
 */

/** @typedef {readonly [number, number]} Pixel */

/** @typedef {{kind: 'box' | 'lasso', path: Pixel[]}} Stroke */

/**
 * Buttons or fingers that are down: one that may become a click, a stroke or a pan, or two that pinch.
 * @typedef {{kind: 'press', start: Pixel, last: Pixel, moved: boolean, touch: boolean, stroke: Stroke | null}
 *   | {kind: 'pinch'}} Gesture
 */

const CLICK_PX = 4;
const DOUBLE = { milliseconds: 350, pixels: 12 };
const SWIPE_PX = 48;

/** Until a wheel that stands still has been let go of. */
const WHEEL_MS = 160;

/** Pixels of the wheel for which the frame becomes e times as wide, and the most that one event may count. */
const WHEEL_PX = { perE: 400, most: 120, line: 16 };

/**
 * @param {HTMLElement} plane
 * @param {PointerIntents} intents
 */
export function listenToPointer(plane, intents) {
  const pointer = new PlanePointer(plane, intents);
  plane.addEventListener('pointerdown', (event) => pointer.down(event));
  plane.addEventListener('pointermove', (event) => pointer.move(event));
  plane.addEventListener('pointerup', (event) => pointer.up(event));
  plane.addEventListener('pointercancel', (event) => pointer.cancel(event.pointerId));
  plane.addEventListener('pointerleave', () => pointer.leave());
  plane.addEventListener('wheel', (event) => pointer.wheel(event), { passive: false });
  plane.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && pointer.giveUp()) event.stopPropagation();
  });
}

class PlanePointer {
  #plane;
  #intents;
  /** Where the buttons or fingers that are down are. @type {Map<number, Pixel>} */
  #down = new Map();
  /** @type {Gesture | null} */
  #gesture = null;
  /** When and where the last click was, unless it was the second of two. */
  #lastClick = { time: -Infinity, at: /** @type {Pixel} */ ([0, 0]) };
  #frame = 0;
  #wheel = 0;

  /**
   * @param {HTMLElement} plane
   * @param {PointerIntents} intents
   */
  constructor(plane, intents) {
    this.#plane = plane;
    this.#intents = intents;
  }

  /**
   * @param {MouseEvent} event
   * @returns {Pixel}
   */
  #position(event) {
    const frame = this.#plane.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || isControl(event.target)) return;
    const at = this.#position(event);
    this.#down.set(event.pointerId, at);
    this.#plane.setPointerCapture(event.pointerId);
    this.#plane.focus({ preventScroll: true });
    if (this.#down.size > 1) {
      this.giveUp();
      this.#gesture = { kind: 'pinch' };
      return;
    }
    const kind = this.#intents.strokeKind(event.shiftKey);
    const stroke = kind && { kind, path: [at] };
    this.#gesture = { kind: 'press', start: at, last: at, moved: false, touch: event.pointerType === 'touch', stroke };
  }

  /** @param {PointerEvent} event */
  move(event) {
    const at = this.#position(event);
    const before = this.#down.get(event.pointerId);
    if (before) {
      this.#down.set(event.pointerId, at);
      if (this.#gesture?.kind === 'pinch') this.#pinch(event.pointerId, before, at);
      else if (this.#gesture) this.#drag(this.#gesture, at);
      return;
    }
    if (event.pointerType === 'touch' || event.buttons !== 0) return;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#intents.point(...at));
  }

  /**
   * @param {Extract<Gesture, {kind: 'press'}>} press
   * @param {Pixel} at
   */
  #drag(press, at) {
    const { start, last, stroke, touch } = press;
    const begins = !press.moved && Math.hypot(at[0] - start[0], at[1] - start[1]) > CLICK_PX;
    press.moved ||= begins;
    press.last = at;
    if (stroke) {
      stroke.path.push(at);
      if (press.moved) this.#intents.draw(stroke);
    } else if (press.moved && !touch) {
      // One finger scrolls the page or turns to the next panel; it takes two to move the plane.
      const from = begins ? start : last;
      this.#intents.pan(at[0] - from[0], at[1] - from[1]);
    }
  }

  /**
   * @param {number} id of the finger that has moved
   * @param {Pixel} before
   * @param {Pixel} after
   */
  #pinch(id, before, after) {
    const other = [...this.#down].find(([key]) => key !== id)?.[1];
    if (!other) return;
    const distance = (/** @type {Pixel} */ [x, y]) => Math.max(1, Math.hypot(x - other[0], y - other[1]));
    this.#intents.pan((after[0] - before[0]) / 2, (after[1] - before[1]) / 2);
    this.#intents.zoomAt(distance(before) / distance(after), [(after[0] + other[0]) / 2, (after[1] + other[1]) / 2]);
  }

  /** @param {PointerEvent} event */
  up(event) {
    if (!this.#down.delete(event.pointerId)) return;
    const gesture = this.#gesture;
    if (gesture?.kind === 'pinch') {
      if (this.#down.size > 0) return;
      this.#gesture = null;
      this.#intents.rest();
    } else if (gesture) {
      this.#gesture = null;
      this.#release(gesture, this.#position(event), event.timeStamp);
    }
  }

  /**
   * @param {Extract<Gesture, {kind: 'press'}>} press
   * @param {Pixel} at
   * @param {number} time
   */
  #release({ start, moved, stroke, touch }, at, time) {
    const { drawn, rest, swipe, fit, fitInstead, tap, click } = this.#intents;
    const [dx, dy] = [at[0] - start[0], at[1] - start[1]];
    if (stroke && moved) drawn(stroke);
    else if (touch && Math.abs(dx) > SWIPE_PX && Math.abs(dy) < SWIPE_PX) swipe(dx < 0 ? 1 : -1);
    else if (moved) rest();
    else {
      const before = this.#lastClick;
      const apart = Math.hypot(at[0] - before.at[0], at[1] - before.at[1]);
      const double = time - before.time < DOUBLE.milliseconds && apart < DOUBLE.pixels;
      this.#lastClick = { time: double ? -Infinity : time, at };
      if (double && touch) fit();
      else if (double) fitInstead();
      else if (touch) tap(...at);
      else click(...at);
    }
  }

  /** @param {number} id of a finger that the browser has taken for something else, as scrolling */
  cancel(id) {
    if (!this.#down.delete(id)) return;
    this.giveUp();
  }

  /** @returns {boolean} whether there was something to give up */
  giveUp() {
    const gesture = this.#gesture;
    if (!gesture) return false;
    this.#gesture = null;
    if (gesture.kind === 'press' && gesture.stroke) this.#intents.drawn(null);
    else this.#intents.rest();
    return true;
  }

  leave() {
    cancelAnimationFrame(this.#frame);
    this.#intents.leave();
  }

  /**
   * Without focus or modifier the wheel scrolls the page instead of zooming the panel.
   * @param {WheelEvent} event
   */
  wheel(event) {
    const meant = document.activeElement === this.#plane || event.ctrlKey || event.metaKey;
    if (!meant) return;
    event.preventDefault();
    const { perE, most, line } = WHEEL_PX;
    const turned = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * line : event.deltaY;
    this.#intents.zoomAt(Math.exp(Math.max(-most, Math.min(most, turned)) / perE), this.#position(event));
    window.clearTimeout(this.#wheel);
    this.#wheel = window.setTimeout(this.#intents.rest, WHEEL_MS);
  }
}

/** @param {EventTarget | null} target */
function isControl(target) {
  return target instanceof Element && target.closest('button, a, input') !== null;
}
