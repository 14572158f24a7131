import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WeirError } from '../../../src/errors.js';
import { calibrateInTurns } from '../../../src/monitors/calibration/calibrate.js';
import type { Check } from '../../../src/monitors/check.js';
import { monitor } from '../../../src/monitors/definition.js';
import { type Reference, sealReference } from '../../../src/monitors/reference.js';
import { referenceText } from '../../../src/monitors/reference-file.js';
import { designsAhead } from '../../../src/monitors/significance.js';
import { Engine } from '../../../src/streams/live/engine.js';
import { pipeline } from '../../../src/streams/pipeline.js';
import { line, noonMs, page, type Running, scratch, settingsOf, started, user } from './running.js';

const hourMs = 3_600_000;
const monitored = pipeline({
  name: 'monitored',
  views: [user, page],
  monitors: [
    monitor({
      name: 'site-drift',
      period: '1h',
      features: { 'user.views_24h': 'off', 'page.actions_24h': 'off' },
    }),
  ],
});
// No partition is idle, so that the lines alone move the watermark.
const ingest = { latenessMs: hourMs, disorderMs: 60_000, batchRecords: 16, idleAfterMs: 1e9 };
const settings = { pipeline: monitored, capturePeriods: 1, ingest };
const captureHour = 2; // windows of 1 h and a pane are filled by then
const useHour = 5;
const hours = 8;

/** Twelve lines of half an hour. */
async function postHour(running: Running, clock: { nowMs: number }, hour: number, part: 0 | 1) {
  for (let i = 0; i < 12; i++) {
    const timeMs = noonMs + hour * hourMs + (part * 30 + i) * 60_000;
    clock.nowMs = timeMs;
    // Users that only come in the second half open the period of their partitions there.
    const who = `u${part * 20 + ((i * (hour + 1)) % 13)}`;
    await running.post(line(who, timeMs, 'view', `p${i % 3}`));
  }
}

const monitorOf = ({ graph }: Engine) => graph.monitors[0]!;

/** The same periods, counted twice: another reference of the same monitor. */
function doubled(reference: Reference): Reference {
  const features = reference.features.map((feature) => {
    return { ...feature, n: 2 * feature.n, counts: feature.counts.map((count) => 2 * count) };
  });
  return sealReference({ ...reference, features, createdFrom: 'a test' });
}

function listen(engine: Engine): Check[] {
  const checks: Check[] = [];
  engine.listeners.add(({ step }) => checks.push(...step.checks));
  return checks;
}

interface Ran {
  readonly directory: string;
  readonly engine: Engine;
  readonly checks: readonly Check[];
  readonly first: Reference;
  readonly second: Reference;
}

/** All hours, with another reference said in one of them; stopped and started in `restartHours`. */
async function run(t: TestContext, restartHours: readonly number[]): Promise<Ran> {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  let running = await started(t, directory, clock, settings);
  const lists = [listen(running.engine)];
  let first: Reference | null = null;
  for (let hour = 0; hour < hours; hour++) {
    await postHour(running, clock, hour, 0);
    if (hour === useHour) {
      first = monitorOf(running.engine).reference!;
      const reference = referenceText(doubled(first));
      const about = { monitor: 'site-drift', reference, who: 'ada', atMs: clock.nowMs };
      assert.deepEqual(await running.view.say({ kind: 'use-reference', ...about }), { ok: true });
    }
    if (restartHours.includes(hour)) {
      await running.stop();
      running = await started(t, directory, clock, settings);
      lists.push(listen(running.engine));
    }
    await postHour(running, clock, hour, 1);
  }
  assert.ok(first !== null);
  const { engine } = running;
  return { directory, engine, checks: lists.flat(), first, second: doubled(first) };
}

const stateOf = (engine: Engine): string => JSON.stringify(monitorOf(engine).dump());

test('another reference counts from the next period on, and a period begun stays with its own', async (t) => {
  const { checks, engine, first, second } = await run(t, []);
  const used = (hour: number) => {
    const own = checks.filter(({ periodStartMs }) => periodStartMs === noonMs + hour * hourMs);
    return [...new Set(own.map((one) => one.referenceId))];
  };
  assert.deepEqual(used(useHour - 1), [first.id]);
  assert.deepEqual(used(useHour), [first.id]);
  assert.deepEqual(used(useHour + 1), [second.id]);
  assert.equal(monitorOf(engine).reference!.hash, second.hash);
  assert.deepEqual(monitorOf(engine).switches, []);
  const sizes = checks
    .filter((one) => one.feature === 'user.views_1h' && one.test === 'psi')
    .filter(({ periodStartMs }) => periodStartMs >= noonMs + useHour * hourMs);
  const { n } = first.features.find(({ name }) => name === 'user.views_1h')!;
  assert.deepEqual(
    sizes.map((one) => [one.nReference, one.nCurrent > 0]),
    [
      [n, true],
      [2 * n, true],
    ],
  );
  assert.equal(first.fromMs, noonMs + captureHour * hourMs);
});

test('a restart before, while it waits and after changes nothing', async (t) => {
  const plain = await run(t, []);
  const restarted = await run(t, [useHour - 1, useHour, useHour + 1]);
  assert.deepEqual(restarted.checks, plain.checks);
  assert.equal(stateOf(restarted.engine), stateOf(plain.engine));
});

test('a replay of the log alone gives the same checks and the same bytes of state', async (t) => {
  const { checks, directory, engine } = await run(t, []);
  const copy = scratch();
  cpSync(directory, copy, { recursive: true, filter: (path) => !path.endsWith('.lock') });
  const again = new Engine(settingsOf(copy, { nowMs: noonMs }, settings));
  const replayed = listen(again);
  await again.recover();
  again.close();
  assert.deepEqual(replayed, checks);
  assert.equal(stateOf(again), stateOf(engine));
});

test('a reference that is said and not of the monitor changes nothing and is warned of', async (t) => {
  const clock = { nowMs: noonMs };
  const running = await started(t, scratch(), clock, settings);
  for (let hour = 0; hour < 4; hour++) await postHour(running, clock, hour, 0);
  const { reference, switches } = monitorOf(running.engine);
  assert.ok(reference !== null);
  const foreign = { ...doubled(reference), periodMs: 2 * hourMs };
  for (const text of [referenceText(sealReference(foreign)), '{"format":"weir-reference"}', 'no']) {
    const about = { monitor: 'site-drift', reference: text, who: 'ada', atMs: clock.nowMs };
    await running.view.say({ kind: 'use-reference', ...about });
  }
  await postHour(running, clock, 5, 0);
  assert.equal(monitorOf(running.engine).reference, reference);
  assert.equal(monitorOf(running.engine).switches, switches);
  const warned = running.said.filter(({ level }) => level === 'warn');
  assert.deepEqual(
    warned.map(({ message }) => message),
    Array(3).fill('a reference is not used'),
  );
  const [error] = warned.map(({ fields }) => fields.error as WeirError); // as the engine says it
  assert.equal(error!.code, 'reference-invalid');
  assert.match(error!.message, /periods of 1 h; found .*periods of 2 h; .*weir reference use/);
});

const limit = { timeout: 60_000 };
test(
  'levels for a reference that is captured or switched to are simulated beside the stream',
  limit,
  async (t) => {
    const policy = { falseAlarms: 'one per 7 hours', samplesPerBin: 1 };
    const [own] = monitored.monitors;
    const { name, features } = own!;
    const definition = monitor({ name, period: '1h', features, policy });
    const clock = { nowMs: noonMs };
    const promised = pipeline({ name: 'promised', views: [user, page], monitors: [definition] });
    const running = await started(t, scratch(), clock, { ...settings, pipeline: promised });
    for (let hour = 0; hour < 4; hour++) await postHour(running, clock, hour, 0);
    const { reference } = monitorOf(running.engine);
    assert.ok(reference !== null);
    const watched = { definition, features: monitorOf(running.engine).features };
    const isPrepared = (one: Reference): boolean =>
      designsAhead({ ...watched, reference: one }).every((design) => {
        return calibrateInTurns(design).next().done;
      });
    const next = sealReference({ ...doubled(doubled(doubled(reference))), createdFrom: 'another' });
    assert.ok(designsAhead({ ...watched, reference: next }).length > 0);
    while (!isPrepared(reference)) await nextTurn();
    const about = { monitor: name, reference: referenceText(next), who: 'ada', atMs: clock.nowMs };
    assert.deepEqual(await running.view.say({ kind: 'use-reference', ...about }), { ok: true });
    while (!isPrepared(next)) await nextTurn();
    assert.equal(monitorOf(running.engine).reference, reference); // its period has not begun
  },
);
