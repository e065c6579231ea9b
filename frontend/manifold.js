/** @import {WireManifold} from './contract' */
/** @import {Box} from './geometry.js' */
/** @import {Picture} from './picture.js' */
/** @import {Viewport} from './viewport.js' */
import { centre } from './geometry.js';
import { picture } from './typed-array.js';

/** A tile is at least this large on the screen. */
const TILE_PX = 20;

/** Tiles per side at most. */
const MOST = 64;

/** A larger picture is reduced so far that a tile has this side on the screen. */
const LARGE_TILE_PX = 48;

/**
 * Decoded pictures side by side over a part of the plane.
 * @typedef {{bounds: Box, resolution: number, sprite: Picture}} Manifold `resolution`: tiles per side
 */

/** @param {WireManifold} wire */
export function manifoldOf({ bounds, resolution, sprite }) {
  return { bounds, resolution, sprite: picture(sprite) };
}

/**
 * The grid of tiles that covers what is in view. A tile is a whole multiple of its picture, so that
 * all pixels come out equally large; large pictures are reduced.
 * @param {Viewport} viewport
 * @param {readonly number[]} shape of a picture: height and width
 * @returns {{resolution: number, bounds: Box}}
 */
export function manifoldGrid({ range, width, height }, [h = 1, w = 1]) {
  const side = Math.max(h, w);
  let scale = side > LARGE_TILE_PX ? LARGE_TILE_PX / side : Math.max(1, Math.ceil(TILE_PX / Math.min(h, w)));
  const tiles = () => Math.ceil(Math.max(width / (scale * w), height / (scale * h)));
  while (tiles() > MOST) scale += scale < 1 ? scale : 1;
  const resolution = Math.max(2, tiles());
  const unit = (range[1] - range[0]) / width;
  const [z1, z2] = centre(range);
  const half1 = (resolution * scale * w * unit) / 2;
  const half2 = (resolution * scale * h * unit) / 2;
  return { resolution, bounds: [z1 - half1, z1 + half1, z2 - half2, z2 + half2] };
}
