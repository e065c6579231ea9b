import { sentence } from './api.js';
import { openDialog } from './dialog.js';
import { el, setText } from './dom.js';
import { saveBlob } from './save.js';
import { everyNth } from './epochs.js';

const FILE = 'priorscope-training.gif';

const WIDTHS = [600, 900, 1200];
const USUAL_WIDTH = 900;

/** Milliseconds for each picture. */
const PACES = [
  { text: '4 epochs a second', milliseconds: 250 },
  { text: '8 epochs a second', milliseconds: 120 },
  { text: '16 epochs a second', milliseconds: 60 },
];
const USUAL_PACE = 1;

/** @typedef {{epochs: number[], width: number, milliseconds: number}} Choice */

/**
 * Asks how the panels are to be recorded, shows how far it is, and saves the GIF. Closing it ends the
 * recording.
 * @param {readonly number[]} epochs stored ones
 * @param {(choice: Choice, onProgress: (painted: number) => void, signal: AbortSignal) => Promise<Blob>} record
 */
export function openAnimationDialog(epochs, record) {
  const skips = [1, 2, 3, 5].filter((n) => n === 1 || everyNth(epochs, n).length >= 2);
  const skip = select(skips.map((n) => `${n === 1 ? 'All stored epochs' : `Every ${ORDINALS[n]}`}: ${everyNth(epochs, n).length} pictures`), 0);
  const width = select(WIDTHS.map((pixels) => `${pixels} pixels`), WIDTHS.indexOf(USUAL_WIDTH));
  const pace = select(PACES.map(({ text }) => text), USUAL_PACE);
  const bar = el('progress', { class: 'bar', attrs: { 'aria-label': 'Recording', hidden: true } });
  const status = el('p', { class: 'small animation-status', attrs: { role: 'status' } });
  const close = el('button', { class: 'button', text: 'Close', attrs: { type: 'button' } });
  const go = el('button', { class: 'button primary', text: 'Record', attrs: { type: 'submit' } });
  const form = el(
    'form',
    { class: 'animation-form' },
    el('p', { class: 'muted', text: 'Records the contours, points and outlined holes of all panels at each epoch as a GIF. The view stays as it is.' }),
    labelled('Epochs', skip),
    labelled('Width', width),
    labelled('Speed', pace),
    bar,
    status,
    el('div', { class: 'dialog-actions' }, close, go),
  );
  const dialog = openDialog('Save animation', form);
  let recording = new AbortController();
  dialog.addEventListener('close', () => recording.abort());
  const say = (/** @type {string} */ text, problem = false) => {
    setText(status, text);
    status.classList.toggle('problem', problem);
  };
  const show = (/** @type {boolean} */ busy) => {
    for (const input of [skip, width, pace, go]) input.disabled = busy;
    bar.hidden = !busy;
    setText(close, busy ? 'Cancel' : 'Close');
  };
  close.addEventListener('click', () => {
    if (bar.hidden) dialog.close();
    else recording.abort();
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    recording = new AbortController();
    const { signal } = recording;
    const chosen = everyNth(epochs, /** @type {number} */ (skips[skip.selectedIndex]));
    show(true);
    bar.max = chosen.length;
    const progress = (/** @type {number} */ painted) => {
      bar.value = painted;
      say(painted < chosen.length ? `Picture ${painted} of ${chosen.length}` : 'The pictures are joined…');
    };
    progress(0);
    try {
      const blob = await record(
        {
          epochs: chosen,
          width: /** @type {number} */ (WIDTHS[width.selectedIndex]),
          milliseconds: /** @type {{milliseconds: number}} */ (PACES[pace.selectedIndex]).milliseconds,
        },
        progress,
        signal,
      );
      saveBlob(FILE, blob);
      say(`Saved as ${FILE}: ${chosen.length} pictures, ${(blob.size / 1e6).toFixed(1)} MB.`);
    } catch (error) {
      if (signal.aborted) say('Cancelled: nothing was saved.');
      else say(sentence(error), true);
    }
    show(false);
  });
}

/** @type {Record<number, string>} */
const ORDINALS = { 2: 'second', 3: 'third', 5: 'fifth' };

/**
 * @param {string[]} texts
 * @param {number} chosen
 */
function select(texts, chosen) {
  const node = el('select', { class: 'text-field' }, ...texts.map((text) => el('option', { text })));
  node.selectedIndex = chosen;
  return node;
}

/**
 * @param {string} text
 * @param {HTMLElement} input
 */
function labelled(text, input) {
  return el('label', { class: 'animation-choice' }, el('span', { text }), input);
}
