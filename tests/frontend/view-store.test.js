import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INITIAL } from '../../frontend/state.js';
import { ViewStore, bindToAddress } from '../../frontend/view-store.js';

/** A window whose address is entered by hand; its event comes when the test says so. */
function fakeWindow() {
  /** @type {Record<string, () => void>} */
  const listeners = {};
  const location = { pathname: '/', search: '', hash: '' };
  /** @param {unknown} _state @param {string} _title @param {string} address */
  const replaceState = (_state, _title, address) => {
    location.hash = address.slice(address.indexOf('#') < 0 ? address.length : address.indexOf('#'));
  };
  /** @type {any} */
  const window = {
    location,
    history: { replaceState },
    setTimeout: () => 1,
    clearTimeout() {},
    addEventListener: (/** @type {string} */ name, /** @type {() => void} */ listener) => {
      listeners[name] = listener;
    },
  };
  return { window, tell: (/** @type {string} */ name) => listeners[name]?.() };
}

test('the address follows the view, and the view the address', () => {
  const { window, tell } = fakeWindow();
  const store = new ViewStore(INITIAL);
  bindToAddress(store, window);
  store.update({ runs: ['a', 'b'] });
  tell('pagehide');
  assert.equal(window.location.hash, '#runs=a,b&active=a');
  window.location.hash = '#runs=c';
  tell('hashchange');
  assert.deepEqual(store.state.runs, ['c']);
  store.update({ runs: ['c', 'd'] });
  tell('pagehide');
  assert.equal(window.location.hash, '#runs=c,d&active=c');
});

test('an address that was just entered is not written over by the view of before', () => {
  const { window, tell } = fakeWindow();
  const store = new ViewStore(INITIAL);
  bindToAddress(store, window);
  store.update({ runs: ['a', 'b'] });
  window.location.hash = '#runs=c';
  // The page is loaded anew before it hears of the other address.
  tell('pagehide');
  assert.equal(window.location.hash, '#runs=c');
  tell('hashchange');
  assert.deepEqual(store.state.runs, ['c']);
});
