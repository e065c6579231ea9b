/** @import {Triple} from './colors.js' */
/** @import {Field, ViewState} from './state.js' */
/** @import {ViewStore} from './view-store.js' */
import { diverging, ramp, rgb } from './colors.js';
import { LEVEL_COUNT, RATIO_LEVELS } from './levels.js';

/**
 * What is drawn outside of the style sheets' reach: plots and pictures.
 * @typedef {object} Palette
 * @property {string} ground
 * @property {string} ink
 * @property {string} muted
 * @property {string} rule
 * @property {string} faded points that are not selected
 * @property {Record<Field, {colors: string[], line: string}>} fields colours from the lowest value to the highest
 * @property {string} blank where a field says nothing
 * @property {string} hole
 * @property {string} anatomy
 * @property {string[]} runs
 * @property {string} font
 * @property {{paper: Triple, ink: Triple}} picture
 */

/** @returns {Palette} */
export function readPalette() {
  const style = getComputedStyle(document.documentElement);
  const token = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: token('ground'),
    ink: token('ink'),
    muted: token('muted'),
    rule: token('rule'),
    faded: token('faded'),
    fields: {
      prior: { colors: ramp(token('ground'), token('density'), LEVEL_COUNT + 1), line: token('density-line') },
      aggregated_posterior: {
        colors: ramp(token('ground'), token('posterior'), LEVEL_COUNT + 1),
        line: token('posterior-line'),
      },
      log_ratio: {
        colors: diverging(token('ratio-cool'), token('ratio-neutral'), token('ratio-warm'), RATIO_LEVELS.count + 1),
        line: token('ratio-line'),
      },
    },
    blank: token('blank'),
    hole: token('hole'),
    anatomy: token('anatomy'),
    runs: token('runs').split(' '),
    font: token('font'),
    picture: { paper: rgb(token('paper')), ink: rgb(token('picture-ink')) },
  };
}

const MEMORY = 'priorscope-theme';

/**
 * The choice of the last visit, for a page that is opened without a view.
 * @returns {ViewState['theme']}
 */
export function rememberedTheme() {
  const theme = window.localStorage.getItem(MEMORY);
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/**
 * Follows the user's choice, and the system where there is none.
 * @param {ViewStore} store
 * @param {() => void} onChange once the tokens have changed
 */
export function followTheme(store, onChange) {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const { theme } = store.state;
    const dark = theme === 'dark' || (theme === 'system' && system.matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
    onChange();
  };
  store.subscribe((state, previous) => {
    if (state.theme === previous.theme) return;
    window.localStorage.setItem(MEMORY, state.theme);
    apply();
  });
  system.addEventListener('change', apply);
  apply();
}
