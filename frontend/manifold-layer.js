/** @import {Run} from './contract' */
/** @import {LatentPlane, Section} from './latent-plane.js' */
/** @import {Manifold} from './manifold.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { api, sentence } from './api.js';
import { el, setText } from './dom.js';
import { LatestOnly } from './latest.js';
import { manifoldGrid, manifoldOf } from './manifold.js';
import { drawPicture } from './picture.js';
import { versionOf } from './version.js';
import { toPixel } from './viewport.js';

/** Until the frame counts as settled, in milliseconds. */
const PAUSE_MS = 150;

/** The grid of decoded pictures in place of a plane's contours. */
export class ManifoldLayer {
  #canvas = el('canvas', { class: 'picture' });
  #requests = new LatestOnly();
  #timer = 0;
  /** What was asked for last: the version of the run, and the grid. */
  #asked = '';
  #ink = '';
  /** @type {Viewport | null} */
  #viewport = null;
  /** @type {Manifold | null} */
  shown = null;
  node = el('div', { class: 'plane-manifold', attrs: { 'aria-hidden': 'true', hidden: true } }, this.#canvas);
  note = el('p', { class: 'plane-note manifold-note', attrs: { role: 'status', hidden: true } });

  /** @param {string} [reason] why there is nothing to see although it is wanted */
  hide(reason = '') {
    window.clearTimeout(this.#timer);
    this.#requests.clear();
    this.#asked = '';
    this.shown = null;
    this.node.hidden = true;
    this.#say(reason);
  }

  /**
   * Shows the manifold of what is in view; fetches it once the frame has settled.
   * @param {Run} run on a plane, with weights
   * @param {{viewport: Viewport, shape: readonly number[], plane: LatentPlane, palette: Palette}} options
   */
  show(run, { viewport, shape, plane: { place: section }, palette }) {
    this.project(viewport);
    this.#draw(palette);
    const grid = { ...manifoldGrid(viewport, shape), section };
    const key = JSON.stringify([versionOf(run), grid]);
    if (key === this.#asked) return;
    this.#asked = key;
    window.clearTimeout(this.#timer);
    if (!this.shown) this.#say('Decoding the plane…');
    this.#timer = window.setTimeout(() => this.#requests.submit(() => this.#load(run, key, grid, palette)), this.shown ? PAUSE_MS : 0);
  }

  /**
   * @param {Run} run
   * @param {string} key
   * @param {ReturnType<typeof manifoldGrid> & {section: Section}} grid
   * @param {Palette} palette
   */
  async #load(run, key, grid, palette) {
    try {
      const manifold = manifoldOf(await api.manifold(run.id, grid));
      if (key !== this.#asked) return;
      this.shown = manifold;
      this.#ink = '';
      this.#say('');
      this.#draw(palette);
      this.#place();
    } catch (error) {
      if (key !== this.#asked) return;
      this.#asked = '';
      this.#say(`The pictures could not be read: ${sentence(error)}`);
    }
  }

  /** @param {Palette} palette */
  #draw(palette) {
    const ink = palette.picture.ink.join();
    if (!this.shown || ink === this.#ink) return;
    this.#ink = ink;
    drawPicture(this.#canvas, this.shown.sprite, palette.picture);
    this.node.hidden = false;
  }

  /**
   * Keeps the tiles where they belong while the frame moves.
   * @param {Viewport} viewport
   */
  project(viewport) {
    this.#viewport = viewport;
    this.#place();
  }

  #place() {
    if (!this.#viewport || !this.shown) return;
    const { left, top, width, height } = this.#viewport;
    const { bounds } = this.shown;
    const [x0, y0] = toPixel(this.#viewport, [bounds[0], bounds[3]]);
    const [x1, y1] = toPixel(this.#viewport, [bounds[1], bounds[2]]);
    Object.assign(this.node.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    const tiles = this.shown.resolution;
    for (const [name, value] of Object.entries({ x: x0 - left, y: y0 - top, width: (x1 - x0) / tiles, height: (y1 - y0) / tiles })) {
      this.node.style.setProperty(`--tile-${name}`, `${value}px`);
    }
    Object.assign(this.#canvas.style, {
      width: `${x1 - x0}px`,
      height: `${y1 - y0}px`,
      transform: `translate(${x0 - left}px, ${y0 - top}px)`,
    });
  }

  /** @param {string} text */
  #say(text) {
    setText(this.note, text);
    this.note.hidden = text === '';
  }
}
