/** @import {Density} from './density.js' */
/** @import {LatentPlane} from './latent-plane.js' */
import { percent } from './format.js';

export const NO_READING = { text: '', title: '' };

/**
 * What the curves of a line are.
 * @param {Density} density
 */
export function curvesInWords({ field }) {
  if (field === 'log_ratio') return { text: 'log p(z)/q(z), in nats', title: 'Above 0 the prior promises more than the data put there; the curve ends at ±5' };
  const [front, dashed] = field === 'prior' ? ['p(z)', 'q(z)'] : ['q(z)', 'p(z)'];
  return { text: `${front}, dashed ${dashed}`, title: 'The prior p(z) and the aggregated posterior q(z) of the training images, both exact; below them the encoded test images, a row for each class' };
}

/** @type {Record<Density['reading'], {text: string, title: string}>} */
const READINGS = {
  density: NO_READING,
  marginal: {
    text: 'Marginal',
    title: 'the density of these two coordinates, with all that lies beside the plane integrated out',
  },
  slice: {
    text: 'Slice',
    title: 'the density at the points of the plane, with all other coordinates held where the sliders are; the encoded images lie beside it and are projected',
  },
};

/**
 * How the density on a plane of a larger space is read, and how it was worked out.
 * @param {Density} density
 * @param {LatentPlane} plane
 * @param {number | null} explained share of the data's variance that the plane shows
 * @returns {{text: string, title: string}}
 */
export function readingInWords({ reading, samples, standardError }, { axes }, explained) {
  const { text, title } = READINGS[reading];
  const drawn = samples !== null;
  const count = samples?.toLocaleString('en') ?? '';
  const error = standardError !== null;
  const how = drawn
    ? `a Monte Carlo estimate from ${count} draws of the flow${error ? `, with a relative standard error of ${percent(standardError)} where the prior’s mass is` : ''}`
    : 'exact';
  const share = explained === null ? '' : ` The plane of ${axes.join(' and ')} shows ${percent(explained)} of the variance of the encoded data.`;
  return {
    text: `${text}${drawn ? `, Monte Carlo, N\u00a0=\u00a0${count}${error ? `,\u00a0±\u00a0${percent(standardError)}` : ''}` : ', exact'}`,
    title: `${text}: ${title}; ${how}.${share}`,
  };
}
