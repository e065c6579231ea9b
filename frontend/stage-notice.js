/** @import {PageParts} from './panel-context.js' */
import { el, setText } from './dom.js';

/** Above the panels: that runs are missing, or what has been said about those that are there. */
export class StageNotice {
  #context;
  /** What was said about the runs that are on the stage now. */
  #said = { text: '', runs: /** @type {string[]} */ ([]) };
  node = el('p', { class: 'notice', attrs: { role: 'status' } });

  /** @param {Pick<PageParts, 'runs' | 'store'>} context */
  constructor(context) {
    this.#context = context;
  }

  /**
   * Tells something about the runs that have come to the stage, until there are others.
   * @param {string} text
   */
  say(text) {
    this.#said = { text, runs: this.#context.store.state.runs };
    this.show();
  }

  show() {
    const { runs, store } = this.#context;
    const asked = store.state.runs;
    const missing = runs.loaded ? asked.filter((id) => !runs.get(id)).length : 0;
    const what = missing === 1 ? 'One run of this view is' : `${missing} runs of this view are`;
    const said = this.#said.runs === asked ? this.#said.text : '';
    setText(this.node, missing ? `${what} no longer in the store.` : said);
    this.node.hidden = this.node.textContent === '';
  }
}
