/** @import {Estimate} from './contract' */
/** @import {FigureInfo} from './figure-list.js' */
import { el } from './dom.js';
import { estimatorInWords } from './figure-list.js';

/** @type {Record<FigureInfo['unit'], string>} */
const MEASURES = { nats: 'In nats per image, or row.', bits: 'In bits.', share: 'A share of the mass, 0 to 100%.' };

/**
 * A "?" that explains a figure, for mouse, keyboard and touch alike.
 * @param {FigureInfo} info
 * @param {() => Estimate | undefined} example how it was estimated
 */
export function explanationButton(info, example) {
  const button = el('button', {
    class: 'explain',
    text: '?',
    attrs: { type: 'button', 'aria-label': `What is ${info.title}?`, 'aria-haspopup': 'dialog' },
    on: { click: () => open(button, info, example()) },
  });
  return button;
}

/**
 * @param {HTMLElement} anchor
 * @param {FigureInfo} info
 * @param {Estimate | undefined} estimate
 */
function open(anchor, { title, symbol, meaning, formula, better, unit }, estimate) {
  const direction = better === null ? '' : better === 'lower' ? ' Lower is better.' : ' Higher is better.';
  const measure = MEASURES[unit];
  const box = el(
    'div',
    { class: 'explanation', attrs: { popover: 'auto', role: 'dialog', 'aria-label': title, tabindex: -1 } },
    el('h3', { text: symbol ? `${title}, ${symbol}` : title }),
    el('p', { text: meaning }),
    el('p', { class: 'formula', text: formula }),
    el('p', { class: 'small muted', text: `${measure}${direction} ${estimate ? estimatorInWords(estimate) : ''}` }),
  );
  box.addEventListener('toggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== 'closed') return;
    box.remove();
    anchor.focus({ preventScroll: true });
  });
  document.body.append(box);
  box.showPopover();
  const at = anchor.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
  box.style.top = `${at.bottom + height + 12 < window.innerHeight ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
  box.focus({ preventScroll: true });
}
