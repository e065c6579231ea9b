/** @import {ShownAnatomy} from './anatomy.js' */
/** @import {Ellipse} from './ellipse.js' */
/** @import {Point} from './geometry.js' */
/** @import {Hole} from './holes.js' */
/** @import {Palette} from './theme.js' */
/** @import {Viewport} from './viewport.js' */
import { setAttributes, svg } from './dom.js';
import { grainOf, pictureUrl } from './picture.js';

/** Panels with shorter sides than this have no room for pictures of pseudo-inputs. */
const ROOMY_PX = 440;

/** Side of such a picture. */
const PICTURE_PX = 26;

/** A hole smaller than this is outlined without its number, unless it is among the first. */
const NUMBERED_PX = 14;

/**
 * Lines above the points: holes, what the prior is made of, and where a decoded picture is encoded
 * again. Drawn once in coordinates of the plane; panning and zooming only change a transform.
 */
export class PlaneOverlay {
  #clip = svg('svg', { overflow: 'hidden' });
  #plane = svg('g');
  #anatomy = svg('g', { class: 'anatomy' });
  #holes = svg('g', { class: 'holes' });
  #path = svg('g');
  #drift = svg('g', { class: 'drift' });
  #encoding = svg('g', { class: 'drawn' });
  #region = svg('g', { class: 'region' });
  #pictures = svg('g');
  #numbers = svg('g', { class: 'hole-numbers' });
  /** @type {Viewport | null} */
  #viewport = null;
  /** @type {readonly Hole[]} */
  #shownHoles = [];
  /** @type {ShownAnatomy | null} */
  #shownAnatomy = null;
  #shownInk = '';
  node = svg('svg', { class: 'plane-overlay', 'aria-hidden': 'true' });

  constructor() {
    this.#plane.append(this.#anatomy, this.#holes, this.#path, this.#drift, this.#encoding, this.#region);
    this.#clip.append(this.#plane, this.#pictures, this.#numbers);
    this.node.append(this.#clip);
  }

  /** @param {readonly Hole[]} holes */
  showHoles(holes) {
    if (holes === this.#shownHoles) return;
    this.#shownHoles = holes;
    this.#holes.replaceChildren(
      ...holes.flatMap(({ rings }) => {
        const d = rings.map((ring) => `${pathOf(ring)}Z`).join('');
        return [svg('path', { d, class: 'hole-ground' }), svg('path', { d, class: 'hole-line' })];
      }),
    );
    this.#numbers.replaceChildren(...holes.map(({ rank }) => text(String(rank))));
    this.#place();
  }

  /**
   * @param {ShownAnatomy | null} anatomy
   * @param {Palette} palette of the pictures
   */
  showAnatomy(anatomy, palette) {
    const ink = palette.picture.ink.join();
    if (anatomy === this.#shownAnatomy && ink === this.#shownInk) return;
    this.#shownAnatomy = anatomy;
    this.#shownInk = ink;
    const { components = [], lines = [] } = anatomy ?? {};
    const heaviest = Math.max(...components.map(({ weight }) => weight));
    this.#anatomy.replaceChildren(
      svg('path', { d: lines.map(pathOf).join(''), class: 'anatomy-lines' }),
      ...components.map(({ ellipse, weight }) => svg('ellipse', { ...placed(ellipse), opacity: 0.2 + 0.8 * (weight / heaviest) })),
      ...components.map(({ ellipse: { at }, weight }) =>
        // A line without length and with round ends is a dot whose size does not zoom; area tells the weight.
        svg('path', { d: `M${at.join(' ')}h0`, class: 'anatomy-dot', 'stroke-width': 2 + 7 * Math.sqrt(weight / heaviest) }),
      ),
    );
    this.#pictures.replaceChildren(
      ...components.flatMap(({ picture }) =>
        picture
          ? svg('image', { href: pictureUrl(picture, palette.picture), width: PICTURE_PX, height: PICTURE_PX, class: 'pseudo-input', 'data-grain': grainOf(picture) })
          : [],
      ),
    );
    this.#place();
  }

  /**
   * Where a decoded picture came from, and where it is encoded.
   * @param {{from: Point, to: Point} | null} drift
   */
  showDrift(drift) {
    if (!drift) {
      this.#drift.replaceChildren();
      return;
    }
    const { from, to } = drift;
    const d = `M${from.join(' ')}L${to.join(' ')}`;
    const end = `M${to.join(' ')}h0`;
    this.#drift.replaceChildren(
      svg('path', { d, class: 'drift-ground' }),
      svg('path', { d, class: 'drift-line' }),
      svg('path', { d: end, class: 'drift-end-ground' }),
      svg('path', { d: end, class: 'drift-end' }),
    );
  }

  /**
   * The line between two pins, and the place on it that is looked at.
   * @param {{from: Point, to: Point, at: Point} | null} path
   */
  showPath(path) {
    if (!path) {
      this.#path.replaceChildren();
      return;
    }
    const d = `M${path.from.join(' ')}L${path.to.join(' ')}`;
    const at = `M${path.at.join(' ')}h0`;
    this.#path.replaceChildren(
      svg('path', { d, class: 'path-ground' }),
      svg('path', { d, class: 'path-line' }),
      svg('path', { d: at, class: 'path-at-ground' }),
      svg('path', { d: at, class: 'path-at' }),
    );
  }

  /**
   * The posterior of the drawn picture: ellipses at one and two scales around its mean.
   * @param {Ellipse | null} encoding
   */
  showEncoding(encoding) {
    if (!encoding) {
      this.#encoding.replaceChildren();
      return;
    }
    const { rx, ry } = encoding;
    this.#encoding.replaceChildren(
      ...['drawn-ground', 'drawn-line'].flatMap((name) =>
        [1, 2].map((k) => svg('ellipse', { ...placed({ ...encoding, rx: k * rx, ry: k * ry }), class: name })),
      ),
    );
  }

  /** @param {readonly Point[]} polygon around what is selected; none: nothing is */
  showRegion(polygon) {
    const d = polygon.length > 1 ? `${pathOf(polygon)}Z` : '';
    this.#region.replaceChildren(...(d ? [svg('path', { d, class: 'region-ground' }), svg('path', { d, class: 'region-line' })] : []));
  }

  /** @param {Viewport} viewport */
  project(viewport) {
    this.#viewport = viewport;
    this.#place();
  }

  #place() {
    if (!this.#viewport) return;
    const { left, top, width, height, range } = this.#viewport;
    setAttributes(this.#clip, { x: left, y: top, width, height });
    const unit1 = width / (range[1] - range[0]);
    const unit2 = height / (range[3] - range[2]);
    this.#plane.setAttribute('transform', `matrix(${unit1} 0 0 ${-unit2} ${-range[0] * unit1} ${range[3] * unit2})`);
    const pixel = (/** @type {readonly number[]} */ [z1 = NaN, z2 = NaN]) =>
      /** @type {const} */ ([(z1 - range[0]) * unit1, (range[3] - z2) * unit2]);

    this.#shownHoles.forEach(({ rings, rank }, i) => {
      const ring = rings[0] ?? [];
      const topmost = ring.reduce((best, point) => (point[1] > best[1] ? point : best), ring[0] ?? [NaN, NaN]);
      const [x, y] = pixel(topmost);
      const lowest = Math.min(...ring.map(([, z2]) => z2));
      const small = (topmost[1] - lowest) * unit2 < NUMBERED_PX;
      const columns = ring.map(([z1]) => z1);
      const away =
        Math.min(...columns) > range[1] || Math.max(...columns) < range[0] || lowest > range[3] || topmost[1] < range[2];
      // A hole that reaches beyond the frame keeps its number in sight.
      const inside = Math.min(Math.max(y, 14), height - 4);
      setAttributes(/** @type {Element} */ (this.#numbers.children[i]), {
        x: Math.min(Math.max(x, 6), width - 6),
        y: inside - 3,
        display: away || (small && rank > 3) ? 'none' : null,
      });
    });

    const roomy = Math.min(width, height) >= ROOMY_PX;
    this.#pictures.setAttribute('display', roomy ? 'inline' : 'none');
    if (!roomy) return;
    const pictured = this.#shownAnatomy?.components.filter(({ picture }) => picture) ?? [];
    pictured.forEach(({ ellipse: { at } }, i) => {
      const [x, y] = pixel(at);
      setAttributes(/** @type {Element} */ (this.#pictures.children[i]), { x: x - PICTURE_PX / 2, y: y - PICTURE_PX / 2 });
    });
  }
}

/** @param {Ellipse} ellipse */
function placed({ at: [cx, cy], rx, ry, angle }) {
  return { cx, cy, rx, ry, transform: `rotate(${angle} ${cx} ${cy})` };
}

/**
 * @param {readonly (readonly [number, number])[]} points
 * @returns {string}
 */
function pathOf(points) {
  return points.map(([z1, z2], i) => `${i ? 'L' : 'M'}${Number(z1.toPrecision(6))} ${Number(z2.toPrecision(6))}`).join('');
}

/** @param {string} content */
function text(content) {
  const node = svg('text', { 'text-anchor': 'middle' });
  node.textContent = content;
  return node;
}
