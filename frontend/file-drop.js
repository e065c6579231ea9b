import { el } from './dom.js';

/** What a file may be called: the server looks at what is in it. */
const ENDINGS = '.npz,.npy,.zip,.csv,.tsv,.parquet,.gz,.idx,.ubyte';

/** @type {[string, string][]} */
const KINDS = [
  ['.npz, .npy', 'arrays: x, and y if there are labels'],
  ['.zip', 'pictures; the folders that they are in are their labels'],
  ['.csv, .parquet', 'tables of numbers, one column may hold the labels'],
  ['IDX, .gz', 'as MNIST comes; its four files together in a .zip'],
];

/**
 * A place to drop a file, and a button for those who would rather choose one.
 * @param {(file: File) => void} onFile
 */
export function fileDrop(onFile) {
  const input = el('input', { class: 'visually-hidden', attrs: { type: 'file', accept: ENDINGS, id: 'data-file', tabindex: -1 } });
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    input.value = '';
    if (file) onFile(file);
  });
  const node = el(
    'div',
    { class: 'file-drop' },
    el('p', {}, 'Drop a file here, or '),
    el('button', { class: 'button', text: 'Choose a file', attrs: { type: 'button' }, on: { click: () => input.click() } }),
    input,
    el('dl', { class: 'file-kinds small' }, ...KINDS.flatMap(([term, text]) => [el('dt', { text: term }), el('dd', { text })])),
    el('p', { class: 'small muted', text: 'It stays on the computer where Priorscope runs.' }),
  );
  const over = (/** @type {boolean} */ is) => {
    node.dataset['over'] = String(is);
  };
  node.addEventListener('dragover', (event) => {
    event.preventDefault();
    over(true);
  });
  node.addEventListener('dragleave', () => over(false));
  node.addEventListener('drop', (event) => {
    event.preventDefault();
    over(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file) onFile(file);
  });
  return node;
}
