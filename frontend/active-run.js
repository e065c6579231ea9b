/**
 * @import {Moment} from './moment.js'
 * @import {RunStore} from './runs.js'
 * @import {Science} from './science.js'
 * @import {ViewState} from './state.js'
 * @import {ViewStore} from './view-store.js'
 */

/**
 * Keeps a section about the active run current: the run, what is known of it, and the epoch shown.
 * @param {{runs: RunStore, store: ViewStore, science: Science, moment: Moment}} parts
 * @param {keyof ViewState} key of the view that the section depends on, too
 * @param {() => void} update
 */
export function followActiveRun({ runs, store, science, moment }, key, update) {
  runs.subscribe((change) => {
    if (change.kind === 'list' || ('id' in change && change.kind !== 'history' && change.id === store.state.active)) update();
  });
  store.subscribe((state, previous) => {
    if (state.active !== previous.active || state[key] !== previous[key]) update();
  });
  science.subscribe((run) => {
    if (run === store.state.active) update();
  });
  moment.subscribe(update);
  update();
}
