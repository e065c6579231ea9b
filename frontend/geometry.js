/**
 * A rectangle of the latent plane: z1 from, z1 to, z2 from, z2 to.
 * @typedef {[number, number, number, number]} Box
 */

/** @typedef {[number, number]} Point z1, z2 */

/**
 * The smallest box around `box` whose units are equally long on both axes of a plot.
 * @param {Box} box
 * @param {number} width pixels
 * @param {number} height pixels
 * @returns {Box}
 */
export function fitBox(box, width, height) {
  const unit = Math.max((box[1] - box[0]) / width, (box[3] - box[2]) / height);
  const [z1, z2] = centre(box);
  const half1 = (unit * width) / 2;
  const half2 = (unit * height) / 2;
  return [z1 - half1, z1 + half1, z2 - half2, z2 + half2];
}

/**
 * @param {Box} box
 * @returns {[number, number]}
 */
export function centre(box) {
  return [(box[0] + box[1]) / 2, (box[2] + box[3]) / 2];
}

/**
 * @param {Box} box
 * @param {number} factor below 1 zooms in
 * @param {readonly [number, number]} [about] stays where it is
 * @returns {Box}
 */
export function zoomBox(box, factor, about = centre(box)) {
  const [z1, z2] = about;
  return [
    z1 + (box[0] - z1) * factor,
    z1 + (box[1] - z1) * factor,
    z2 + (box[2] - z2) * factor,
    z2 + (box[3] - z2) * factor,
  ];
}

/**
 * @param {number} value
 * @param {number} from
 * @param {number} to
 */
export const clamp = (value, from, to) => Math.min(to, Math.max(from, value));

/**
 * @param {Box} outer
 * @param {Box} inner
 */
export function contains(outer, inner) {
  return outer[0] <= inner[0] && outer[1] >= inner[1] && outer[2] <= inner[2] && outer[3] >= inner[3];
}

/** @param {Box} box */
function area(box) {
  return (box[1] - box[0]) * (box[3] - box[2]);
}

/**
 * Home of a run that is still training: it follows the data in rare, generous steps, because a
 * frame that breathes with every checkpoint hides how the points move.
 * @param {Box | null} previous
 * @param {Box} next
 * @returns {Box}
 */
export function steadyBox(previous, next) {
  if (previous && contains(previous, next) && area(next) > 0.45 * area(previous)) return previous;
  return roundBox(previous ? zoomBox(next, 1.12) : next);
}

/**
 * Outwards to two digits, so that nearby requests share one cached answer.
 * @param {Box} box
 * @returns {Box}
 */
export function roundBox(box) {
  const [a, b, c, d] = box;
  return [
    Math.floor(a * 100) / 100,
    Math.ceil(b * 100) / 100,
    Math.floor(c * 100) / 100,
    Math.ceil(d * 100) / 100,
  ];
}

/**
 * The smallest box that holds all the given ones.
 * @param {Box[]} boxes at least one
 * @returns {Box}
 */
export function unionBox(boxes) {
  return boxes.reduce((a, b) => [Math.min(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.max(a[3], b[3])]);
}

/**
 * Rows and columns that give `count` square plots the most room.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @param {number} header height of a panel's title
 * @returns {{rows: number, columns: number, side: number}}
 */
export function gridShape(count, width, height, header) {
  let best = { rows: count, columns: 1, side: -Infinity };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const side = Math.min(width / columns, height / rows - header);
    if (side > best.side) best = { rows, columns, side };
  }
  return best;
}

/**
 * The point nearest to (z1, z2) among those with `visible(i)`, by linear search: with tens of thousands
 * of points, too, it takes less time than keeping a tree up to date while they move.
 * @param {Float64Array} loc pairs
 * @param {number} z1
 * @param {number} z2
 * @param {(i: number) => boolean} visible
 * @returns {{index: number, distance: number} | null}
 */
export function nearestPoint(loc, z1, z2, visible) {
  let index = -1;
  let best = Infinity;
  for (let i = 0; i < loc.length / 2; i++) {
    const d1 = /** @type {number} */ (loc[2 * i]) - z1;
    const d2 = /** @type {number} */ (loc[2 * i + 1]) - z2;
    const squared = d1 * d1 + d2 * d2;
    if (squared < best && visible(i)) {
      best = squared;
      index = i;
    }
  }
  return index < 0 ? null : { index, distance: Math.sqrt(best) };
}

/**
 * The same on a line.
 * @param {Float64Array} places one coordinate each
 * @param {number} z1
 * @param {(i: number) => boolean} visible
 * @returns {{index: number, distance: number} | null}
 */
export function nearestOnLine(places, z1, visible) {
  let index = -1;
  let best = Infinity;
  places.forEach((place, i) => {
    const distance = Math.abs(place - z1);
    if (distance >= best || !visible(i)) return;
    best = distance;
    index = i;
  });
  return index < 0 ? null : { index, distance: best };
}

/**
 * Where each class lies: the median of its points, per coordinate.
 * @param {Float64Array} loc pairs
 * @param {Int32Array} label
 * @param {readonly number[] | Int32Array} [rows] that count; without them all
 * @returns {{label: number, z1: number, z2: number}[]}
 */
export function classMedians(loc, label, rows) {
  /** @type {Map<number, {z1: number[], z2: number[]}>} */
  const classes = new Map();
  const add = (/** @type {number} */ i) => {
    const k = /** @type {number} */ (label[i]);
    const members = classes.get(k) ?? { z1: [], z2: [] };
    members.z1.push(/** @type {number} */ (loc[2 * i]));
    members.z2.push(/** @type {number} */ (loc[2 * i + 1]));
    classes.set(k, members);
  };
  if (rows) rows.forEach(add);
  else label.forEach((_, i) => add(i));
  return [...classes]
    .sort(([a], [b]) => a - b)
    .map(([k, { z1, z2 }]) => ({ label: k, z1: median(z1), z2: median(z2) }));
}

/** @param {number[]} values */
function median(values) {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  const upper = /** @type {number} */ (values[middle]);
  return values.length % 2 ? upper : (upper + /** @type {number} */ (values[middle - 1])) / 2;
}

/**
 * A place on the straight line between two, in any number of dimensions.
 * @param {readonly number[]} from
 * @param {readonly number[]} to
 * @param {number} at 0 to 1
 * @returns {number[]}
 */
export function placeOn(from, to, at) {
  return from.map((v, d) => (1 - at) * v + at * /** @type {number} */ (to[d]));
}
