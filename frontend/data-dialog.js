/**
 * @import {Import, Upload} from './contract'
 * @import {DatasetListParts} from './dataset-list.js'
 * @import {ImportBody, Imports} from './imports.js'
 * @import {Palette} from './theme.js'
 */
import { api, sentence } from './api.js';
import { bytesInWords, thousands } from './data-words.js';
import { DatasetList } from './dataset-list.js';
import { openDialog } from './dialog.js';
import { el, setText } from './dom.js';
import { fileDrop } from './file-drop.js';
import { ImportForm } from './import-form.js';
import { openmlForm } from './openml-form.js';
import { ProgressRow } from './progress-row.js';

/** @typedef {DatasetListParts & {imports: Imports, palette: () => Palette}} DataDialogParts */

/**
 * Shows the data sets, and takes new ones.
 * @param {DataDialogParts} parts
 */
export function openDataDialog(parts) {
  const view = new DataDialog({
    ...parts,
    onUse: (dataset) => {
      dialog.close();
      parts.onUse(dataset);
    },
  });
  const dialog = openDialog('Data', view.node);
  dialog.classList.add('data-dialog');
  dialog.addEventListener('close', () => view.close());
}

class DataDialog {
  #parts;
  #list;
  /** What was sent and is not a data set yet. @type {Upload | null} */
  #upload = null;
  #sending = new AbortController();
  #import = new ProgressRow('Import', () => this.#cancelImport());
  #problem = el('p', { class: 'problem', attrs: { role: 'alert' } });
  #said = el('p', { attrs: { role: 'status' } });
  #body = el('div');
  #ends;
  node;

  /** @param {DataDialogParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#list = new DatasetList(parts);
    this.node = el('div', { class: 'data' }, this.#import.node, this.#said, this.#problem, this.#body);
    const { imports, datasets } = parts;
    this.#ends = [imports.subscribe((now) => this.#showImport(now)), datasets.subscribe(() => this.#list.update())];
    this.#import.node.hidden = true;
    this.#showList();
    if (imports.running && imports.current) this.#showImport(imports.current);
    imports.takeUp().catch((error) => this.#say(sentence(error)));
  }

  close() {
    for (const end of this.#ends) end();
    this.#sending.abort();
    if (!this.#parts.imports.running) this.#discard();
  }

  /** @param {...Node} content */
  #show(...content) {
    this.#body.replaceChildren(...content);
  }

  /** @param {string} [text] what went wrong */
  #say(text = '') {
    setText(this.#problem, text);
    this.#problem.hidden = text === '';
  }

  // The data sets -----------------------------------------------------------------------------

  /** @param {string | null} [fresh] the one that has just come */
  #showList(fresh = null) {
    this.#list.update(fresh);
    const add = el('button', { class: 'button primary', text: 'Add data', attrs: { type: 'button' }, on: { click: () => this.#showAdd() } });
    this.#show(this.#list.node, el('div', { class: 'dialog-actions' }, add));
    this.#say();
    add.focus();
  }

  #showAdd() {
    this.#discard();
    this.#say();
    setText(this.#said, '');
    const back = el('button', { class: 'link-button', text: 'All data sets', attrs: { type: 'button' }, on: { click: () => this.#showList() } });
    const drop = fileDrop((file) => this.#send(file));
    this.#show(back, drop, openmlForm((openml, options) => this.#start({ openml, ...options }, openml.name)));
    drop.querySelector('button')?.focus();
  }

  // Sending a file ----------------------------------------------------------------------------

  /** @param {File} file */
  async #send(file) {
    this.#say();
    this.#sending = new AbortController();
    const { signal } = this.#sending;
    const progress = new ProgressRow(`Sending ${file.name}`, () => this.#sending.abort());
    const tell = (/** @type {number} */ share) =>
      progress.show(share, share < 1 ? `${bytesInWords(share * file.size)} of ${bytesInWords(file.size)} sent` : 'Looking at what it is…');
    tell(0);
    this.#show(el('p', {}, el('b', { text: file.name })), progress.node);
    progress.node.querySelector('button')?.focus();
    try {
      const upload = await api.upload(file, { onProgress: tell, signal });
      if (signal.aborted) {
        await api.discardUpload(upload.id);
        return;
      }
      this.#upload = upload;
      this.#showForm(upload);
    } catch (error) {
      if (!this.node.isConnected) return;
      this.#showAdd();
      if (signal.aborted) setText(this.#said, 'Cancelled: nothing was kept.');
      else this.#say(sentence(error));
    }
  }

  /** @param {Upload} upload */
  #showForm(upload) {
    const form = new ImportForm({
      upload,
      palette: this.#parts.palette,
      onImport: (options, title) => this.#start({ upload: upload.id, ...options }, title),
      onOther: () => this.#showAdd(),
    });
    this.#show(form.node);
    form.node.querySelector('input')?.focus();
  }

  /** What was sent and is not wanted any more. */
  #discard() {
    const upload = this.#upload;
    this.#upload = null;
    // The server removes what nobody asks for by itself, only later.
    if (upload) api.discardUpload(upload.id).catch(() => {});
  }

  // Importing ---------------------------------------------------------------------------------

  /**
   * @param {ImportBody} body
   * @param {string} title
   */
  async #start(body, title) {
    const { imports } = this.#parts;
    if (imports.running) throw new Error(`“${imports.title}” is being added. Wait until it is there, or cancel it.`);
    await imports.start(body, title);
  }

  async #cancelImport() {
    try {
      await this.#parts.imports.cancel();
    } catch (error) {
      this.#say(sentence(error));
    }
  }

  /** @param {Import} now */
  #showImport({ status, message, done, total, dataset, error }) {
    const { title } = this.#parts.imports;
    const count = total === null ? (done > 0 ? `, ${thousands(done)} rows` : '') : `, ${thousands(done)} of ${thousands(total)} rows`;
    this.#import.show(total ? done / total : null, `Adding “${title}”: ${message || 'begins'}${count}`);
    this.#import.node.hidden = status !== 'running';
    this.#body.hidden = status === 'running';
    this.#say();
    setText(this.#said, '');
    if (status === 'finished') {
      this.#upload = null;
      setText(this.#said, `“${title}” can be used now.`);
      this.#showList(dataset);
    } else if (status === 'failed') {
      this.#say(error ?? `“${title}” was not added.`);
    } else if (status === 'cancelled') {
      setText(this.#said, `Cancelled: nothing of “${title}” was kept.`);
    }
  }
}
