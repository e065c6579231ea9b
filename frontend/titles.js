/** @import {PriorKind, Run} from './contract' */

/** What runs are called on the screen. */
export class Titles {
  /** @type {Map<string, string>} */
  #priors = new Map();

  /** @param {PriorKind[]} priors */
  setPriors(priors) {
    this.#priors = new Map(priors.map(({ kind, title }) => [kind, title]));
  }

  /** @param {Run} run */
  prior(run) {
    const { kind } = run.config.prior;
    return this.#priors.get(kind) ?? kind;
  }

  /**
   * What tells the run apart from others with its prior: its name, as far as that says more.
   * @param {Run} run
   */
  name(run) {
    const title = this.prior(run);
    if (run.name === title) return '';
    const seed = `seed ${run.config.training.seed}`;
    const common = `${title} · ${run.config.dataset} · `;
    return run.name.startsWith(`${common}${seed}`) ? run.name.slice(common.length) : run.name;
  }

  /**
   * The name, unless it is a made-up one and the prior tells the run apart from those beside it.
   * @param {Run} run
   * @param {Run[]} beside
   * @returns {string}
   */
  apart(run, beside) {
    const name = this.name(run);
    if (severalSets(beside)) return name ? `${run.config.dataset} · ${name}` : run.config.dataset;
    return name.startsWith('seed ') && this.short(run, beside) === this.prior(run) ? '' : name;
  }

  /**
   * As short as can be while still telling the run apart from those beside it.
   * @param {Run} run
   * @param {Run[]} beside
   * @returns {string}
   */
  short(run, beside) {
    const alone = beside.every((other) => other.id === run.id || this.prior(other) !== this.prior(run));
    if (alone) return this.prior(run);
    const namesakes = beside.filter((other) => this.prior(other) === this.prior(run));
    if (severalSets(namesakes)) return `${this.prior(run)}, ${this.apart(run, namesakes)}`;
    const name = this.name(run);
    return name.startsWith('seed ') ? `${this.prior(run)}, ${name}` : name || this.prior(run);
  }

  /** @param {Run} run */
  full(run) {
    const name = this.name(run);
    return name ? `${this.prior(run)}, ${name}` : this.prior(run);
  }
}

/** @param {Run[]} runs */
const severalSets = (runs) => new Set(runs.map(({ config }) => config.dataset)).size > 1;
