/** @import {Figure} from './plotly.js' */
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

/** Room for a legend, in pixels. */
const LEGEND = 190;

/**
 * A figure that leaves the page, whose curves are named beside it on the page.
 * @param {Figure} figure with a width
 * @returns {Figure}
 */
export function withLegend({ data, layout }) {
  const margin = /** @type {Record<string, number>} */ (layout['margin']);
  return {
    data: data.map((trace) => ({ ...trace, showlegend: trace['name'] !== undefined })),
    layout: { ...layout, width: Number(layout['width']) + LEGEND, showlegend: true, margin: { ...margin, r: (margin['r'] ?? 0) + LEGEND } },
  };
}

/**
 * Plotly reads a little HTML in its texts; names are only ever text.
 * @param {string} text
 */
export function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
