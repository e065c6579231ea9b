/**
 * @import {Run, SplitName} from './contract'
 * @import {Frame} from './frames.js'
 * @import {Box} from './geometry.js'
 * @import {Hole} from './holes.js'
 * @import {LatentPlane} from './latent-plane.js'
 * @import {Levels} from './levels.js'
 * @import {PointLook} from './point-painting.js'
 * @import {Points} from './points.js'
 * @import {Field, Reading} from './state.js'
 */
import { api } from './api.js';
import { paintAxes } from './axis-painting.js';
import { epochInWords, standIn } from './epochs.js';
import { paintField } from './field-painting.js';
import { loadFrame } from './frames.js';
import { gridShape, zoomBox } from './geometry.js';
import { paintHoles } from './hole-painting.js';
import { holesOf, standing } from './holes.js';
import { framed } from './latent-plane.js';
import { heightTicks } from './line-painting.js';
import { paintNames, paintPoints } from './point-painting.js';
import { PointSprites } from './point-sprites.js';
import { chosenMedians, drawingOrder, hasShapes, pointStyle } from './points.js';

/** Around a panel, in pixels: title above, tick labels to the left and below. */
const INSET = { left: 36, top: 30, right: 8, bottom: 24 };

/** Above all panels: what is shown, and the epoch. */
const CAPTION = 40;

/** The last epoch is shown so many times as long as the others, but not longer than this. */
const HOLD_MS = 1500;

/** Cells per side of a grid: as many as in a panel of this size, in pixels per cell. */
const CELL_PX = 2.5;

/**
 * A panel of the animation.
 * @typedef {object} Scene
 * @property {Run} run
 * @property {string} title
 * @property {readonly number[]} epochs stored ones
 * @property {Box} range what is in view
 * @property {LatentPlane} plane
 * @property {Reading} reading of densities on it
 * @property {Levels} levels
 * @property {PointLook} look
 * @property {(points: Points) => Uint8Array} choose which of an epoch's points are in colour
 */

/**
 * @typedef {object} Film
 * @property {Scene[]} scenes
 * @property {Field} field
 * @property {string} caption
 * @property {SplitName} split whose rows are the points
 * @property {number | null} threshold of the holes; null: they are not outlined
 * @property {readonly number[]} epochs one picture for each
 * @property {number} width of a picture, in pixels
 * @property {number} milliseconds for each picture
 */

/**
 * Where everything lies on a picture of this width.
 * @param {number} count of panels
 * @param {number} width
 */
export function layoutOf(count, width) {
  const { columns, rows } = gridShape(count, width, 0.7 * width, INSET.top);
  const cell = Math.floor(width / columns);
  const side = cell - INSET.left - INSET.right;
  return { columns, cell, side, pitch: side + INSET.top + INSET.bottom, height: CAPTION + rows * (side + INSET.top + INSET.bottom) };
}

/**
 * Paints the panels at each epoch, away from the screen, and has a GIF made of the pictures.
 * @param {Film} film
 * @param {(painted: number) => void} onProgress
 * @param {AbortSignal} signal
 * @returns {Promise<Blob>}
 */
export async function record(film, onProgress, signal) {
  const { height } = layoutOf(film.scenes.length, film.width);
  const canvas = document.createElement('canvas');
  canvas.width = film.width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  /** @type {string[]} */
  const frames = [];
  let coming = load(film, 0);
  for (let i = 0; i < film.epochs.length; i++) {
    const shots = await unlessAborted(coming, signal);
    if (i + 1 < film.epochs.length) {
      coming = load(film, i + 1);
      // Awaited in the next turn: until then a failure is nobody's.
      coming.catch(() => {});
    }
    paint(context, film, i, shots);
    frames.push(canvas.toDataURL('image/png').split(',')[1] ?? '');
    onProgress(i + 1);
  }
  return api.animate({ frames, milliseconds: film.milliseconds, hold: Math.max(film.milliseconds, HOLD_MS) }, signal);
}

/**
 * What is waited for, or an error as soon as nobody waits any more.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
export function unlessAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

/** @typedef {{frame: Frame, holes: readonly Hole[]}} Shot */

/**
 * @param {Film} film
 * @param {number} i
 * @returns {Promise<Shot[]>} one for each panel
 */
function load({ scenes, field, threshold, epochs, width, split }, i) {
  const { side } = layoutOf(scenes.length, width);
  const resolution = Math.min(240, Math.max(64, Math.round(side / CELL_PX)));
  return Promise.all(
    scenes.map(async ({ run, epochs: stored, range, plane, reading }) => {
      const epoch = standIn(stored, /** @type {number} */ (epochs[i])) ?? 0;
      const bounds = zoomBox(framed(plane, range, side, side), 1.02);
      const outlined = threshold !== null && (!plane.name || reading === 'marginal');
      const [frame, holes] = await Promise.all([
        loadFrame(run.id, epoch, { field, bounds, resolution, plane, reading, split }),
        outlined ? api.holes(run.id, threshold, epoch, plane.name) : null,
      ]);
      const found = holes ? holesOf(holes).holes : [];
      return { frame, holes: plane.line ? standing(found) : found };
    }),
  );
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Film} film
 * @param {number} i
 * @param {Shot[]} shots
 */
function paint(context, film, i, shots) {
  const { scenes, epochs, caption, width } = film;
  const { columns, cell, pitch, height } = layoutOf(scenes.length, width);
  const { palette } = /** @type {Scene} */ (scenes[0]).look;
  const epoch = /** @type {number} */ (epochs[i]);
  context.fillStyle = palette.ground;
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'alphabetic';
  const end = write(context, `Epoch ${epoch}`, INSET.left, 26, `650 18px ${palette.font}`, palette.ink);
  write(context, caption, end + 12, 26, `14px ${palette.font}`, palette.muted);
  context.fillStyle = palette.rule;
  context.fillRect(0, CAPTION - 4, width, 2);
  context.fillStyle = palette.ink;
  context.fillRect(0, CAPTION - 4, (width * (i + 1)) / epochs.length, 2);
  scenes.forEach((scene, at) => {
    const left = (at % columns) * cell + INSET.left;
    const top = CAPTION + Math.floor(at / columns) * pitch + INSET.top;
    paintScene(context, film, scene, /** @type {Shot} */ (shots[at]), epoch, left, top);
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Film} film
 * @param {Scene} scene
 * @param {Shot} shot
 * @param {number} epoch
 * @param {number} left
 * @param {number} top
 */
function paintScene(context, { scenes, width }, { run, title, range, plane, levels, look, choose }, { frame, holes }, epoch, left, top) {
  const { side } = layoutOf(scenes.length, width);
  const { palette } = look;
  const viewport = { left, top, width: side, height: side, range: framed(plane, range, side, side) };
  const end = write(context, title, left, top - 10, `600 14px ${palette.font}`, palette.ink);
  if (frame.epoch < epoch) write(context, epochInWords(run, frame.epoch, epoch), end + 8, top - 10, `12px ${palette.font}`, palette.muted);
  paintField(context, frame.density, levels, palette, viewport);
  context.save();
  context.beginPath();
  context.rect(left, top, side, side);
  context.clip();
  const chosen = choose(frame.points);
  const order = drawingOrder(chosen);
  const sprites = new PointSprites({ style: pointStyle(order.length, side), palette, ratio: 1, shaped: hasShapes(frame.points) });
  paintPoints(context, { ...frame.points, chosen, order }, sprites, viewport);
  paintHoles(context, holes, palette, viewport);
  paintNames(context, chosenMedians(frame.points, chosen, order), look, viewport);
  context.restore();
  paintAxes(context, palette, viewport, frame.density.curves && heightTicks(frame.density));
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} font
 * @param {string} color
 * @returns {number} where it ends
 */
function write(context, text, x, y, font, color) {
  context.font = font;
  context.fillStyle = color;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.fillText(text, x, y);
  return x + context.measureText(text).width;
}
