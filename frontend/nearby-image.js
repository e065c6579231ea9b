/** @import {PictureCache} from './picture-cache.js' */
/** @import {Palette} from './theme.js' */
import { el, setText } from './dom.js';
import { LatestOnly } from './latest.js';
import { drawPicture } from './picture.js';

/** The test image at the place that is looked at. */
export class NearbyImage {
  #cache;
  #palette;
  #requests = new LatestOnly();
  #picture = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img' } });
  #class = el('p', { class: 'nearby-class' });
  #detail = el('p', { class: 'small muted' });
  /** Which image is meant to be shown, while its picture is on its way. */
  #index = -1;
  node = el('div', { class: 'nearby' }, this.#picture, el('div', {}, this.#class, this.#detail));

  /** @param {{cache: PictureCache, palette: () => Palette}} parts */
  constructor({ cache, palette }) {
    this.#cache = cache;
    this.#palette = palette;
  }

  /** @param {{dataset: string, index: number, className: string} | null} image null: there is none */
  show(image) {
    this.#index = image?.index ?? -1;
    if (!image) {
      this.node.hidden = true;
      return;
    }
    const { dataset, index, className } = image;
    setText(this.#class, `Class ${className}`);
    setText(this.#detail, `Test image ${index}`);
    this.#picture.setAttribute('aria-label', `Test image ${index}, class ${className}`);
    this.#requests.submit(async () => {
      const picture = await this.#cache.image(dataset, index);
      if (this.#index !== index) return;
      if (picture) drawPicture(this.#picture, picture, this.#palette().picture);
      this.node.hidden = false;
    });
  }
}
