import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WeirError } from '../../../src/errors.js';
import { needs } from '../../servers.js';
import {
  expectedAlerts,
  expectedEvents,
  logOf,
  ownTopics,
  runTrials,
  taskOf,
  toldIn,
} from './policy-trial.js';
import { dumped } from './scoring-restarts.js';
import { openTopics, type TestTopics } from './scoring-topics.js';

/** `WEIR_TEST_TRIALS` for more; `npm run proof:episodes` has 600. */
const trials = Number(process.env.WEIR_TEST_TRIALS ?? 24);

let topics: TestTopics | null = null;

before(async () => {
  if (needs('kafka').skip === undefined) topics = await openTopics('policy');
});
after(() => topics?.close());

test('whatever ends the process, each episode has one alert and one event', {
  ...needs('kafka'),
}, async () => {
  assert.ok((await runTrials(topics!, trials, 6)) >= trials / 2);
});

test('of two tasks at once the older is shut out and tells nothing', {
  ...needs('kafka'),
}, async () => {
  const log = logOf();
  const own = await ownTopics(topics!, 'zombie');
  const { kafka, prefix } = topics!;
  const older = taskOf(kafka, prefix, 'zombie', own);
  await older.take(log.slice(0, 7), false);
  const newer = taskOf(kafka, prefix, 'zombie', own);
  newer.restore(dumped(older));
  await newer.take(log.slice(7, 9), false); // opens an episode
  const before = dumped(older);
  await assert.rejects(
    older.take(log.slice(7, 9), false),
    (error) =>
      error instanceof WeirError &&
      error.code === 'kafka-failed' &&
      /another process has taken it over/.test(error.message),
  );
  assert.deepEqual(dumped(older), before, 'a take that failed changes nothing');
  await newer.take(log.slice(9), true);
  await Promise.all([older.close(), newer.close()]);
  const alerts = await toldIn(topics!, own.alerts, 'alert_id');
  const events = await toldIn(topics!, own.retraining, 'event_id');
  assert.deepEqual(alerts.get('zombie'), expectedAlerts);
  assert.deepEqual(events.get('zombie'), expectedEvents);
});

test('a task without its snapshot goes on from what was committed; another version closes', {
  ...needs('kafka'),
}, async () => {
  const log = logOf();
  const own = await ownTopics(topics!, 'version');
  const { kafka, prefix } = topics!;
  const first = taskOf(kafka, prefix, 'version', own);
  await first.take(log.slice(0, 9), false);
  const open = first.policyOf('sim');
  assert.equal(open?.open[0]?.number, 1);
  await first.close();
  const second = taskOf(kafka, prefix, 'version', own);
  await second.take(log.slice(0, 9), false); // the log from its beginning
  assert.deepEqual(second.policyOf('sim'), open);
  await second.close();
  for (let again = 0; again < 2; again++) {
    const third = taskOf(kafka, prefix, 'version', own, '2');
    third.restore(dumped(second));
    await third.take([], true);
    await third.close();
  }
  const alerts = await toldIn(topics!, own.alerts, 'alert_id');
  const ids = ['sim/1/1/opened', 'sim/1/1/closed'];
  assert.deepEqual(alerts.get('version'), ids);
});
