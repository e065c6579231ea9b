/** @import {Probe} from './probe.js' */
/** @import {RunStore} from './runs.js' */
/** @import {ViewStore} from './view-store.js' */

/** How many runs a newcomer sees at once. */
const FIRST_PANELS = 6;

/**
 * Whoever opens the page without a view to restore sees the first runs, also those that start now, until
 * they choose for themselves.
 * @param {RunStore} runs
 * @param {ViewStore} store
 */
export function guideNewcomer(runs, store) {
  let guided = true;
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
}

/**
 * A run that is deleted leaves the view, too; one that a link speaks of and that is gone is reported.
 * @param {RunStore} runs
 * @param {ViewStore} store
 * @param {Probe} probe
 */
export function forgetDeleted(runs, store, probe) {
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
}
