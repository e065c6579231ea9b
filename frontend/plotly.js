/**
 * The part of Plotly.js that the page uses, for curves and for panels that leave the page. It comes from
 * the server (the installed `plotly` package), not from the internet, and it is large: it is fetched
 * when curves come into sight, and nothing else waits for it.
 */

/**
 * @typedef {object} Axis
 * @property {[number, number]} range
 * @property {number} _offset pixels from the edge of the plot element
 * @property {number} _length pixels
 * @property {(pixel: number) => number} p2d
 * @property {(value: number) => number} d2p
 */

/**
 * @typedef {Record<string, unknown>} Trace
 * @typedef {Record<string, unknown>} Layout
 * @typedef {{data: Trace[], layout: Layout}} Figure
 * @typedef {HTMLElement & {
 *   _fullLayout: {xaxis: Axis, yaxis: Axis},
 *   on: (event: string, listener: (event: {points: {x: unknown}[]}) => void) => void,
 * }} PlotElement
 */

/**
 * @typedef {object} PlotlyApi
 * @property {(element: HTMLElement, data: Trace[], layout: Layout, config: Record<string, unknown>) => Promise<PlotElement>} react
 * @property {(figure: Figure, options: Record<string, unknown>) => Promise<string>} downloadImage
 * @property {(element: HTMLElement) => void} purge
 */

const ADDRESS = '/vendor/plotly.min.js';

/** @type {Promise<PlotlyApi> | null} */
let loading = null;
let loaded = false;

/** Has the browser fetch it when it has nothing else to do, without running it. */
export function fetchPlotlyAhead() {
  const link = document.createElement('link');
  Object.assign(link, { rel: 'prefetch', href: ADDRESS, as: 'script' });
  document.head.append(link);
}

/**
 * @param {() => void} [onWait] called if it is not there yet
 * @returns {Promise<PlotlyApi>}
 */
export function loadPlotly(onWait = () => {}) {
  if (!loaded) onWait();
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = ADDRESS;
    script.addEventListener('load', () => {
      loaded = true;
      resolve(/** @type {{Plotly: PlotlyApi}} */ (/** @type {unknown} */ (window)).Plotly);
    });
    script.addEventListener('error', () => {
      loading = null;
      reject(new Error('The plotting library could not be loaded from the server.'));
    });
    document.head.append(script);
  });
  return loading;
}

export const CURVES_CONFIG = { displayModeBar: false, showTips: false, responsive: false };
