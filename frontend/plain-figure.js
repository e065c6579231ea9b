/** @import {Palette} from './theme.js' */

/**
 * An axis that is a thin line with few ticks and no grid.
 * @param {Palette} palette
 */
export function plainAxis(palette) {
  return {
    showgrid: false,
    zeroline: false,
    ticks: 'outside',
    ticklen: 3,
    tickcolor: palette.rule,
    linecolor: palette.rule,
    showline: true,
  };
}

/** @param {Palette} palette */
export function plainLayout(palette) {
  return {
    paper_bgcolor: palette.ground,
    plot_bgcolor: palette.ground,
    font: { family: palette.font, size: 12, color: palette.muted },
    showlegend: false,
  };
}

/** @param {Palette} palette */
export function hoverLabel(palette) {
  return { bgcolor: palette.ground, bordercolor: palette.rule, font: { size: 12, color: palette.ink } };
}

/**
 * Plotly reads a little HTML in its texts; names are only ever text.
 * @param {string} text
 */
export function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
