/**
 * @import {DatasetInfo, EpochEvent, History, Import, ImportOptions, JsonSchema, Metrics, Preview, PriorKind,
 *   ProgressEvent, Run, RunPage, SplitName, PlaneDetails, WireAnatomy, WireDecoded, WireDensity, WireEncoded, WireHoles, WireImages,
 *   WireManifold, WirePanel, WirePoints, WireSamples, Upload
 * } from './contract'
 * @import {Section} from './latent-plane.js'
 * @import {Field} from './state.js'
 */

import { get, send, sendFile } from './http.js';

export { ApiError, ServerLost, sentence } from './http.js';

/** Cells per side of a grid that only tells where there is something to see. */
export const COARSE = 64;

/** @param {number | null} epoch */
const at = (epoch) => (epoch === null ? undefined : { epoch });

/** @param {string} id */
const runPath = (id) => `/runs/${encodeURIComponent(id)}`;

/** @param {string} id */
const datasetPath = (id) => `/datasets/${encodeURIComponent(id)}`;

/** @param {string} id */
const uploadPath = (id) => `/uploads/${encodeURIComponent(id)}`;

/** @param {string} id */
const importPath = (id) => `/imports/${encodeURIComponent(id)}`;

/** @param {readonly number[]} bounds */
const boundsText = (bounds) => bounds.map((v) => Number(v.toPrecision(8))).join(',');

/** Until a page of the list that never comes is given up, for others wait for it. */
const PATIENCE_MS = 60_000;

/** The only way from the page to the server. */
export const api = {
  /** @returns {Promise<{token: boolean}>} whether the server asks for a token */
  health: () => get('/health'),

  /** @returns {Promise<PriorKind[]>} */
  priors: () => get('/priors'),

  /** @returns {Promise<JsonSchema>} */
  runSchema: () => get('/run-schema'),

  /** @returns {Promise<DatasetInfo[]>} */
  datasets: () => get('/datasets'),

  /** @param {string} id */
  deleteDataset: (id) => send('DELETE', datasetPath(id)),

  /**
   * @param {File} file
   * @param {{onProgress: (share: number) => void, signal: AbortSignal}} options
   * @returns {Promise<Upload>}
   */
  upload: (file, options) => sendFile(`/uploads?${new URLSearchParams({ filename: file.name })}`, file, options),

  /** @param {string} id */
  discardUpload: (id) => send('DELETE', uploadPath(id)),

  /**
   * What a data set would be.
   * @param {string} upload
   * @param {ImportOptions} options
   * @returns {Promise<Preview>}
   */
  preview: async (upload, options) => (await send('POST', `${uploadPath(upload)}/preview`, options)).json(),

  /**
   * @param {ImportOptions & ({upload: string} | {openml: {name: string, version: number | null}})} body
   * @returns {Promise<Import>}
   */
  importDataset: async (body) => (await send('POST', '/datasets', body)).json(),

  /**
   * The last imports, the newest first.
   * @returns {Promise<Import[]>}
   */
  imports: () => get('/imports'),

  /**
   * How far an import has come.
   * @param {string} id
   * @returns {Promise<Import>}
   */
  importStatus: (id) => get(importPath(id)),

  /** @param {string} id */
  cancelImport: (id) => send('POST', `${importPath(id)}/cancel`),

  /**
   * Rows of a data set by their numbers in file order.
   * @param {string} dataset
   * @param {number[]} index
   * @returns {Promise<WireImages>}
   */
  images: (dataset, index) =>
    get(`${datasetPath(dataset)}/images`, { split: 'all', index: index.join(',') }),

  /**
   * All runs of the store, oldest first.
   * @returns {Promise<Run[]>}
   */
  async runs() {
    let total = 0;
    /** @type {Run[]} */
    let all = [];
    for (;;) {
      /** @type {RunPage} */
      const page = await get('/runs', { sort: 'created_at', limit: 100, offset: all.length }, AbortSignal.timeout(PATIENCE_MS));
      // One that was deleted meanwhile has moved the others, and this page may miss one of them.
      const moved = page.total < total;
      all = moved ? [] : [...all, ...page.items];
      total = page.total;
      if (!moved && (page.items.length === 0 || all.length >= total)) return all;
    }
  },

  /**
   * @param {Record<string, unknown>} body
   * @returns {Promise<Run>}
   */
  createRun: async (body) => (await send('POST', '/runs', body)).json(),

  /**
   * @param {string} id
   * @param {string} name
   * @returns {Promise<Run>}
   */
  renameRun: async (id, name) => (await send('PATCH', runPath(id), { name })).json(),

  /**
   * A run as a zip file.
   * @param {string} id
   * @returns {Promise<Blob>}
   */
  exportRun: async (id) => (await send('GET', `${runPath(id)}/export`)).blob(),

  /** @param {string} id */
  cancelRun: (id) => send('POST', `${runPath(id)}/cancel`),

  /**
   * Lets a run that stopped before its end go on.
   * @param {string} id
   * @returns {Promise<Run>}
   */
  resumeRun: async (id) => (await send('POST', `${runPath(id)}/resume`)).json(),

  /** @param {string} id */
  deleteRun: (id) => send('DELETE', runPath(id)),

  /**
   * @param {string} id
   * @returns {Promise<History>}
   */
  history: (id) => get(`${runPath(id)}/history`),

  /**
   * @param {string[]} ids at most as many as there are panels
   * @returns {Promise<{panels: WirePanel[]}>} without runs that have no weights, or no plane
   */
  overview: (ids) => get('/overview', [...ids.map((id) => ['run', id]), ['resolution', String(COARSE)]]),

  /**
   * @param {string} id
   * @param {{split: SplitName, epoch?: number | null}} options epoch: a stored one; null: the present
   * @returns {Promise<WirePoints>}
   */
  points: (id, { split, epoch = null }) => get(`${runPath(id)}/points`, { split, ...at(epoch) }),

  /**
   * @param {string} id
   * @returns {Promise<{epochs: number[]}>}
   */
  snapshots: (id) => get(`${runPath(id)}/snapshots`),

  /**
   * @param {string} id
   * @param {{field?: Field, resolution: number, bounds?: readonly number[], epoch?: number | null, section?: Section}} options
   * @returns {Promise<WireDensity>}
   */
  density: (id, { field = 'prior', resolution, bounds, epoch = null, section = {} }) =>
    get(`${runPath(id)}/density`, {
      field,
      resolution,
      ...(bounds && { bounds: boundsText(bounds) }),
      ...at(epoch),
      ...section,
    }),

  /**
   * Where a plane of a latent space of more than two dimensions lies.
   * @param {string} id
   * @param {string} plane
   * @returns {Promise<PlaneDetails>}
   */
  plane: (id, plane) => get(`${runPath(id)}/plane`, { plane }),

  /**
   * @param {string} id
   * @param {number[][]} z
   * @param {{draws: number, nearest: number, reencode: boolean}} options pictures to draw and training images to name, for each place; whether to encode what is decoded again
   * @returns {Promise<WireDecoded>}
   */
  decode: async (id, z, options) => (await send('POST', `${runPath(id)}/decode`, { z, ...options })).json(),

  /**
   * @param {string} id
   * @param {number[][][]} x pictures of brightness 0 to 255, n by h by w
   * @returns {Promise<WireEncoded>}
   */
  encode: async (id, x) => (await send('POST', `${runPath(id)}/encode`, { x })).json(),

  /**
   * @param {string} id
   * @param {{resolution: number, bounds: readonly number[], section: Section}} options
   * @returns {Promise<WireManifold>}
   */
  manifold: (id, { resolution, bounds, section }) =>
    get(`${runPath(id)}/manifold`, { resolution, bounds: boundsText(bounds), ...section }),

  /**
   * @param {string} id
   * @returns {Promise<Metrics>}
   */
  metrics: (id) => get(`${runPath(id)}/metrics`),

  /**
   * @param {string} id
   * @param {number} threshold
   * @param {number | null} epoch
   * @param {string} plane empty: of the latent space as a whole
   * @returns {Promise<WireHoles>}
   */
  holes: (id, threshold, epoch, plane) => get(`${runPath(id)}/holes`, { tau: threshold, ...at(epoch), ...(plane && { plane }) }),

  /**
   * @param {string} id
   * @param {number | null} [epoch]
   * @returns {Promise<WireAnatomy>}
   */
  anatomy: (id, epoch = null) => get(`${runPath(id)}/anatomy`, at(epoch)),

  /**
   * @param {string} id
   * @param {{n: number, seed: number}} options
   * @returns {Promise<WireSamples>}
   */
  samples: (id, options) => get(`${runPath(id)}/samples`, options),

  /**
   * @param {{frames: string[], milliseconds: number, hold: number}} animation PNG pictures in base64
   * @param {AbortSignal} signal
   * @returns {Promise<Blob>} a GIF
   */
  animate: async (animation, signal) => (await send('POST', '/animations', animation, signal)).blob(),
};

/**
 * What the server tells by itself.
 * @typedef {object} EventHandlers
 * @property {() => void} open also after each reconnection
 * @property {() => void} lost
 * @property {(run: Run) => void} status
 * @property {(progress: ProgressEvent) => void} progress
 * @property {(epoch: EpochEvent) => void} epoch
 * @property {(deleted: {run: string}) => void} deleted
 */

const RETRY_MS = 2000;

/**
 * One stream for all runs, since a browser allows six connections per host. A stream that the
 * browser gave up is opened again.
 * @param {EventHandlers} handlers
 */
export function openEvents(handlers) {
  const source = new EventSource('/api/events');
  source.addEventListener('open', handlers.open);
  source.addEventListener('error', () => {
    handlers.lost();
    if (source.readyState === EventSource.CLOSED) setTimeout(() => openEvents(handlers), RETRY_MS);
  });
  for (const name of /** @type {const} */ (['status', 'progress', 'epoch', 'deleted'])) {
    source.addEventListener(name, (event) => handlers[name](JSON.parse(event.data)));
  }
}
