/** @import {Run} from './contract' */
/** @import {Neighbour} from './holes.js' */
/** @import {PictureCache} from './picture-cache.js' */
/** @import {Decoded} from './probe.js' */
/** @import {Palette} from './theme.js' */
import { el, setText } from './dom.js';
import { number, place as placeText } from './format.js';
import { drawPicture } from './picture.js';

/** What comes out of a place besides its picture: training images like it, draws, and where it is encoded again. */
export class PlaceOutcome {
  #parts;
  #training = el('figure', { class: 'neighbours' });
  #draws = el('figure', { class: 'neighbours' });
  #drift = el('p', { class: 'small muted' });
  /** What training images and draws are shown, so that they are not built twice. */
  #shownNeighbours = '';
  /** @type {Decoded | null} */
  #shownDraws = null;
  nodes = [this.#training, this.#draws, this.#drift];

  /** @param {{cache: PictureCache, palette: () => Palette, className: (run: Run, label: number) => string}} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Forgets what is painted: the colours have changed. */
  forget() {
    this.#shownDraws = null;
  }

  /**
   * @param {Run | undefined} run
   * @param {Decoded | null} decoded
   * @param {boolean} passing whether the place is looked at in passing only: then it has no draws
   */
  show(run, decoded, passing) {
    this.#showTraining(run, decoded);
    this.#showDetails(decoded, passing);
  }

  /**
   * @param {Run | undefined} run
   * @param {Decoded | null} decoded
   */
  #showTraining(run, decoded) {
    const found = run && decoded ? decoded.nearest : [];
    this.#training.hidden = found.length === 0;
    if (!run || found.length === 0) return;
    const key = JSON.stringify([run.config.dataset, found.map(({ index }) => index), this.#parts.palette().ground]);
    const detail = found.map(({ label, distance }) => `${this.#parts.className(run, label)} at ${number(distance)}`).join(', ');
    if (key !== this.#shownNeighbours) {
      this.#shownNeighbours = key;
      this.#training.replaceChildren(
        el('div', { class: 'neighbour-row' }, ...found.map((neighbour) => this.#neighbour(run, neighbour))),
        el('figcaption', { class: 'small muted' }),
      );
    }
    const what = found.length > 1 ? 'Nearest training images, class and distance:' : 'Nearest training image: class';
    setText(/** @type {Element} */ (this.#training.querySelector('figcaption')), `${what} ${detail}`);
  }

  /**
   * @param {Run} run
   * @param {Neighbour} neighbour
   */
  #neighbour(run, { index, label, distance }) {
    const { cache, className, palette } = this.#parts;
    const name = `Training image ${index}, class ${className(run, label)}, distance ${number(distance)}`;
    const canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img', 'aria-label': name, title: name } });
    cache.image(run.config.dataset, index).then((picture) => {
      if (picture) drawPicture(canvas, picture, palette().picture);
    });
    return canvas;
  }

  /**
   * @param {Decoded | null} decoded
   * @param {boolean} passing
   */
  #showDetails(decoded, passing) {
    const draws = passing ? [] : (decoded?.draws ?? []);
    this.#draws.hidden = draws.length === 0;
    this.#drift.hidden = passing || !decoded;
    if (!decoded || passing) return;
    setText(this.#drift, `Encoded again, its picture lands ${number(decoded.drift)} away: at ${placeText(decoded.reencoded)}`);
    if (draws.length === 0 || decoded === this.#shownDraws) return;
    this.#shownDraws = decoded;
    this.#draws.replaceChildren(
      el(
        'div',
        { class: 'neighbour-row' },
        ...draws.map((picture) => {
          const canvas = el('canvas', { class: 'picture', attrs: { 'aria-hidden': 'true' } });
          drawPicture(canvas, picture, this.#parts.palette().picture);
          return canvas;
        }),
      ),
      el('figcaption', { class: 'small muted', text: 'Draws from the likelihood; the large picture is their mean' }),
    );
  }
}
