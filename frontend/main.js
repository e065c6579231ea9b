/** @import {Box} from './geometry.js' */
/** @import {Place} from './probe.js' */
/** @import {Pin} from './state.js' */
import { openAnimationDialog } from './animation-dialog.js';
import { announce } from './announcer.js';
import { AnatomyStrip } from './anatomy-strip.js';
import { api } from './api.js';
import { openDataDialog } from './data-dialog.js';
import { Datasets } from './datasets.js';
import { DecoderCard } from './decoder-card.js';
import { byId } from './dom.js';
import { DrawingSection } from './drawing-section.js';
import { Encodings } from './encodings.js';
import { mountHeader } from './header.js';
import { openCompareForm } from './compare-form.js';
import { Imports } from './imports.js';
import { LinkedImage } from './linked-image.js';
import { PictureCache, decodeOne } from './picture-cache.js';
import { loadPlotly } from './plotly.js';
import { PriorReadings } from './prior-readings.js';
import { Probe } from './probe.js';
import { PathSection } from './path-section.js';
import { openReproduce } from './reproduce-dialog.js';
import { openRunForm } from './run-form.js';
import { RunList } from './run-list.js';
import { shareSpace } from './latent-space.js';
import { HoleList } from './hole-list.js';
import { Numbers } from './numbers.js';
import { RunStore } from './runs.js';
import { Samples } from './samples.js';
import { Science } from './science.js';
import { Selection } from './selection.js';
import { SelectionStrip } from './selection-strip.js';
import { Moment } from './moment.js';
import { Snapshots } from './snapshots.js';
import { Stage } from './stage.js';
import { MAX_PANELS } from './state.js';
import { fromHash } from './view-hash.js';
import { ViewStore, bindToAddress } from './view-store.js';
import { followTheme, readPalette, rememberedTheme } from './theme.js';
import { Timeline } from './timeline.js';
import { Titles } from './titles.js';
import { TrainingPlot } from './training-plot.js';

/** How many runs a newcomer sees at once. */
const FIRST_PANELS = 6;

const NAMES_RETRY_MS = 3000;

const initial = fromHash(window.location.hash);
const store = new ViewStore(window.location.hash.length < 2 ? { ...initial, theme: rememberedTheme() } : initial);
const runs = new RunStore();
const titles = new Titles();
const datasets = new Datasets();
const probe = new Probe((run, z, detailed) => decodeOne(run, z, { detailed, features: datasets.features(runs.get(run)?.config.dataset) }));
const science = new Science(runs, datasets);
const encodings = new Encodings({ runs, store, datasets });
const cache = new PictureCache(datasets);
const imports = new Imports(datasets);
const linked = new LinkedImage(probe, runs, cache);
const snapshots = new Snapshots(runs);
const moment = new Moment(store, runs, snapshots);

let palette = readPalette();

/** @param {{run: string, z: number[]}} place */
function pin({ run, z }) {
  store.update({ pins: [...store.state.pins, { run, z }] });
  keep(run, z);
  announce(`Pinned as number ${store.state.pins.length}.`);
}

/**
 * The card comes back to a pinned place once the pointer has gone.
 * @param {string} run
 * @param {number[]} z
 */
function keep(run, z) {
  const place = placeAt(run, z, 'pin');
  probe.keep(place);
  if (probe.place?.source === 'keys' || probe.place?.source === 'tap' || !probe.place) probe.show(place);
}

/**
 * Flies to a place: the panel shows it, the card what comes out of it.
 * @param {string} run
 * @param {number[]} z
 * @param {Box | null} box
 */
function visit(run, z, box) {
  const { views, pins } = store.state;
  const known = pins.some((pinned) => pinned.run === run && pinned.z.join() === z.join());
  store.update({
    active: run,
    views: box ? { ...views, [run]: box } : views,
    pins: known ? pins : [...pins, { run, z }],
  });
  const place = placeAt(run, z, 'pin');
  probe.keep(place);
  probe.show(place);
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  byId('main').scrollTo({ top: 0, behavior: still ? 'auto' : 'smooth' });
}

/** @param {Place} place */
const pinOf = ({ run, z }) => store.state.pins.findLast((pinned) => pinned.run === run && pinned.z.join() === z.join());

/**
 * @param {string} run
 * @param {number[]} z
 * @param {Place['source']} source
 * @returns {Place}
 */
function placeAt(run, z, source) {
  return stage.plot(run)?.placeAt(z, source) ?? { run, z, source, near: null, nearestClass: null };
}

/**
 * @param {Pin} a
 * @param {Pin} b
 */
function joinable(a, b) {
  const [first, second] = [runs.get(a.run), runs.get(b.run)];
  return first !== undefined && second !== undefined && shareSpace(first, second) && a.z.length === b.z.length;
}

/**
 * @param {Pin} from
 * @param {Pin} to
 */
function join(from, to) {
  const { runs: shown, active } = store.state;
  store.update({ path: [from, to], active: shown.includes(from.run) ? from.run : active });
  path.focus();
  announce(`Joined pin ${store.state.pins.indexOf(from) + 1} to pin ${store.state.pins.indexOf(to) + 1}. The arrow keys move along the line.`);
}

function newRun() {
  openRunForm({
    onCreated(run) {
      runs.put(run);
      const shown = store.state.runs;
      if (shown.length < MAX_PANELS && !shown.includes(run.id)) store.update({ runs: [...shown, run.id], active: run.id });
    },
  });
}

/** @param {{source?: string | null, dataset?: string | null}} [begin] source: whose encoder and decoder are taken as they are */
function compare({ source = null, dataset = null } = {}) {
  openCompareForm({
    runs: runs.all,
    titles,
    source,
    dataset,
    onCreated(created) {
      for (const run of created) runs.put(run);
      const root = created[0]?.frozen_from;
      const all = [...(root ? [root] : []), ...created.map(({ id }) => id)];
      store.update({ runs: all.slice(0, MAX_PANELS), active: created[0]?.id ?? null, large: false });
      const over = all.length - MAX_PANELS;
      stage.say(over > 0 ? `${created.length} runs were started; ${MAX_PANELS} panels fit on the stage. The others are in the list.` : '');
    },
  });
}

/** @param {string} run */
const pointsOfPanel = (run) => {
  const points = stage.plot(run)?.data.points ?? null;
  return points?.split === store.state.points ? points : null;
};
const selection = new Selection(runs, store, (run, epoch) => (stage.plot(run)?.data.epoch === epoch ? pointsOfPanel(run) : null));

const shared = {
  runs, store, titles, probe, science, encodings, cache, linked, selection, snapshots, moment, placeAt, pin,
  palette: () => palette,
  datasets,
};

mountHeader(runs, store, {
  data: () => openDataDialog({ ...shared, imports, onUse: (dataset) => compare({ dataset }) }),
  reproduce: () => openReproduce({ runs, store, titles, datasets, grid: (run) => stage.plot(run)?.grid ?? null }),
});
const runList = new RunList({ runs, store, titles, onNew: newRun, onCompare: (source) => compare(source ? { source } : {}) });
const stage = new Stage({ ...shared, onNew: newRun, onCompare: () => compare(), timeKey: (key) => timeline.key(key) });
const timeline = new Timeline({
  ...shared,
  settled: () => stage.settled(),
  save: () => openAnimationDialog(moment.epochs, (...recording) => stage.record(...recording)),
});
byId('stage').append(timeline.node);
/** @param {string} run */
const edge = (run) => stage.plot(run)?.data.edge ?? { prior: -Infinity, posterior: -Infinity };
const strip = new SelectionStrip({ ...shared, points: pointsOfPanel });
const readings = new PriorReadings(shared).node;
const card = new DecoderCard({ ...shared, readings, edge, joinable, join });
const path = new PathSection({ ...shared, edge, joinable });
const drawing = new DrawingSection({ ...shared, edge, images: (run) => stage.plot(run)?.data.points?.index ?? [] });
const holeList = new HoleList({ ...shared, visit });
/** @type {(run: string, z: number[] | null) => void} */
const mark = (run, z) => stage.plot(run)?.markSample(z);
const numbers = new Numbers(shared);
const anatomyStrip = new AnatomyStrip({ ...shared, mark });
const samples = new Samples({ ...shared, mark });
const training = new TrainingPlot(shared);

followTheme(store, () => {
  palette = readPalette();
  stage.redraw();
  strip.redraw();
  card.redraw();
  path.redraw();
  drawing.redraw();
  holeList.redraw();
  numbers.update();
  anatomyStrip.redraw();
  samples.redraw();
  training.update();
});

// Whoever opens the page without a view to restore sees the first runs, also those that start now,
// until they choose for themselves.
let guided = window.location.hash.length < 2;
let guiding = false;
store.subscribe((state, previous) => {
  if (state.runs !== previous.runs && !guiding) guided = false;
});
runs.subscribe((change) => {
  if (!guided || change.kind !== 'list') return;
  guiding = true;
  const first = runs.all.slice(0, FIRST_PANELS).map((run) => run.id);
  store.update({ runs: first, active: store.state.active ?? first[0] ?? null }, { record: false });
  guiding = false;
});

// A pin that is taken away is not come back to.
store.subscribe((state, previous) => {
  if (state.pins === previous.pins) return;
  if (probe.kept && !pinOf(probe.kept)) probe.keep(null);
  if (probe.place?.source === 'pin' && !pinOf(probe.place)) probe.end();
});

// A run that is deleted leaves the view, too; one that a link speaks of and that is gone is reported.
runs.subscribe((change) => {
  if (change.kind !== 'list' || !change.removed) return;
  const gone = change.removed;
  if (probe.place?.run === gone) probe.end();
  store.update(
    {
      runs: store.state.runs.filter((id) => id !== gone),
      pins: store.state.pins.filter((pinned) => pinned.run !== gone),
    },
    { record: false },
  );
});

document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLInputElement && !['checkbox', 'range'].includes(event.target.type);
  if (typing || document.querySelector('dialog[open]')) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && (key === 'z' || key === 'y')) {
    event.preventDefault();
    if (key === 'y' || event.shiftKey) store.redo();
    else store.undo();
  } else if (event.key === 'Escape') {
    const shown = probe.place?.source === 'pin' ? pinOf(probe.place) : undefined;
    if (shown) store.update({ pins: store.state.pins.filter((pinned) => pinned !== shown) });
    else if (probe.place && probe.place.source !== 'pointer') probe.end();
    else if (stage.tool.active) stage.tool.use(false);
    else if (store.state.pins.length > 0) store.update({ pins: store.state.pins.slice(0, -1) });
    else store.update({ select: null });
  }
});

// Data sets may have been added from elsewhere.
runs.subscribe((change) => {
  if (change.kind === 'list') datasets.want(runs.all.map(({ config }) => config.dataset));
});

bindToAddress(store, window);
runs.connect();
loadPlotly().catch(() => {});

/** Titles and class names: until they are there, kinds and numbers stand in for them. */
async function loadNames() {
  try {
    const [priors] = await Promise.all([api.priors(), datasets.load()]);
    titles.setPriors(priors);
  } catch {
    window.setTimeout(loadNames, NAMES_RETRY_MS);
    return;
  }
  datasets.subscribe(showNames);
  showNames();
}

function showNames() {
  runList.render();
  stage.render();
  stage.redraw();
  strip.redraw();
  card.redraw();
  path.redraw();
  drawing.redraw();
  holeList.redraw();
  numbers.update();
  anatomyStrip.update();
  samples.update();
  training.update();
}
loadNames();
