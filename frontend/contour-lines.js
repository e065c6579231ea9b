/**
 * Where a field on a grid has a given value: ends of short straight pieces, four numbers each (column,
 * row, column, row), in cells. Marching squares; a saddle is split as the mean of its corners says.
 * @param {Float64Array} values by rows
 * @param {number} columns
 * @param {number} level
 * @returns {number[]}
 */
export function contourLines(values, columns, level) {
  const rows = values.length / columns;
  /** @type {number[]} */
  const pieces = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const i = row * columns + column;
      // Around the cell: one corner after the other.
      const a = /** @type {number} */ (values[i]) - level;
      const b = /** @type {number} */ (values[i + 1]) - level;
      const c = /** @type {number} */ (values[i + columns + 1]) - level;
      const d = /** @type {number} */ (values[i + columns]) - level;
      const kind = (a > 0 ? 1 : 0) | (b > 0 ? 2 : 0) | (c > 0 ? 4 : 0) | (d > 0 ? 8 : 0);
      if (kind === 0 || kind === 15) continue;
      /** @type {[number, number][]} */
      const crossings = [];
      if (a > 0 !== b > 0) crossings.push([column + share(a, b), row]);
      if (b > 0 !== c > 0) crossings.push([column + 1, row + share(b, c)]);
      if (d > 0 !== c > 0) crossings.push([column + share(d, c), row + 1]);
      if (a > 0 !== d > 0) crossings.push([column, row + share(a, d)]);
      // Four crossings are two corners cut off: those that differ from the middle.
      const turned = crossings.length === 4 && a + b + c + d > 0 === a > 0;
      const [first, second, third, fourth] = /** @type {[number, number][]} */ (turned ? crossings : [...crossings.slice(-1), ...crossings.slice(0, -1)]);
      pieces.push(.../** @type {[number, number]} */ (first), .../** @type {[number, number]} */ (second));
      if (third && fourth) pieces.push(...third, ...fourth);
    }
  }
  return pieces;
}

/**
 * How far along an edge the value 0 is.
 * @param {number} from
 * @param {number} to of the other sign
 */
function share(from, to) {
  const t = from / (from - to);
  return Number.isFinite(t) ? t : 0.5;
}
