import { el, iconButton } from './dom.js';

let count = 0;

/**
 * A modal dialog that removes itself when closed, by its button, by Esc or by `close()`.
 * @param {string} title
 * @param {...Node} content
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, ...content) {
  const id = `dialog-${++count}`;
  const dialog = el('dialog', { attrs: { 'aria-labelledby': id } });
  dialog.append(
    el(
      'div',
      { class: 'dialog-head' },
      el('h2', { text: title, attrs: { id } }),
      iconButton('close', 'Close', () => dialog.close()),
    ),
    el('div', { class: 'dialog-body' }, ...content),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks before something that cannot be taken back.
 * @param {{title: string, text: string, action: string}} question
 * @returns {Promise<boolean>}
 */
export function confirm({ title, text, action }) {
  return new Promise((resolve) => {
    const dialog = openDialog(
      title,
      el('p', { text }),
      el(
        'div',
        { class: 'dialog-actions' },
        el('button', { class: 'button', text: 'Keep it', attrs: { type: 'button' }, on: { click: () => dialog.close() } }),
        el('button', { class: 'button danger', text: action, attrs: { type: 'button' }, on: { click: () => dialog.close('yes') } }),
      ),
    );
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'));
  });
}
