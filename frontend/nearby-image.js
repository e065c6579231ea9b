/** @import {Datasets} from './datasets.js' */
/** @import {Pointed} from './linked-image.js' */
/** @import {PictureCache} from './picture-cache.js' */
/** @import {Palette} from './theme.js' */
/** @import {ViewStore} from './view-store.js' */
import { className, rowName, withClass } from './data-words.js';
import { el, setAttributes, setText } from './dom.js';
import { LatestOnly } from './latest.js';
import { drawPicture, named } from './picture.js';

/** The test image at the place that is looked at. */
export class NearbyImage {
  #parts;
  #requests = new LatestOnly();
  #picture = el('canvas', { class: 'picture', attrs: { width: 8, height: 8, role: 'img' } });
  #class = el('p', { class: 'nearby-class' });
  #detail = el('p', { class: 'small muted' });
  /** Which image is meant to be shown, while its picture is on its way. */
  #index = -1;
  node = el('div', { class: 'nearby' }, this.#picture, el('div', {}, this.#class, this.#detail));

  /** @param {{cache: PictureCache, datasets: Datasets, store: ViewStore, palette: () => Palette}} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {Pointed | null} image null: there is none */
  show(image) {
    this.#index = image?.index ?? -1;
    if (!image) {
      this.node.hidden = true;
      return;
    }
    const { cache, datasets, store, palette } = this.#parts;
    const { dataset, index, label } = image;
    const known = datasets.get(dataset);
    const name = className(known, label);
    const row = rowName(store.state.points, known, index);
    setText(this.#class, name && `Class ${name}`);
    setText(this.#detail, row);
    this.#requests.submit(async () => {
      const picture = await cache.image(dataset, index);
      if (this.#index !== index) return;
      if (picture) {
        drawPicture(this.#picture, picture, palette().picture);
        setAttributes(this.#picture, { 'aria-label': named(withClass(row, known, label), picture), title: named(row, picture) });
      }
      this.node.hidden = false;
    });
  }
}
