/**
 * @import {Box, Point} from './geometry.js'
 * @import {PanelContents} from './panel-contents.js'
 * @import {PanelContext} from './panel-context.js'
 * @import {Stroke} from './plane-pointer.js'
 * @import {PlaneView} from './plane-view.js'
 * @import {Place} from './probe.js'
 */
import { toggleAnatomy, toggleHoles, toggleManifold } from './field-bar.js';
import { centre, clamp, nearestOnLine, nearestPoint, zoomBox } from './geometry.js';
import { listen } from './plane-input.js';
import { cornersOf, polygonOf } from './region.js';
import { FIELDS, MAX_CORNERS } from './state.js';
import { latentAt, toLatent } from './viewport.js';

/** A test image counts as under the pointer within this many pixels. */
const NEAR_PX = 12;

/** Of what is in view: beyond that nothing could be told apart. */
const WIDTHS = { least: 1e-5, most: 1e5 };

/** So many steps of the arrow keys go from edge to edge, and so many with Shift. */
const STEPS = { fine: 50, coarse: 8 };

/** What a person does on the plane of a run: looks at places, moves the frame, selects. */
export class PlaneHand {
  #id;
  #context;
  #contents;
  #view;
  /** The stored epoch of the points. */
  #shownEpoch;
  #onMove;
  /** Whether the plane is being moved or zoomed by hand at this moment. */
  held = false;

  /**
   * @param {string} id of the run
   * @param {PanelContext} context
   * @param {{contents: PanelContents, view: PlaneView, shownEpoch: () => number | null, onMove: () => void}} panel
   */
  constructor(id, context, { contents, view, shownEpoch, onMove }) {
    this.#id = id;
    this.#context = context;
    this.#contents = contents;
    this.#view = view;
    this.#shownEpoch = shownEpoch;
    this.#onMove = onMove;
  }

  listen() {
    const { probe, turn, tool } = this.#context;
    const { node } = this.#view;
    listen(node, {
      point: (x, y) => {
        const place = this.#placeAtPixel(x, y, 'pointer');
        if (place) probe.show(place);
        else probe.end(['pointer']);
      },
      leave: () => probe.end(['pointer']),
      click: (x, y) => {
        const place = this.#placeAtPixel(x, y, 'pointer');
        this.activate();
        if (place) this.#context.pin(place);
      },
      tap: (x, y) => {
        const place = this.#placeAtPixel(x, y, 'tap');
        this.activate();
        if (place) probe.show(place);
      },
      fit: () => this.fit(),
      fitInstead: () => this.#fitAfterDoubleClick(),
      swipe: turn,
      strokeKind: (shift) => (!this.#contents.points ? null : shift ? 'box' : tool.active ? 'lasso' : null),
      draw: (stroke) => this.#view.showRegion(this.#outline(stroke)),
      drawn: (stroke) => this.#drawn(stroke),
      pan: (dx, dy) => this.#pan(dx, dy),
      zoomAt: (factor, [x, y]) => this.#zoomAt(factor, x, y),
      rest: () => this.#rest(),
      step: (direction, coarse) => this.#step(direction, coarse),
      zoom: (factor) => this.zoom(factor),
      pin: () => {
        if (this.#here) this.#context.pin(this.#here);
      },
      shortcut: (key) => this.#shortcut(key),
    });
    node.addEventListener('focus', () => this.activate());
  }

  activate() {
    this.#context.store.update({ active: this.#id }, { record: false });
  }

  // Places ------------------------------------------------------------------------------------

  /** The place in this panel that is looked at. */
  get #here() {
    const { place } = this.#context.probe;
    return place?.run === this.#id ? place : null;
  }

  /**
   * @param {number[]} z
   * @param {Place['source']} source
   * @returns {Place}
   */
  placeAt(z, source) {
    const { points, plane } = this.#contents;
    /** @type {Place} */
    const place = { run: this.#id, z, source, near: null, nearestClass: null };
    if (!points || !plane || z.length !== points.latentDim) return place;
    const chosen = this.#contents.chosen(points);
    const visible = (/** @type {number} */ i) => chosen[i] === 1;
    const nearest = plane.line ? nearestOnLine(points.z, z[0] ?? NaN, visible) : nearestPoint(points.loc, ...plane.toPlane(z), visible);
    if (!nearest) return place;
    const label = /** @type {number} */ (points.label[nearest.index]);
    const close = nearest.distance * this.#pixelsPerUnit() <= NEAR_PX;
    const near = close ? { index: /** @type {number} */ (points.index[nearest.index]), label } : null;
    return { ...place, near, nearestClass: label };
  }

  #pixelsPerUnit() {
    const { viewport } = this.#view;
    return viewport ? viewport.width / (viewport.range[1] - viewport.range[0]) : 0;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {Place['source']} source
   * @returns {Place | null}
   */
  #placeAtPixel(x, y, source) {
    const { viewport } = this.#view;
    const { plane, points } = this.#contents;
    const point = viewport && toLatent(viewport, x, y);
    return point && plane && points ? this.placeAt(plane.toLatent(point), source) : null;
  }

  /**
   * @param {[number, number]} direction
   * @param {boolean} coarse
   */
  #step([d1, d2], coarse) {
    const { viewport } = this.#view;
    const { plane } = this.#contents;
    if (!viewport || !plane) return;
    const [left, right, bottom, top] = viewport.range;
    const [z1, z2] = this.#here ? plane.toPlane(this.#here.z) : centre(viewport.range);
    const size = (right - left) / (coarse ? STEPS.coarse : STEPS.fine);
    const next = plane.toLatent([clamp(z1 + d1 * size, left, right), clamp(z2 + d2 * size, bottom, top)]);
    this.#context.probe.show(this.placeAt(next, 'keys'));
  }

  /** @param {string} key */
  #shortcut(key) {
    const { store } = this.#context;
    const field = FIELDS[Number(key) - 1];
    if (field) store.update({ field });
    else if (key === 'h') toggleHoles(store);
    else if (key === 'a') toggleAnatomy(store);
    else if (key === 'm') toggleManifold(store);
    else if (key === 's') this.#selectView();
    else return this.#context.timeKey(key);
    return true;
  }

  // The frame ---------------------------------------------------------------------------------

  fit() {
    this.#context.ranges.set(this.#id, null);
  }

  /** The first click of the two has pinned a place that was not meant. */
  #fitAfterDoubleClick() {
    const { store } = this.#context;
    const { pins } = store.state;
    if (pins.at(-1)?.run === this.#id) store.update({ pins: pins.slice(0, -1) });
    this.fit();
  }

  /** @param {number} factor */
  zoom(factor) {
    const { viewport } = this.#view;
    const { plane } = this.#contents;
    if (!viewport || !sound(viewport.range, factor)) return;
    const about = this.#here && plane ? plane.toPlane(this.#here.z) : undefined;
    this.#context.ranges.set(this.#id, zoomBox(viewport.range, factor, about));
  }

  /**
   * @param {number} dx in pixels
   * @param {number} dy
   */
  #pan(dx, dy) {
    const { viewport } = this.#view;
    if (!viewport) return;
    const [left, right, bottom, top] = viewport.range;
    const [d1, d2] = [(dx / viewport.width) * (right - left), (dy / viewport.height) * (top - bottom)];
    this.#moveTo([left - d1, right - d1, bottom + d2, top + d2]);
  }

  /**
   * @param {number} factor above 1 shows more of the plane
   * @param {number} x stays where it is, in pixels
   * @param {number} y
   */
  #zoomAt(factor, x, y) {
    const { viewport } = this.#view;
    if (viewport && sound(viewport.range, factor)) this.#moveTo(zoomBox(viewport.range, factor, latentAt(viewport, x, y)));
  }

  /** @param {Box} range in passing */
  #moveTo(range) {
    const { plane } = this.#contents;
    if (!plane) return;
    this.held = true;
    this.#view.moveTo(range, plane);
    this.#onMove();
    this.#context.ranges.moving(this.#id, range);
  }

  #rest() {
    if (!this.held) return;
    this.held = false;
    if (this.#view.viewport) this.#context.ranges.set(this.#id, this.#view.viewport.range);
  }

  // Selecting ---------------------------------------------------------------------------------

  /**
   * @param {Stroke} stroke
   * @returns {Point[]}
   */
  #outline({ kind, path }) {
    const { viewport } = this.#view;
    if (!viewport) return [];
    const corners = path.map(([x, y]) => latentAt(viewport, x, y));
    if (kind === 'lasso') return polygonOf(corners, MAX_CORNERS);
    const [a, b] = [/** @type {Point} */ (corners[0]), /** @type {Point} */ (corners.at(-1))];
    return cornersOf([Math.min(a[0], b[0]), Math.max(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[1], b[1])]);
  }

  /** @param {Stroke | null} stroke null: given up */
  #drawn(stroke) {
    const polygon = stroke ? this.#outline(stroke) : [];
    if (polygon.length >= 3) this.#select(polygon);
    this.#view.showRegion(this.#contents.region);
  }

  #selectView() {
    const { viewport } = this.#view;
    if (viewport) this.#select(cornersOf(viewport.range));
  }

  /** @param {Point[]} polygon */
  #select(polygon) {
    const { store } = this.#context;
    const plane = this.#contents.plane?.name ? store.state.plane : '';
    store.update({ select: { run: this.#id, epoch: this.#shownEpoch(), plane, polygon } });
  }
}

/**
 * Whether the frame could be zoomed like that.
 * @param {Box} range
 * @param {number} factor
 */
function sound([left, right], factor) {
  const width = factor * (right - left);
  return width > WIDTHS.least && width < WIDTHS.most;
}
