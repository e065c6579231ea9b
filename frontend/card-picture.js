/**
 * @import {Run} from './contract'
 * @import {Decoded} from './probe.js'
 * @import {PictureCache} from './picture-cache.js'
 * @import {Palette} from './theme.js'
 */
import { el, setText } from './dom.js';
import { FeatureChart } from './feature-chart.js';
import { place as placeText } from './format.js';
import { LatestOnly } from './latest.js';
import { drawPicture, isVector } from './picture.js';

/** What is decoded at the place that is looked at, large: a picture, or the features of a vector as bars. */
export class CardPicture {
  #cache;
  #palette;
  #requests = new LatestOnly();
  #canvas = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img', id: 'decoded' } });
  #chart = new FeatureChart();
  #hint = el('p', { class: 'card-hint' });
  /** @type {Decoded | null} */
  #shown = null;
  node = el('div', { class: 'card-picture' }, this.#canvas, this.#chart.node, this.#hint);

  /** @param {{cache: PictureCache, palette: () => Palette}} parts */
  constructor({ cache, palette }) {
    this.#cache = cache;
    this.#palette = palette;
  }

  /**
   * @param {Run | undefined} run
   * @param {{z: number[] | null, decoded: Decoded | null, hint: string, problem: boolean}} told `hint` stands where nothing is decoded
   */
  show(run, { z, decoded, hint, problem }) {
    this.#shown = decoded;
    const vector = decoded !== null && isVector(decoded.picture);
    this.node.dataset['kind'] = vector ? 'vector' : 'picture';
    this.#canvas.hidden = !decoded || vector;
    this.#chart.node.hidden = !vector;
    setText(this.#hint, hint);
    this.#hint.hidden = hint === '';
    this.#hint.classList.toggle('problem', problem);
    this.#canvas.setAttribute('aria-label', z ? `Picture decoded at ${placeText(z)}` : 'No picture');
    if (!decoded) return;
    if (vector) this.#showVector(run, decoded, z ?? []);
    else drawPicture(this.#canvas, decoded.picture, this.#palette().picture);
  }

  /**
   * @param {Run | undefined} run
   * @param {Decoded} decoded
   * @param {number[]} z
   */
  #showVector(run, decoded, z) {
    const { picture, draws, nearest } = decoded;
    if (!isVector(picture)) return;
    const around = { what: `Features decoded at ${placeText(z)}`, draws: draws.filter(isVector) };
    this.#chart.show(picture, around);
    const [first] = nearest;
    if (!run || !first) return;
    this.#requests.submit(async () => {
      const row = await this.#cache.image(run.config.dataset, first.index);
      if (row && isVector(row) && this.#shown === decoded) this.#chart.show(picture, { ...around, nearest: row });
    });
  }
}
