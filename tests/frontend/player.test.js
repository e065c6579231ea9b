import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Player } from '../../frontend/player.js';

/**
 * A player over these epochs, whose frames take as long as `settled` says.
 * @param {number[]} epochs
 * @param {() => Promise<void>} settled
 */
function playing(epochs, settled) {
  /** @type {number[]} */
  const shown = [];
  const player = new Player({
    next: () => epochs.find((epoch) => epoch > (shown.at(-1) ?? -1)) ?? null,
    show: (epoch) => shown.push(epoch),
    settled,
  });
  player.speed = 1000;
  return { player, shown };
}

test('every stored epoch is shown, and then it stops', async () => {
  const { player, shown } = playing([0, 1, 2, 5, 9], async () => {});
  await player.play();
  assert.deepEqual(shown, [0, 1, 2, 5, 9]);
  assert.equal(player.playing, false);
  shown.length = 0;
  await player.play(2);
  assert.deepEqual(shown, [2, 5, 9]);
});

test('it waits for frames, visibly, instead of leaving them out', async () => {
  const { player, shown } = playing([0, 1], () => new Promise((resolve) => setTimeout(resolve, 260)));
  /** @type {boolean[]} */
  const waiting = [];
  player.subscribe(() => waiting.push(player.waiting));
  await player.play();
  assert.deepEqual(shown, [0, 1]);
  assert.ok(waiting.includes(true));
  assert.equal(player.waiting, false);
});

test('once stopped it shows nothing more', async () => {
  /** @type {() => void} */
  let ready = () => {};
  const { player, shown } = playing([0, 1, 2], () => new Promise((resolve) => (ready = resolve)));
  const played = player.play();
  player.stop();
  ready();
  await played;
  assert.deepEqual(shown, [0]);
  assert.equal(player.playing, false);
});
