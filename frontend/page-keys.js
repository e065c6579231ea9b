/** @import {Places} from './places.js' */
/** @import {SelectTool} from './select-tool.js' */
/** @import {ViewStore} from './view-store.js' */

/**
 * Keys that mean the same wherever the focus is: undo, redo, and Escape, which gives up one thing at a time.
 * @param {{store: ViewStore, places: Places, tool: SelectTool}} parts
 */
export function listenToKeys({ store, places, tool }) {
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement && !['checkbox', 'range'].includes(event.target.type);
    if (typing || document.querySelector('dialog[open]')) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === 'z' || key === 'y')) {
      event.preventDefault();
      if (key === 'y' || event.shiftKey) store.redo();
      else store.undo();
    } else if (event.key === 'Escape') {
      if (places.letGo()) return;
      if (tool.active) tool.use(false);
      else if (store.state.pins.length > 0) store.update({ pins: store.state.pins.slice(0, -1) });
      else store.update({ select: null });
    }
  });
}
