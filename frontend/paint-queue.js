/** What painting may take of one frame, in milliseconds. */
const BUDGET_MS = 10;

/** @type {Set<{paint: () => void}>} */
const waiting = new Set();
let spent = 0;
let frame = 0;

/**
 * Paints a layer: at once, as long as this frame has time for it, else in one of the next. Twelve
 * panels of ten thousand points never hold up the pointer together.
 * @param {{paint: () => void}} layer
 */
export function paintSoon(layer) {
  if (waiting.size > 0 || spent >= BUDGET_MS) waiting.add(layer);
  else paintNow(layer);
  frame ||= requestAnimationFrame(nextFrame);
}

/** @param {{paint: () => void}} layer */
export function forgetPaint(layer) {
  waiting.delete(layer);
}

/** @param {{paint: () => void}} layer */
function paintNow(layer) {
  const begin = performance.now();
  layer.paint();
  spent += performance.now() - begin;
}

function nextFrame() {
  frame = 0;
  spent = 0;
  for (const layer of waiting) {
    if (spent >= BUDGET_MS) break;
    waiting.delete(layer);
    paintNow(layer);
  }
  if (waiting.size > 0) frame = requestAnimationFrame(nextFrame);
}
