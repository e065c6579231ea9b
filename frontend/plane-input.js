/**
 * What a person wants of a panel, whatever the device. Positions are pixels within the plane.
 * @typedef {object} Intents
 * @property {(x: number, y: number) => void} point
 * @property {() => void} leave
 * @property {(x: number, y: number) => void} click
 * @property {(x: number, y: number) => void} tap
 * @property {() => void} fit
 * @property {(step: 1 | -1) => void} swipe
 * @property {(shift: boolean) => Stroke['kind'] | null} strokeKind what a drag draws; null: it moves the plane
 * @property {(stroke: Stroke) => void} draw
 * @property {(stroke: Stroke | null) => void} drawn null: given up
 * @property {(direction: [number, number], coarse: boolean) => void} step
 * @property {(factor: number) => void} zoom
 * @property {() => void} pin
 * @property {(key: string) => boolean} shortcut whether the key means anything
 */

/** @typedef {readonly [number, number]} Pixel */

/** @typedef {{kind: 'box' | 'lasso', path: Pixel[]}} Stroke */

const CLICK_PX = 4;
const DOUBLE_MS = 350;
const SWIPE_PX = 48;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Dragging and wheel zoom are Plotly's; all else that happens on a plane is told apart here.
 * @param {HTMLElement} plane
 * @param {AbortSignal} signal ends what is heard outside of the plane
 * @param {Intents} intents
 */
export function listen(plane, signal, intents) {
  listenToPointer(plane, signal, intents);
  plane.addEventListener('wheel', (event) => holdWheel(plane, event), { capture: true, passive: true });
  plane.addEventListener('keydown', (event) => {
    if (event.target === plane && !event.ctrlKey && !event.metaKey && !event.altKey) onKey(event, intents);
  });
}

/**
 * Without focus or modifier the wheel scrolls the page instead of zooming the panel.
 * @param {HTMLElement} plane
 * @param {WheelEvent} event
 */
function holdWheel(plane, event) {
  const meant = document.activeElement === plane || event.ctrlKey || event.metaKey;
  if (!meant) event.stopPropagation();
}

/**
 * A button or finger that is down.
 * @typedef {{x: number, y: number, moved: boolean, stroke: Stroke | null}} Press
 */

/**
 * @param {HTMLElement} plane
 * @param {AbortSignal} signal
 * @param {Intents} intents
 */
function listenToPointer(plane, signal, intents) {
  /**
   * @param {PointerEvent} event
   * @returns {Pixel}
   */
  const position = (event) => {
    const frame = plane.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  /** @type {Press | null} */
  let pressed = null;
  let lastClick = 0;
  let frame = 0;

  plane.addEventListener('pointermove', (event) => {
    if (pressed?.stroke) {
      pressed.stroke.path.push(position(event));
      pressed.moved ||= Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > CLICK_PX;
      if (pressed.moved) intents.draw(pressed.stroke);
    }
    if (event.pointerType === 'touch' || event.buttons !== 0) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => intents.point(...position(event)));
  });
  plane.addEventListener('pointerleave', () => {
    cancelAnimationFrame(frame);
    intents.leave();
  });
  plane.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || isControl(event.target)) return;
    const kind = intents.strokeKind(event.shiftKey);
    pressed = { x: event.clientX, y: event.clientY, moved: false, stroke: kind && { kind, path: [position(event)] } };
    if (kind) plane.setPointerCapture(event.pointerId);
    plane.focus({ preventScroll: true });
  });
  const keepFromPlotly = (/** @type {Event} */ event) => {
    if (pressed?.stroke) event.stopPropagation();
  };
  plane.addEventListener('mousedown', keepFromPlotly, { capture: true });
  plane.addEventListener('touchstart', keepFromPlotly, { capture: true, passive: true });
  // Plotly covers the page while a button is down, so the release is not heard on the plane.
  const release = (/** @type {PointerEvent} */ event) => {
    if (!pressed) return;
    const [dx, dy] = [event.clientX - pressed.x, event.clientY - pressed.y];
    const { stroke, moved } = pressed;
    pressed = null;
    if (stroke && moved) {
      intents.drawn(stroke);
      return;
    }
    const touch = event.pointerType === 'touch';
    if (touch && Math.abs(dx) > SWIPE_PX && Math.abs(dy) < SWIPE_PX) intents.swipe(dx < 0 ? 1 : -1);
    if (Math.hypot(dx, dy) > CLICK_PX) return;
    const double = event.timeStamp - lastClick < DOUBLE_MS;
    lastClick = double ? 0 : event.timeStamp;
    if (double) intents.fit();
    else if (touch) intents.tap(...position(event));
    else intents.click(...position(event));
  };
  const cancel = () => {
    if (pressed?.stroke) intents.drawn(null);
    pressed = null;
  };
  window.addEventListener('pointerup', release, { signal });
  window.addEventListener('pointercancel', cancel, { signal });
  plane.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !pressed?.stroke) return;
    event.stopPropagation();
    cancel();
  });
}

/** @param {EventTarget | null} target */
function isControl(target) {
  return target instanceof Element && target.closest('button, a, input') !== null;
}

/**
 * @param {KeyboardEvent} event
 * @param {Intents} intents
 */
function onKey(event, intents) {
  const arrow = ARROWS[event.key];
  if (arrow) intents.step(arrow, event.shiftKey);
  else if (event.key === 'Enter') intents.pin();
  else if (event.key === '+' || event.key === '=') intents.zoom(1 / 1.4);
  else if (event.key === '-') intents.zoom(1.4);
  else if (event.key === '0') intents.fit();
  else if (event.shiftKey || !intents.shortcut(event.key.toLowerCase())) return;
  event.preventDefault();
}
