/**
 * All that the page can do without until its panels are drawn: what lies below them, and what a button
 * opens. It is imported once they are, or when someone asks for it.
 */
export { record, unlessAborted } from './animation.js';
export { openAnimationDialog } from './animation-dialog.js';
export { openCompareForm } from './compare-form.js';
export { openDataDialog } from './data-dialog.js';
export { openHelp } from './help.js';
export { savePanelAs } from './panel-files.js';
export { sceneOf } from './panel-shot.js';
export { fetchPlotlyAhead } from './plotly.js';
export { openReproduce } from './reproduce-dialog.js';
export { openRunForm } from './run-form.js';
export { mountSections } from './sections.js';
