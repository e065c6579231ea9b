import { el } from './dom.js';

/** @typedef {{label: string, act: () => void}} MenuItem */

/**
 * A short list of actions below the button that opens it. The browser closes it by Esc or by a
 * click elsewhere.
 * @param {HTMLElement} anchor
 * @param {MenuItem[]} items
 */
export function openMenu(anchor, items) {
  const menu = el('div', { class: 'menu', attrs: { popover: 'auto' } });
  for (const { label, act } of items) {
    const choose = () => {
      menu.hidePopover();
      act();
    };
    menu.append(el('button', { text: label, attrs: { type: 'button' }, on: { click: choose } }));
  }
  menu.addEventListener('toggle', (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === 'closed') menu.remove();
  });
  menu.addEventListener('keydown', (event) => moveFocus(menu, event));
  document.body.append(menu);
  menu.showPopover();
  place(menu, anchor.getBoundingClientRect());
  menu.querySelector('button')?.focus();
}

/**
 * @param {HTMLElement} menu
 * @param {DOMRect} anchor
 */
function place(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const below = anchor.bottom + height + 8 < window.innerHeight;
  menu.style.left = `${Math.max(8, Math.min(anchor.right - width, window.innerWidth - width - 8))}px`;
  menu.style.top = `${below ? anchor.bottom + 4 : anchor.top - height - 4}px`;
}

/**
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function moveFocus(menu, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...menu.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons.at((at + step) % buttons.length)?.focus();
}
