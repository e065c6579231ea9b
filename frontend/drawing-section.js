/**
 * @import {Run} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {Drawing, Nib} from './drawing.js'
 * @import {PictureCache} from './picture-cache.js'
 * @import {Encodings} from './encodings.js'
 * @import {Place, Probe} from './probe.js'
 * @import {RunStore} from './runs.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */
import { announce } from './announcer.js';
import { rowName, splitNoun } from './data-words.js';
import { byId, el, setText } from './dom.js';
import { blankFor, drawingOf, fromText, hasNibs, isBlank, toText, whyNotDrawn } from './drawing.js';
import { DrawingBoard } from './drawing-board.js';
import { number, place as placeText } from './format.js';
import { drawPicture, isVector } from './picture.js';
import { placeInWords } from './ratio.js';
import { Segments } from './segments.js';

const EMPTY =
  'Nothing is drawn yet. Where each run encodes the picture appears here, and in its panel as a diamond with ellipses at one and two scales of the posterior.';

const PRESENT = ' with the present weights. The panels show a past epoch, whose encoder is not stored.';

/**
 * @typedef {object} DrawingParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Probe} probe
 * @property {Encodings} encodings
 * @property {PictureCache} cache
 * @property {() => Palette} palette
 * @property {Datasets} datasets
 * @property {(run: string, z: number[], source: Place['source']) => Place} placeAt
 * @property {(place: {run: string, z: number[]}) => void} pin
 * @property {(run: string) => ArrayLike<number>} images rows in the data set of the images that a run's panel shows
 * @property {(run: string) => {prior: number, posterior: number}} edge log densities around nearly all of each
 */

/** A picture drawn by hand, and what each run on the stage makes of it. */
export class DrawingSection {
  #parts;
  #board = new DrawingBoard((drawing, begins) => this.#set(drawing, begins));
  #pen = new Segments(
    'Pen',
    [
      { value: 'pen', text: 'Pen', title: 'Draw with mouse, pen or finger' },
      { value: 'eraser', text: 'Eraser', title: 'Take ink away' },
    ],
    (value) => this.#choosePen({ erase: value === 'eraser' }),
  );
  #nib = new Segments(
    'Width of the pen',
    [
      { value: 'fine', text: 'Fine', title: 'A fine pen, as for letters' },
      { value: 'broad', text: 'Broad', title: 'A broad pen, as for filling' },
    ],
    (value) => this.#choosePen({ nib: /** @type {Nib} */ (value) }),
  );
  #reason = el('p', { class: 'muted' });
  #body = el('div', { class: 'draw-body' });
  #clear = el('button', { class: 'button small', text: 'Clear', attrs: { type: 'button' } });
  #take = el('button', { class: 'button small', attrs: { type: 'button' } });
  #random = el('button', { class: 'button small', attrs: { type: 'button' } });
  #hint = el('p', { class: 'small muted', attrs: { role: 'status' } });
  #rows = el('ul', { class: 'encodings' });
  /** Row of the image that was taken last. @type {number | null} */
  #taken = null;

  /** @param {DrawingParts} parts */
  constructor(parts) {
    this.#parts = parts;
    const { runs, store, probe, encodings } = parts;
    this.#clear.addEventListener('click', () => store.update({ drawing: '' }));
    this.#take.addEventListener('click', () => this.#takeImage(this.#pointed?.index));
    this.#random.addEventListener('click', () => this.#takeImage(this.#anyImage()));
    byId('draw').append(
      el(
        'div',
        { class: 'section-head' },
        el('h2', { text: 'Draw', attrs: { id: 'draw-title' } }),
        el('span', { class: 'muted', text: 'a picture, and see where each run encodes it' }),
      ),
      this.#reason,
      this.#body,
    );
    this.#body.append(
      el('div', { class: 'draw-tools' }, this.#board.node, el('div', { class: 'draw-buttons' }, this.#pen.node, this.#nib.node, this.#clear, this.#take, this.#random)),
      el('div', {}, this.#hint, this.#rows),
    );
    store.subscribe((state, previous) => {
      if (state.drawing !== previous.drawing || state.active !== previous.active || state.runs !== previous.runs || state.points !== previous.points) this.update();
      else if (state.threshold !== previous.threshold || state.epoch !== previous.epoch) this.#showRows();
    });
    runs.subscribe((change) => {
      if (change.kind === 'list' || change.kind === 'run') this.update();
    });
    probe.subscribe(() => this.#showTake());
    encodings.subscribe(() => this.#showRows());
    this.#choosePen({});
    this.update();
  }

  /** Theme, titles or data sets have changed. */
  redraw() {
    this.update();
  }

  get #run() {
    const { runs, store } = this.#parts;
    return runs.get(store.state.active ?? '');
  }

  get #dataset() {
    return this.#parts.datasets.get(this.#run?.config.dataset);
  }

  /** @returns {Drawing | null} null where the data set has no grey pictures to draw */
  get #drawing() {
    const empty = blankFor(this.#dataset);
    return empty && fromText(this.#parts.store.state.drawing, empty);
  }

  update() {
    const drawing = this.#drawing;
    byId('draw').hidden = !this.#run;
    this.#body.hidden = !drawing;
    setText(this.#reason, this.#dataset ? whyNotDrawn(this.#dataset) : '');
    this.#reason.hidden = drawing !== null;
    if (!drawing) return;
    this.#nib.node.hidden = !hasNibs(drawing);
    setText(this.#random, `Random ${splitNoun(this.#parts.store.state.points, this.#dataset)}`);
    this.#board.show(drawing, this.#parts.palette());
    this.#clear.disabled = isBlank(drawing);
    this.#showTake();
    this.#showRows();
  }

  /** @param {Partial<{erase: boolean, nib: Nib}>} change */
  #choosePen(change) {
    const pen = { ...this.#board.pen, ...change };
    this.#board.pen = pen;
    this.#pen.show(pen.erase ? 'eraser' : 'pen');
    this.#nib.show(pen.nib);
  }

  /**
   * @param {Drawing} drawing
   * @param {boolean} begins
   */
  #set(drawing, begins) {
    this.#parts.store.update({ drawing: toText(drawing) }, { record: begins });
  }

  /** The test image that was pointed at last, and its data set. */
  get #pointed() {
    const { probe, runs } = this.#parts;
    const last = probe.lastNear;
    const run = last && runs.get(last.run);
    return last?.near && run ? { dataset: run.config.dataset, index: last.near.index } : null;
  }

  #showTake() {
    const pointed = this.#pointed;
    const fits = pointed !== null && pointed.dataset === this.#run?.config.dataset;
    this.#take.hidden = !fits;
    if (fits) setText(this.#take, `Take ${splitNoun(this.#parts.store.state.points, this.#dataset)} ${pointed.index}`);
  }

  /** Another one than was taken last: a button that changes nothing looks broken. */
  #anyImage() {
    const rows = Array.from(this.#parts.images(this.#run?.id ?? '')).filter((row) => row !== this.#taken);
    return rows[Math.floor(Math.random() * rows.length)];
  }

  /** @param {number | undefined} index */
  async #takeImage(index) {
    const dataset = this.#dataset;
    if (!dataset?.num_values) return;
    if (index === undefined) {
      setText(this.#hint, 'The images are still being loaded.');
      return;
    }
    const picture = await this.#parts.cache.image(dataset.id, index);
    const name = rowName(this.#parts.store.state.points, dataset, index);
    if (!picture || isVector(picture)) {
      setText(this.#hint, `${name} could not be read.`);
      return;
    }
    this.#taken = index;
    this.#set(drawingOf(picture, dataset.num_values), true);
    announce(`${name} is on the canvas.`);
  }

  #showRows() {
    const { runs, store, titles, encodings } = this.#parts;
    const drawing = this.#drawing;
    if (!drawing) return;
    const shown = store.state.runs.flatMap((id) => runs.get(id) ?? []);
    const empty = isBlank(drawing);
    const learning = shown.every((run) => run.checkpoint === 0);
    const encoded = shown.filter(({ id }) => encodings.of(id)?.value).length;
    setText(
      this.#hint,
      empty ? EMPTY : learning ? 'There is something to see as soon as a run has begun to learn.' : `Encoded by ${encoded} of ${shown.length} ${shown.length === 1 ? 'run' : 'runs'}${store.state.epoch === null ? '.' : PRESENT}`,
    );
    const focused = this.#rows.contains(document.activeElement) ? document.activeElement?.closest('li')?.dataset['run'] : null;
    const rows = empty ? [] : shown.map((run) => this.#row(run, titles.short(run, shown), encodings.of(run.id)));
    this.#rows.replaceChildren(...rows);
    if (focused) rows.find((row) => row.dataset['run'] === focused)?.querySelector('button')?.focus();
  }

  /**
   * @param {Run} run
   * @param {string} title
   * @param {ReturnType<Encodings['of']>} known
   */
  #row(run, title, known) {
    const { palette, pin } = this.#parts;
    const encoding = known?.value;
    const canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img', 'aria-label': `Reconstruction by ${title}` } });
    if (!encoding) {
      const text = known?.problem || (run.checkpoint === 0 ? 'Has not learned anything yet' : this.#dataset?.id === run.config.dataset ? 'Encoding…' : 'Has pictures of another data set');
      return el('li', { class: 'encoding', data: { run: run.id } }, canvas, el('div', {}, el('b', { text: title }), el('p', { class: known?.problem ? 'small problem' : 'small muted', text })));
    }
    drawPicture(canvas, encoding.reconstruction, palette().picture);
    const { kind, text } = placeInWords(encoding, this.#parts.edge(run.id), this.#parts.store.state.threshold);
    const z = encoding.loc.map((v, d) => `z${d + 1} ${number(v)} ± ${number(encoding.scale[d] ?? 0)}`).join(', ');
    return el(
      'li',
      { class: 'encoding', data: { run: run.id } },
      canvas,
      el(
        'div',
        {},
        el('b', { text: title }),
        el('p', { class: 'small', text: `${z} · log p(z) ${number(encoding.logPrior)}` }),
        el('p', { class: 'ratio small', text, data: { kind } }),
      ),
      el('button', {
        class: 'button small',
        text: 'Pin',
        attrs: { type: 'button', 'aria-label': `Pin where ${title} encodes it: ${placeText(encoding.loc)}` },
        on: { click: () => pin({ run: run.id, z: encoding.loc }) },
      }),
    );
  }
}
