import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Answers } from '../../frontend/answers.js';
import { ApiError } from '../../frontend/http.js';
import { fakeTimers, settled } from './time.js';

/** @import {Run} from '../../frontend/contract' */

fakeTimers();

/** @param {Run['status']} status */
const run = (status, checkpoint = 3) => /** @type {Run} */ (/** @type {unknown} */ ({ id: 'a', status, checkpoint }));

/** Answers that are numbered, or refused with the statuses that are left in `refusals`. */
function numbered() {
  /** @type {number[]} */
  const refusals = [];
  let [asked, told] = [0, 0];
  const answers = new Answers(
    async () => {
      asked += 1;
      const status = refusals.shift();
      if (status) throw new ApiError({ title: '', detail: `Refused: ${status}`, status });
      return asked;
    },
    () => (told += 1),
    0,
  );
  return { answers, refusals, count: () => asked, told: () => told };
}

test('the last answer of a run that trained is not taken for one of its end', async () => {
  const { answers, count } = numbered();
  answers.of(run('running'));
  await settled();
  assert.equal(answers.of(run('running')).value, 1);
  answers.of(run('finished'));
  await settled();
  assert.equal(answers.of(run('finished')).value, 2);
  await settled();
  assert.equal(count(), 2);
});

test('what was refused in passing is asked for again after a while, by whoever still shows it', async () => {
  const { answers, refusals, count, told } = numbered();
  refusals.push(503);
  answers.of(run('finished'));
  await settled();
  for (let i = 0; i < 5; i += 1) assert.equal(answers.of(run('finished')).problem, 'Refused: 503');
  assert.deepEqual([count(), told()], [1, 1]);
  mock.timers.tick(3000);
  assert.equal(told(), 2);
  assert.equal(answers.of(run('finished')).problem, 'Refused: 503');
  await settled();
  const known = answers.of(run('finished'));
  assert.deepEqual([known.value, known.problem, count()], [2, '', 2]);
});

test('so is what was refused of a stored epoch; nothing is asked that nobody shows', async () => {
  const { answers, refusals, count } = numbered();
  refusals.push(500);
  answers.of(run('finished'), { epoch: 1 });
  await settled();
  mock.timers.tick(100_000);
  await settled();
  assert.equal(count(), 1);
  answers.of(run('finished'), { epoch: 1 });
  await settled();
  assert.equal(answers.of(run('finished'), { epoch: 1 }).value, 2);
});

test('a refusal that lasts is an answer; a run that is gone is not asked for', async () => {
  const { answers, refusals, count, told } = numbered();
  refusals.push(422);
  answers.of(run('finished'));
  await settled();
  mock.timers.tick(100_000);
  answers.of(run('finished'));
  await settled();
  assert.deepEqual([count(), told()], [1, 1]);
  answers.retry();
  refusals.push(503);
  answers.of(run('finished'));
  await settled();
  answers.drop('a');
  mock.timers.tick(100_000);
  assert.deepEqual([count(), told()], [2, 2]);
});
