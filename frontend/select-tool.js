import { toggleButton } from './segments.js';

/** Whether a drag selects instead of moving the plane; a matter of the hand, not of the view. */
export class SelectTool {
  active = false;
  node = toggleButton(
    'Select',
    'Draw around points to select their images, in all panels. Without this tool: Shift-drag a box; key S selects what is in view',
    () => this.use(!this.active),
  );

  constructor() {
    this.use(false);
  }

  /** @param {boolean} active */
  use(active) {
    this.active = active;
    this.node.setAttribute('aria-pressed', String(active));
    document.documentElement.dataset['tool'] = active ? 'select' : 'move';
  }
}
