/** @import {Run} from './contract' */
/** @import {RunStore} from './runs.js' */
import { decodeId } from './ids.js';
import { shareSpace } from './latent-space.js';

/**
 * A plane as it stands in the view: "" (the first two principal components), "pca:2,3", "axes:1,3", or
 * "points:RUN:1,2,3;4,5,6;7,8,9" through three places of the latent space of a run.
 * @typedef {{kind: 'pca' | 'axes', pair: [number, number]} | {kind: 'points', run: string, points: number[][]}} Choice
 */

/** The most coordinates of a latent space. */
const MAX_DIM = 64;

/** @type {Choice} */
const USUAL = { kind: 'pca', pair: [1, 2] };

/**
 * @param {string} text
 * @returns {Choice | null} null: it is none
 */
export function choiceOf(text) {
  if (text === '') return USUAL;
  const [, kind, first, second] = /^(pca|axes):(\d{1,2}),(\d{1,2})$/.exec(text) ?? [];
  if (kind) {
    const [i, j] = [Number(first), Number(second)];
    const sound = i !== j && i >= 1 && j >= 1 && i <= MAX_DIM && j <= MAX_DIM;
    return sound ? { kind: kind === 'pca' ? 'pca' : 'axes', pair: [i, j] } : null;
  }
  const [, run, rest] = /^points:([^:;,]+):(.+)$/.exec(text) ?? [];
  const points = (rest ?? '').split(';').map((point) => point.split(',').map(Number));
  const length = points[0]?.length ?? 0;
  const sound = points.length === 3 && length > 2 && points.every((point) => point.length === length && point.every(Number.isFinite));
  return run && sound ? { kind: 'points', run: decodeId(run), points } : null;
}

/**
 * @param {Choice} choice
 * @returns {string}
 */
export function choiceText(choice) {
  if (choice.kind === 'points') return `points:${encodeURIComponent(choice.run)}:${choice.points.map((z) => z.map(short).join(',')).join(';')}`;
  const text = `${choice.kind}:${choice.pair.join(',')}`;
  return text === 'pca:1,2' ? '' : text;
}

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(6)));

/**
 * What the server is asked for. Three places mean something in their own latent space only: in others the
 * usual plane stands in.
 * @param {string} text
 * @param {Run} run
 * @param {RunStore} runs
 * @returns {string}
 */
export function planeOfRun(text, run, runs) {
  const choice = choiceOf(text) ?? USUAL;
  if (choice.kind !== 'points') return `${choice.kind}:${choice.pair.join(',')}`;
  const of = runs.get(choice.run);
  const here = of && shareSpace(of, run) && choice.points[0]?.length === run.config.latent_dim;
  return here ? `points:${choice.points.map((z) => z.join(',')).join(';')}` : 'pca:1,2';
}
