/**
 * @import {DatasetInfo, Run} from './contract'
 * @import {Datasets} from './datasets.js'
 * @import {ContourScale} from './contour-scale.js'
 * @import {Encodings} from './encodings.js'
 * @import {FrameCache} from './frames.js'
 * @import {Overviews} from './overviews.js'
 * @import {LinkedImage} from './linked-image.js'
 * @import {Moment} from './moment.js'
 * @import {PanelRanges} from './panel-ranges.js'
 * @import {Places} from './places.js'
 * @import {Planes} from './planes.js'
 * @import {Probe} from './probe.js'
 * @import {RedrawQueue} from './redraw-queue.js'
 * @import {RunStore} from './runs.js'
 * @import {Science} from './science.js'
 * @import {SelectTool} from './select-tool.js'
 * @import {Selection} from './selection.js'
 * @import {Snapshots} from './snapshots.js'
 * @import {ViewStore} from './view-store.js'
 * @import {Palette} from './theme.js'
 * @import {Titles} from './titles.js'
 */

/**
 * What the page gives to the stage.
 * @typedef {object} PageParts
 * @property {RunStore} runs
 * @property {ViewStore} store
 * @property {Titles} titles
 * @property {Probe} probe
 * @property {Science} science
 * @property {Encodings} encodings
 * @property {LinkedImage} linked
 * @property {Selection} selection
 * @property {Snapshots} snapshots
 * @property {Planes} planes
 * @property {Places} places
 * @property {Moment} moment
 * @property {Overviews} overviews
 * @property {() => Palette} palette
 * @property {Datasets} datasets
 * @property {(key: string) => boolean} timeKey what a key does to the timeline, if anything
 * @property {(place: {run: string, z: number[]}) => void} pin
 * @property {() => Promise<typeof import('./late.js')>} late what the page can do without until its panels are drawn
 */

/**
 * What the stage adds: what the panels share.
 * @typedef {object} StageParts
 * @property {RedrawQueue} queue
 * @property {FrameCache} frames
 * @property {SelectTool} tool
 * @property {PanelRanges} ranges
 * @property {ContourScale} scale
 * @property {(step: 1 | -1) => void} turn to the next or the previous panel
 * @property {() => void} dataChanged
 */

/** All that a panel knows of the world around it. */
/** @typedef {PageParts & StageParts} PanelContext */

/**
 * @param {Pick<PageParts, 'runs' | 'store'>} context
 * @returns {Run[]} those on the stage
 */
export function runsOnStage({ runs, store }) {
  return store.state.runs.flatMap((id) => runs.get(id) ?? []);
}

/**
 * @param {Pick<PageParts, 'datasets'>} context
 * @param {Run} run
 * @returns {DatasetInfo | null} null until it is known
 */
export function datasetOf({ datasets }, run) {
  return datasets.get(run.config.dataset);
}
