/** @import {PointerIntents} from './plane-pointer.js' */
import { listenToPointer } from './plane-pointer.js';

/**
 * What a person wants of a panel, whatever the device. Positions are pixels within the plane.
 * @typedef {PointerIntents & KeyIntents} Intents
 */

/**
 * @typedef {object} KeyIntents
 * @property {(direction: [number, number], coarse: boolean) => void} step
 * @property {(factor: number) => void} zoom
 * @property {() => void} fit
 * @property {() => void} pin
 * @property {(key: string) => boolean} shortcut whether the key means anything
 */

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Tells apart what happens on a plane.
 * @param {HTMLElement} plane
 * @param {Intents} intents
 */
export function listen(plane, intents) {
  listenToPointer(plane, intents);
  plane.addEventListener('keydown', (event) => {
    if (event.target === plane && !event.ctrlKey && !event.metaKey && !event.altKey) onKey(event, intents);
  });
}

/**
 * @param {KeyboardEvent} event
 * @param {KeyIntents} intents
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
