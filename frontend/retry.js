import { ApiError } from './http.js';

/** Until what was refused is asked for again the first time, in milliseconds; then twice as long, up to the last. */
const PAUSES_MS = { first: 3000, last: 48000 };

/** So many refusals in a row are waited for. */
const PATIENCE = 3;

/**
 * Whether the same question may be answered in a while: the server is busy or out of reach, its state
 * forbids the answer, or the answer got lost on its way.
 * @param {unknown} error
 */
export function isPassing(error) {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 409 || error.status === 429;
}

/**
 * Whether a refusal, though it may pass, is of the thing itself rather than of the moment: a damaged
 * file stays one.
 * @param {unknown} error
 */
const mayStay = (error) => error instanceof ApiError && (error.status === 409 || error.status === 500);

/** Another try after a refusal that may pass: one at a time, however often it is refused. */
export class Retry {
  #again;
  #timer = 0;
  #refusals = 0;
  /** Of the last ones, how many were of the thing itself. */
  #own = 0;

  /** @param {() => void} again */
  constructor(again) {
    this.#again = again;
  }

  /** Whether the next try is still to come. */
  get waiting() {
    return this.#timer !== 0;
  }

  /** Whether it was refused so often that nothing should wait for it any longer. */
  get hopeless() {
    return this.#refusals >= PATIENCE;
  }

  /**
   * @param {unknown} error what the last try came to
   * @returns {boolean} whether there will be another one
   */
  after(error) {
    if (!isPassing(error)) return false;
    if (this.waiting) return true;
    this.#own = mayStay(error) ? this.#own + 1 : 0;
    if (this.#own > PATIENCE) return false;
    const pause = Math.min(PAUSES_MS.last, PAUSES_MS.first * 2 ** this.#refusals);
    this.#refusals += 1;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      this.#again();
    }, pause);
    return true;
  }

  /** It was answered, or is not wanted any more. */
  stop() {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#refusals = 0;
    this.#own = 0;
  }
}
