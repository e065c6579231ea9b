/** @import {PathCurve} from './path.js' */
/** @import {Palette} from './theme.js' */
import { setAttributes, svg } from './dom.js';
import { number } from './format.js';
import { logRatios, stretchesAbove } from './path.js';

/** Values further from 0 than this many nats are drawn at the edge. */
const CLIP = 10;

const HEIGHT = 132;
const TOP = 8;
const BOTTOM = 8;

/**
 * The values between which the chart reaches: 0 and the limit are always in it.
 * @param {readonly number[]} values
 * @param {number} limit
 * @returns {{low: number, high: number, clipped: boolean}}
 */
export function chartRange(values, limit) {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(-1, ...finite);
  const high = Math.max(1.25 * limit, ...finite);
  const most = Math.max(CLIP, 1.5 * limit);
  return { low: Math.max(-CLIP, low), high: Math.min(most, high), clipped: low < -CLIP || high > most || finite.length < values.length };
}

/**
 * The log-ratio along a line: one curve for each run, the threshold of a hole, and filled where the
 * first run is above it.
 */
export class PathChart {
  #onMove;
  #mark = svg('g', { class: 'path-mark' });
  #line = svg('line', { y1: 0, y2: HEIGHT });
  #dot = svg('circle', { r: 4.5 });
  #plot = svg('g');
  #width = 0;
  /** @type {(value: number) => number} */
  #y = () => 0;
  /** @type {number[]} */
  #ratios = [];
  node = svg('svg', { class: 'path-chart', height: HEIGHT, 'aria-hidden': 'true' });

  /** @param {(at: number) => void} onMove a place on the line is pointed at */
  constructor(onMove) {
    this.#onMove = onMove;
    this.#mark.append(this.#line, this.#dot);
    this.node.append(this.#plot, this.#mark);
    const move = (/** @type {PointerEvent} */ event) => this.#point(event);
    this.node.addEventListener('pointerdown', (event) => {
      this.node.setPointerCapture(event.pointerId);
      move(event);
    });
    this.node.addEventListener('pointermove', (event) => {
      if (event.buttons === 1) move(event);
    });
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const { left, width } = this.node.getBoundingClientRect();
    if (width > 0) this.#onMove(Math.min(1, Math.max(0, (event.clientX - left) / width)));
  }

  /**
   * @param {PathCurve[]} curves the first is the one whose holes are filled
   * @param {{width: number, threshold: number, outside: [number, number][], palette: Palette}} options
   *   `outside`: where neither the first run's prior nor its data says anything
   * @returns {boolean} whether something lies beyond the chart
   */
  draw(curves, { width, threshold, outside, palette }) {
    const limit = Math.log(threshold);
    const all = curves.map(logRatios);
    const { low, high, clipped } = chartRange(all.flat(), limit);
    this.#width = width;
    this.#ratios = all[0] ?? [];
    this.#y = (value) => TOP + ((high - Math.min(high, Math.max(low, value))) / (high - low)) * (HEIGHT - TOP - BOTTOM);
    setAttributes(this.node, { width, viewBox: `0 0 ${width} ${HEIGHT}` });
    const level = (/** @type {number} */ value, /** @type {string} */ name, /** @type {string} */ words) => {
      const y = this.#y(value);
      const label = svg('text', { x: 0, y: y - 4, class: `${name}-label` });
      label.textContent = words;
      return { line: svg('line', { x1: 0, x2: width, y1: y, y2: y, class: name }), label };
    };
    const levels = [level(0, 'path-zero', '0: prior and data agree'), level(limit, 'path-limit', `hole: ${threshold}× (${number(limit, 1)} nats)`)];
    this.#plot.replaceChildren(
      ...outside.map(([from, to]) => svg('rect', { x: from * width, width: (to - from) * width, y: 0, height: HEIGHT, class: 'path-outside' })),
      ...stretchesAbove(this.#ratios, limit).map((stretch) => svg('path', { d: this.#area(stretch, limit), class: 'path-hole' })),
      ...levels.map(({ line }) => line),
      ...all.map((ratios, i) => {
        const curve = svg('path', { d: this.#path(ratios), class: 'path-curve' });
        if (i > 0) curve.style.stroke = /** @type {string} */ (palette.runs[i % palette.runs.length]);
        return curve;
      }).reverse(),
      ...levels.map(({ label }) => label),
    );
    return clipped;
  }

  /** @param {number[]} ratios */
  #path(ratios) {
    const step = this.#width / (ratios.length - 1);
    return ratios.map((value, i) => `${i ? 'L' : 'M'}${(i * step).toFixed(1)} ${this.#y(value).toFixed(1)}`).join('');
  }

  /**
   * @param {[number, number]} stretch
   * @param {number} limit
   */
  #area([from, to], limit) {
    const last = this.#ratios.length - 1;
    const inside = this.#ratios.flatMap((value, i) => (i / last > from && i / last < to ? [[i / last, value]] : []));
    const first = from === 0 ? [[0, this.#ratios[0] ?? limit]] : [];
    const end = to === 1 ? [[1, this.#ratios[last] ?? limit]] : [];
    const corners = [[from, limit], ...first, ...inside, ...end, [to, limit]];
    return `${corners.map(([x = 0, y = 0], i) => `${i ? 'L' : 'M'}${(x * this.#width).toFixed(1)} ${this.#y(y).toFixed(1)}`).join('')}Z`;
  }

  /** @param {number} step the place that is looked at */
  mark(step) {
    const x = (step / Math.max(1, this.#ratios.length - 1)) * this.#width;
    setAttributes(this.#mark, { transform: `translate(${x} 0)`, display: this.#ratios.length === 0 ? 'none' : null });
    this.#dot.setAttribute('cy', String(this.#y(this.#ratios[step] ?? 0)));
  }
}
