import { afterEach, beforeEach, mock } from 'node:test';

/** Timers of every test that calls this run when it says so; what it replaced is as before afterwards. */
export function fakeTimers() {
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    Object.assign(globalThis, { window: globalThis });
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });
}

/** Turns of the event loop that the longest chain of answers takes. */
const TURNS = 40;

/** Let everything happen that waits for nothing from outside. */
export async function settled() {
  for (let i = 0; i < TURNS; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
