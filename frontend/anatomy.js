/** @import {WireAnatomy} from './contract' */
/** @import {Features} from './feature-bars.js' */
/** @import {Picture} from './picture.js' */
/** @import {Ellipse} from './ellipse.js' */
/** @import {Point} from './geometry.js' */
/** @import {LatentPlane} from './latent-plane.js' */
import { floats, picturesOrVectors } from './typed-array.js';

/** @typedef {{number: number, loc: number[], scale: number[], weight: number, picture: Picture | null}} Component */

/**
 * What a prior is made of.
 * @typedef {object} Anatomy
 * @property {string} what
 * @property {Component[]} components in the prior's order
 * @property {number} effective number of components, exp(H(weights))
 * @property {number[][][]} lines
 */

/** @typedef {{ellipse: Ellipse, weight: number, picture: Picture | null}} ShownComponent */

/** @typedef {{components: ShownComponent[], lines: Point[][]}} ShownAnatomy on a plane */

/** @type {WeakMap<Anatomy, {plane: LatentPlane, shown: ShownAnatomy}>} */
const known = new WeakMap();

/**
 * Where the parts of a prior lie on a plane; the same object as long as both are the same.
 * @param {Anatomy} anatomy
 * @param {LatentPlane} plane
 * @returns {ShownAnatomy}
 */
export function anatomyOn(anatomy, plane) {
  const before = known.get(anatomy);
  if (before?.plane === plane) return before.shown;
  const shown = {
    components: anatomy.components.map(({ loc, scale, weight, picture }) => ({ ellipse: plane.ellipse(loc, scale), weight, picture })),
    lines: anatomy.lines.map((line) => line.map(plane.toPlane)),
  };
  known.set(anatomy, { plane, shown });
  return shown;
}

/**
 * @param {WireAnatomy} wire
 * @param {Features} features of the data, where it is vectors
 * @returns {Anatomy}
 */
export function anatomyOf({ what, components, pseudo_inputs: inputs, pseudo_input_values: inputValues, lines }, features) {
  /** @type {Component[]} */
  const parts = [];
  if (components) {
    const { values: loc, shape } = floats(components.loc);
    const scale = floats(components.scale).values;
    const weights = floats(components.weights).values;
    const images = picturesOrVectors(inputs, inputValues, features);
    const dimensions = shape[1] ?? 0;
    weights.forEach((weight, k) => {
      const [from, to] = [k * dimensions, (k + 1) * dimensions];
      parts.push({
        number: k + 1,
        loc: Array.from(loc.subarray(from, to)),
        scale: Array.from(scale.subarray(from, to)),
        weight,
        picture: images[k] ?? null,
      });
    });
  }
  return { what, components: parts, effective: components?.effective_number ?? 0, lines: lines ?? [] };
}

/**
 * How many components do the work, in words.
 * @param {Anatomy} anatomy
 * @returns {string} empty without components
 */
export function effectiveInWords({ components, effective }) {
  const count = components.length;
  if (count === 0) return '';
  if (count === 1) return 'A single component.';
  const share = effective / count;
  const verdict =
    share > 0.9 ? 'nearly all of them are in use' : share > 0.5 ? 'some are hardly used' : 'most of them are hardly used';
  return `${count} components with the variety of ${effective.toFixed(1)} equally heavy ones: ${verdict}.`;
}
