/** @import {PanelFile} from './panel-files.js' */
import { el, iconButton, setAttributes } from './dom.js';
import { openMenu } from './menu.js';

/**
 * @typedef {object} PanelActions
 * @property {(factor: number) => void} zoom
 * @property {() => void} fit
 * @property {() => void} resize
 * @property {(kind: PanelFile) => void} save
 */

/** The buttons in the corner of a panel. */
export class PanelTools {
  #resize;
  node;

  /** @param {PanelActions} actions */
  constructor({ zoom, fit, resize, save }) {
    this.#resize = iconButton('enlarge', 'Enlarge this panel', resize);
    this.#resize.classList.add('panel-resize');
    const saving = iconButton('save', 'Save this panel', () =>
      openMenu(saving, [
        { label: 'Save as PNG', act: () => save('png') },
        { label: 'Save as SVG', act: () => save('svg') },
        { label: 'Points as CSV', act: () => save('points') },
        { label: 'Grid as CSV', act: () => save('grid') },
        { label: 'Points and grid as NPZ', act: () => save('npz') },
      ]),
    );
    this.node = el(
      'div',
      { class: 'panel-tools', attrs: { role: 'group', 'aria-label': 'Panel' } },
      iconButton('zoomIn', 'Zoom in', () => zoom(1 / 1.4)),
      iconButton('zoomOut', 'Zoom out', () => zoom(1.4)),
      iconButton('fit', 'Fit the whole plane', fit),
      saving,
      this.#resize,
    );
  }

  /**
   * @param {boolean} large whether the panel fills the stage
   * @param {boolean} several whether there are others
   */
  update(large, several) {
    const label = large ? 'Show all panels' : 'Enlarge this panel';
    setAttributes(this.#resize, { 'aria-label': label, title: label });
    this.#resize.replaceChildren(...iconButton(large ? 'shrink' : 'enlarge', label, () => {}).childNodes);
    this.#resize.hidden = !several;
  }
}
