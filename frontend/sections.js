/**
 * @import {LatentPlot} from './latent-plot.js'
 * @import {PageParts} from './panel-context.js'
 * @import {PictureCache} from './picture-cache.js'
 * @import {Places} from './places.js'
 * @import {Points} from './points.js'
 */
import { AnatomyStrip } from './anatomy-strip.js';
import { DecoderCard } from './decoder-card.js';
import { DrawingSection } from './drawing-section.js';
import { HoleList } from './hole-list.js';
import { Numbers } from './numbers.js';
import { PathSection } from './path-section.js';
import { PriorReadings } from './prior-readings.js';
import { Samples } from './samples.js';
import { SelectionStrip } from './selection-strip.js';
import { TrainingPlot } from './training-plot.js';

/**
 * @typedef {Omit<PageParts, 'timeKey'> & {
 *   cache: PictureCache,
 *   places: Places,
 *   edge: (run: string) => {prior: number, posterior: number},
 *   panel: (run: string) => LatentPlot | undefined,
 *   points: (run: string) => Points | null,
 * }} SectionParts
 */

/**
 * @typedef {object} Sections
 * @property {() => void} redraw theme or names have changed
 */

/**
 * What lies beside and below the panels.
 * @param {SectionParts} parts
 * @returns {Sections}
 */
export function mountSections(parts) {
  const { places, panel } = parts;
  const shared = {
    ...parts,
    placeAt: places.at.bind(places),
    joinable: places.joinable.bind(places),
    visit: places.visit.bind(places),
    mark: (/** @type {string} */ run, /** @type {number[] | null} */ z) => panel(run)?.markSample(z),
    images: (/** @type {string} */ run) => parts.points(run)?.index ?? [],
  };
  const card = new DecoderCard({
    ...shared,
    readings: new PriorReadings(shared).node,
    join(from, to) {
      places.join(from, to);
      path.focus();
    },
  });
  const strip = new SelectionStrip(shared);
  const path = new PathSection(shared);
  const drawing = new DrawingSection(shared);
  const holes = new HoleList(shared);
  const numbers = new Numbers(shared);
  const anatomy = new AnatomyStrip(shared);
  const samples = new Samples(shared);
  const training = new TrainingPlot(shared);
  return {
    redraw() {
      for (const section of [card, strip, path, drawing, holes, anatomy, samples]) section.redraw();
      numbers.update();
      training.update();
    },
  };
}
