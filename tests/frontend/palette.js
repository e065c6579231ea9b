/** @import {Palette} from '../../frontend/theme.js' */
import { diverging, ramp } from '../../frontend/colors.js';

/** @type {Palette} */
export const palette = {
  ground: '#ffffff',
  ink: '#000000',
  muted: '#555555',
  rule: '#dddddd',
  faded: '#cccccc',
  fields: {
    prior: { colors: ramp('#ffffff', '#3366aa', 9), line: '#3366aa' },
    aggregated_posterior: { colors: ramp('#ffffff', '#7744aa', 9), line: '#7744aa' },
    log_ratio: { colors: diverging('#3366aa', '#eeeeee', '#dd7722', 7), line: '#999999' },
  },
  blank: '#cccccc',
  hole: '#bb4400',
  anatomy: '#006655',
  runs: ['#ff0000', '#00ff00'],
  font: 'sans-serif',
  picture: { paper: [255, 255, 255], ink: [0, 0, 0] },
};
