import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Probe } from '../../frontend/probe.js';

/** @param {Partial<import('../../frontend/probe.js').Place>} some @returns {import('../../frontend/probe.js').Place} */
const place = (some) => ({ run: 'a', z: [0, 0], source: 'pointer', near: null, nearestClass: null, ...some });

test('the last place near a test image stays when the pointer goes', () => {
  const probe = new Probe(() => new Promise(() => {}));
  assert.equal(probe.lastNear, null);
  probe.show(place({ near: { index: 7, label: 3 } }));
  probe.show(place({ run: 'b' }));
  probe.end(['pointer']);
  assert.equal(probe.place, null);
  assert.deepEqual(probe.lastNear, place({ near: { index: 7, label: 3 } }));
});
