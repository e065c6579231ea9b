/**
 * Petroff's accessible ten (arXiv 2107.02270). Labels on the plot go with them: never colour alone.
 */
const CLASS_COLORS = [
  '#3f90da',
  '#ffa90e',
  '#bd1f01',
  '#94a4a2',
  '#832db6',
  '#a96b59',
  '#e76300',
  '#b9ac70',
  '#717581',
  '#92dadd',
];

/** Points of further classes have the same colours and other shapes. @type {readonly ClassShape[]} */
const CLASS_SHAPES = ['circle', 'square', 'triangle', 'diamond'];

/** @typedef {'circle' | 'square' | 'triangle' | 'diamond'} ClassShape */

/**
 * @param {number} label
 * @returns {string}
 */
export function classColor(label) {
  return /** @type {string} */ (CLASS_COLORS[label % CLASS_COLORS.length]);
}

/**
 * Forty classes are told apart by colour and shape; beyond them both begin anew.
 * @param {number} label
 * @returns {ClassShape}
 */
export function classShape(label) {
  return /** @type {ClassShape} */ (CLASS_SHAPES[Math.floor(label / CLASS_COLORS.length) % CLASS_SHAPES.length]);
}

/** @typedef {[number, number, number]} Triple */

/**
 * @param {string} hex like #rrggbb
 * @returns {Triple}
 */
export function rgb(hex) {
  const value = Number.parseInt(hex.trim().slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** @param {number} c 0 to 255 */
const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);

/** @param {number} c linear, 0 to 1 */
const gamma = (c) => Math.round(255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055));

/**
 * sRGB to OKLab (Ottosson 2020).
 * @param {Triple} color
 * @returns {Triple}
 */
function toOklab([red, green, blue]) {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/**
 * @param {Triple} lab
 * @returns {Triple}
 */
function fromOklab([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/**
 * Even steps to the eye from one colour to another, both ends included.
 * @param {string} from
 * @param {string} to
 * @param {number} count at least 2
 * @returns {string[]}
 */
export function ramp(from, to, count) {
  const start = toOklab(rgb(from));
  const end = toOklab(rgb(to));
  return Array.from({ length: count }, (_, i) => {
    const t = i / (count - 1);
    const mixed = /** @type {Triple} */ (start.map((v, k) => v + t * (/** @type {number} */ (end[k]) - v)));
    return hex(fromOklab(mixed));
  });
}

/**
 * Even steps from one colour over a neutral middle to another.
 * @param {string} low
 * @param {string} middle
 * @param {string} high
 * @param {number} count odd
 * @returns {string[]}
 */
export function diverging(low, middle, high, count) {
  const half = (count + 1) / 2;
  return [...ramp(low, middle, half), ...ramp(middle, high, half).slice(1)];
}

/** @param {Triple} color */
function hex(color) {
  return `#${color.map((c) => Math.min(255, Math.max(0, c)).toString(16).padStart(2, '0')).join('')}`;
}
