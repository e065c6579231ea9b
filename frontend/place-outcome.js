/** @import {Run} from './contract' */
/** @import {Datasets} from './datasets.js' */
/** @import {Neighbour} from './holes.js' */
/** @import {PictureCache} from './picture-cache.js' */
/** @import {Decoded} from './probe.js' */
/** @import {Palette} from './theme.js' */
import { className, rowName, splitNoun, withClass } from './data-words.js';
import { el, setAttributes, setText } from './dom.js';
import { number, place as placeText } from './format.js';
import { drawPicture, isVector, named } from './picture.js';

/** Draws that have a picture of their own; of vectors there are more, for their spread. */
const SHOWN_DRAWS = 4;

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

  /** @param {{cache: PictureCache, datasets: Datasets, palette: () => Palette}} parts */
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
   * @param {boolean} passing whether the place is looked at in passing only: then there are no draws, and nothing is encoded again
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
    const dataset = this.#parts.datasets.get(run.config.dataset);
    const labelled = className(dataset, 0) !== '';
    const detail = found.map(({ label, distance }) => (labelled ? `${className(dataset, label)} at ${number(distance)}` : number(distance))).join(', ');
    if (key !== this.#shownNeighbours) {
      this.#shownNeighbours = key;
      this.#training.replaceChildren(
        el('div', { class: 'neighbour-row' }, ...found.map((neighbour) => this.#neighbour(run, neighbour))),
        el('figcaption', { class: 'small muted' }),
      );
    }
    const nearest = `Nearest ${splitNoun('train', dataset, found.length)}`;
    const what = labelled ? (found.length > 1 ? `${nearest}, class and distance:` : `${nearest}: class`) : `${nearest}: distance`;
    setText(/** @type {Element} */ (this.#training.querySelector('figcaption')), `${what} ${detail}`);
  }

  /**
   * @param {Run} run
   * @param {Neighbour} neighbour
   */
  #neighbour(run, { index, label, distance }) {
    const { cache, datasets, palette } = this.#parts;
    const dataset = datasets.get(run.config.dataset);
    const name = `${withClass(rowName('train', dataset, index), dataset, label)}, distance ${number(distance)}`;
    const canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img', 'aria-label': name, title: name } });
    cache.image(run.config.dataset, index).then((picture) => {
      if (!picture) return;
      drawPicture(canvas, picture, palette().picture);
      setAttributes(canvas, { title: named(name, picture), 'aria-label': named(name, picture) });
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
    const again = passing ? null : (decoded?.reencoded ?? null);
    this.#drift.hidden = !again;
    if (!decoded || passing) return;
    const vector = isVector(decoded.picture);
    if (again) setText(this.#drift, `Encoded again, ${vector ? 'it' : 'its picture'} lands ${number(again.drift)} away: at ${placeText(again.loc)}`);
    if (draws.length === 0 || decoded === this.#shownDraws) return;
    this.#shownDraws = decoded;
    this.#draws.replaceChildren(
      el(
        'div',
        { class: 'neighbour-row' },
        ...draws.slice(0, SHOWN_DRAWS).map((picture) => {
          const canvas = el('canvas', { class: 'picture', attrs: { 'aria-hidden': 'true', title: named('Draw', picture) } });
          drawPicture(canvas, picture, this.#parts.palette().picture);
          return canvas;
        }),
      ),
      el('figcaption', { class: 'small muted', text: `Draws from the likelihood; ${vector ? 'the bars above are' : 'the large picture is'} their mean` }),
    );
  }
}
