import { byId, setText } from './dom.js';

const PAUSE_MS = 350;

let timer = 0;

/**
 * Reads a sentence to screen readers, once the user has paused: a sentence per key stroke would
 * never be finished.
 * @param {string} text
 */
export function announce(text) {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => setText(byId('announcer'), text), PAUSE_MS);
}
