import { api } from './api.js';
import { Datasets } from './datasets.js';
import { byId } from './dom.js';
import { Encodings } from './encodings.js';
import { mountHeader } from './header.js';
import { Imports } from './imports.js';
import { LinkedImage } from './linked-image.js';
import { Moment } from './moment.js';
import { Overviews } from './overviews.js';
import { listenToKeys } from './page-keys.js';
import { PictureCache, decodeOne } from './picture-cache.js';
import { Places } from './places.js';
import { Planes } from './planes.js';
import { Probe } from './probe.js';
import { RunList } from './run-list.js';
import { RunStore } from './runs.js';
import { Science } from './science.js';
import { Selection } from './selection.js';
import { Snapshots } from './snapshots.js';
import { forgetDeleted, guideNewcomer } from './stage-runs.js';
import { Stage } from './stage.js';
import { MAX_PANELS } from './state.js';
import { followTheme, readPalette, rememberedTheme } from './theme.js';
import { Timeline } from './timeline.js';
import { Titles } from './titles.js';
import { fromHash } from './view-hash.js';
import { ViewStore, bindToAddress } from './view-store.js';

/** Until what could not be loaded is asked for again. */
const RETRY_MS = 3000;

/** The panels may take this long before the rest of the page is loaded, too. */
const PATIENCE_MS = 2000;

const initial = fromHash(window.location.hash);
const newcomer = window.location.hash.length < 2;
const store = new ViewStore(newcomer ? { ...initial, theme: rememberedTheme() } : initial);
const runs = new RunStore();
const titles = new Titles();
const datasets = new Datasets();
const probe = new Probe((run, z, detailed) => decodeOne(run, z, { detailed, features: datasets.features(runs.get(run)?.config.dataset) }));
const science = new Science(runs, datasets);
const encodings = new Encodings({ runs, store, datasets });
const cache = new PictureCache(datasets);
const imports = new Imports(datasets);
const linked = new LinkedImage(probe, runs, cache);
const overviews = new Overviews();
const snapshots = new Snapshots(runs, overviews);
const moment = new Moment(store, runs, snapshots);

let palette = readPalette();

/** @param {string} run */
const panel = (run) => stage.plot(run);
const planes = new Planes({ runs, store });
const places = new Places({ runs, store, probe, planes, panel });
/** The points of a panel, unless another split is on its way. @param {string} run */
const points = (run) => {
  const shown = panel(run)?.data.points ?? null;
  return shown?.split === store.state.points ? shown : null;
};
const selection = new Selection(runs, store, planes, ({ run, epoch, plane }) => {
  const data = panel(run)?.data;
  const here = data?.epoch === epoch && (!data?.plane?.name || plane === store.state.plane);
  return here ? points(run) : null;
});

const shared = {
  runs, store, titles, probe, science, encodings, cache, linked, selection, snapshots, overviews, moment, planes, places, panel, points,
  palette: () => palette,
  datasets,
  edge: (/** @type {string} */ id) => {
    const run = runs.get(id);
    return (run && planes.edge(run)) ?? panel(id)?.data.edge ?? { prior: -Infinity, posterior: -Infinity };
  },
  placeAt: places.at.bind(places),
  pin: places.pin.bind(places),
  late,
};

/** @type {Promise<typeof import('./late.js')> | null} */
let loading = null;

/** The rest of the page; a failure is not remembered. */
function late() {
  loading ??= import('./late.js').catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** @param {(rest: typeof import('./late.js')) => void} act */
async function open(act) {
  let rest;
  try {
    rest = await late();
  } catch {
    stage.say('The server cannot be reached, and this part of the page has not been loaded yet. Try again once it is back; if that does not help, load the page again.');
    return;
  }
  act(rest);
}

function newRun() {
  open(({ openRunForm }) =>
    openRunForm({
      onCreated(run) {
        runs.add(run);
        const shown = store.state.runs;
        if (shown.length < MAX_PANELS && !shown.includes(run.id)) store.update({ runs: [...shown, run.id], active: run.id });
      },
    }),
  );
}

/** @param {{source?: string, dataset?: string}} [begin] source: whose encoder and decoder are taken as they are */
function compare({ source, dataset } = {}) {
  open(({ openCompareForm }) =>
    openCompareForm({
      runs: runs.all,
      titles,
      source: source ?? null,
      dataset: dataset ?? null,
      onCreated(created) {
        for (const run of created) runs.add(run);
        const root = created[0]?.frozen_from;
        const all = [...(root ? [root] : []), ...created.map(({ id }) => id)];
        store.update({ runs: all.slice(0, MAX_PANELS), active: created[0]?.id ?? null, large: false });
        const over = all.length - MAX_PANELS;
        stage.say(over > 0 ? `${created.length} runs were started; ${MAX_PANELS} panels fit on the stage. The others are in the list.` : '');
      },
    }),
  );
}

mountHeader(runs, store, {
  data: () => open(({ openDataDialog }) => openDataDialog({ ...shared, imports, onUse: (dataset) => compare({ dataset }) })),
  reproduce: () => open(({ openReproduce }) => openReproduce({ runs, store, titles, datasets, grid: (run) => panel(run)?.grid ?? null, epoch: (run) => moment.of(run) })),
  help: () => open(({ openHelp }) => openHelp()),
});
const runList = new RunList({ runs, store, titles, onNew: newRun, onCompare: (source) => compare(source ? { source } : {}) });
const stage = new Stage({ ...shared, onNew: newRun, onCompare: () => compare(), timeKey: (key) => timeline.key(key) });
const timeline = new Timeline({
  ...shared,
  settled: () => stage.settled(),
  save: () => open(({ openAnimationDialog }) => openAnimationDialog(moment.epochs, (...recording) => stage.record(...recording))),
});
byId('stage').append(timeline.node);

/** @type {import('./sections.js').Sections | null} */
let sections = null;

function redraw() {
  stage.redraw();
  sections?.redraw();
}

followTheme(store, () => {
  palette = readPalette();
  redraw();
});
if (newcomer) guideNewcomer(runs, store);
forgetDeleted(runs, store, probe);
listenToKeys({ store, places, tool: stage.tool });
// Data sets may have been added from elsewhere.
runs.subscribe((change) => {
  if (change.kind === 'list') datasets.want(runs.all.map(({ config }) => config.dataset));
});
bindToAddress(store, window);
runs.connect();

/**
 * Titles and class names: until they are there, kinds and numbers stand in for them.
 * @param {() => Promise<void>} load
 */
async function loadNames(load) {
  try {
    await load();
  } catch {
    window.setTimeout(() => loadNames(load), RETRY_MS);
  }
}

function showNames() {
  runList.render();
  stage.render();
  redraw();
}

/** What lies beside and below the panels, once they are drawn. */
async function loadSections() {
  try {
    const { mountSections, fetchPlotlyAhead } = await late();
    sections = mountSections(shared);
    fetchPlotlyAhead();
  } catch {
    window.setTimeout(loadSections, RETRY_MS);
  }
}

datasets.subscribe(showNames);
loadNames(() => datasets.load());
loadNames(async () => {
  titles.setPriors(await api.priors());
  showNames();
});
Promise.race([runs.ready.then(() => stage.settled()), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]).then(loadSections);
