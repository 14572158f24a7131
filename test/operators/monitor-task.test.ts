import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { dayMs } from '../../src/generate/options.js';
import { mutableFeatures } from '../../src/monitors/mutable-features.js';
import { thingOf } from '../../src/monitors/trigger.js';
import { vectorsInOrder } from '../../src/operators/in-order.js';
import type { Step } from '../../src/operators/step.js';
import { loadModels, noModels } from '../../src/streams/load-models.js';
import {
  closeDays,
  createWorldRun,
  type RunSettings,
  resumeWorldRun,
  runDays,
  snapshotWorldRun,
  type WorldRun,
} from '../proof/world-run.js';
import { captureFrom, capturePeriods, days, short, world } from './short-drift.js';

const at = (day: number) => world.options.startMs + day * dayMs;

const settings = {
  pipeline: short,
  loaded: noModels,
  capturePeriods,
} satisfies RunSettings;

interface Seen {
  readonly group: string;
  readonly key: string | number;
  readonly timeMs: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a step gave, in ingest order. */
function seenIn(step: Step): Seen[] {
  const vectors = vectorsInOrder(step, 0).map(({ view, key, asOfMs, values }): Seen => {
    const named = Object.fromEntries(view.features.map(({ name }, i) => [name, values[i]]));
    return { group: view.name, key, timeMs: asOfMs, values: named };
  });
  const scores = step.scores.map(({ score }): Seen => {
    return { group: 'scores', key: score.key, timeMs: score.timeMs, values: score.inputs };
  });
  return [...vectors, ...scores];
}

async function whole(other: Partial<RunSettings> = {}): Promise<WorldRun> {
  const run = createWorldRun({ ...settings, ...other });
  await runDays(run, world, 0, days);
  await closeDays(run, world, days);
  return run;
}

const seen: Seen[] = [];
let plain: WorldRun;
before(async () => {
  plain = await whole({ onStep: (step) => seen.push(...seenIn(step)) });
});

/** The naive rule: an entity's first of a day, by the time it is as of. */
function firstsOf(group: string, fromDay: number, toDay: number): Seen[] {
  const firsts = new Map<string, Seen>();
  for (const one of seen) {
    if (one.group !== group || one.timeMs < at(fromDay) || one.timeMs >= at(toDay)) continue;
    const id = `${one.key} ${Math.floor(one.timeMs / dayMs)}`;
    if (!firsts.has(id)) firsts.set(id, one);
  }
  return [...firsts.values()];
}

const referenceOf = (name: string) =>
  plain.captured[0]!.features.find((feature) => feature.name === name)!;

test('a reference is captured from the first days before which every window lay in the stream', () => {
  assert.equal(plain.captured.length, 1);
  const { fromMs, toMs } = plain.captured[0]!;
  assert.deepEqual([fromMs, toMs], [at(captureFrom), at(captureFrom + capturePeriods)]);
});

test('the reference counts the first vector before an event, once per entity and day', () => {
  const until = captureFrom + capturePeriods;
  const examples = [
    ['place.category', 'place', 'category'],
    ['device', 'scores', 'device'],
  ] as const;
  for (const [name, group, feature] of examples) {
    const firsts = firstsOf(group, captureFrom, until);
    const { bins, counts, n } = referenceOf(name);
    assert.equal(n, firsts.length);
    assert.ok(bins.kind === 'categorical');
    const expected = bins.values.map(
      (value) => firsts.filter(({ values }) => values[feature] === value).length,
    );
    assert.deepEqual(counts.slice(0, bins.values.length), expected);
  }
  const { bins, counts, n } = referenceOf('user.views_7d');
  assert.ok(bins.kind === 'numeric');
  const firsts = firstsOf('user', captureFrom, until);
  assert.equal(n, firsts.length);
  const views = firsts.map(({ values }) => values.views_7d as number); // a count
  const { edges } = bins;
  const upTo = edges.map((edge) => views.filter((value) => value <= edge).length);
  const expected = upTo.map((count, i) => count - (upTo[i - 1] ?? 0));
  assert.deepEqual(counts.slice(0, edges.length), expected);
});

test('each later day is compared on as many entities as the naive rule finds', () => {
  for (let day = captureFrom + capturePeriods; day < days; day++) {
    for (const [name, group] of [
      ['place.category', 'place'],
      ['user.views_7d', 'user'],
      ['device', 'scores'],
    ] as const) {
      const found = plain.checks.filter(
        (check) => check.feature === name && check.periodStartMs === at(day),
      );
      const expected = firstsOf(group, day, day + 1).length;
      assert.deepEqual([...new Set(found.map((check) => check.nCurrent))], [expected]);
    }
  }
  const monitors = plain.graph.monitors.map((one) => one.unsampled);
  assert.deepEqual(monitors, [{ missed: 0, overflow: 0 }]);
});

test('before there is a reference the answer says how to have one; its last day needs none', () => {
  const last = at(captureFrom + capturePeriods - 1);
  const early = plain.checks.filter((check) => check.periodStartMs < last);
  // What is expected of the data itself needs none.
  const [own, held] = [true, false].map((is) =>
    early.filter(({ subject }) => (subject === 'quality') === is),
  );
  assert.deepEqual([...new Set(own!.map((check) => check.verdict))], ['ok']);
  assert.deepEqual([...new Set(held!.map((check) => check.verdict))], ['no-reference']);
  assert.match(held![0]!.detail, /weir reference capture/);
  assert.deepEqual(
    plain.checks.filter(({ periodStartMs }) => periodStartMs === last),
    [],
  );
});

test('a mute can be of all that any check is about, before the first period too', () => {
  const [task] = plain.graph.monitors;
  const mutable = mutableFeatures(task!);
  const told = new Set(plain.checks.map(thingOf));
  assert.ok(told.size > 10);
  assert.deepEqual([...told].sort(), mutable.toSorted());
});

test('the drift is one episode with one event, which names the feature that moved', () => {
  const told = plain.emissions.map((one) => [
    one.kind,
    (one.timeMs - at(0)) / dayMs,
    one.triggers.map((trigger) => trigger.kind === 'psi' && trigger.feature),
  ]);
  assert.deepEqual(told, [
    ['alert', 14, ['place.price_level']],
    ['retraining', 14, ['place.price_level']],
  ]);
});

test('frames of any size and any number of partitions give the same checks and emissions', async () => {
  for (const other of [
    { partitions: 1, batchRecords: 64 },
    { partitions: 8, batchRecords: 512 },
  ]) {
    const run = await whole(other);
    assert.equal(run.captured[0]!.hash, plain.captured[0]!.hash);
    assert.deepEqual(run.checks, plain.checks);
    assert.deepEqual(run.emissions, plain.emissions);
  }
});

test('a graph restored in the middle of a capture, a day or an episode goes on as if nothing was', async () => {
  let run = createWorldRun(settings);
  let from = 0;
  for (const day of [captureFrom + 2, 13, 15, days]) {
    await runDays(run, world, from, day);
    from = day;
    run = resumeWorldRun(settings, snapshotWorldRun(run));
  }
  await closeDays(run, world, days);
  assert.deepEqual(run.captured, plain.captured);
  assert.deepEqual(run.checks, plain.checks);
  assert.deepEqual(run.emissions, plain.emissions);
});

test('a score is the same number in any partition, so that its checks are', async () => {
  const loaded = await loadModels(settings.pipeline, 'without references');
  const scoresWith = async (partitions: number) => {
    const scores = new Map<string, number | null>();
    const onStep = (step: Step) => {
      for (const { score } of step.scores) scores.set(score.requestId, score.score);
    };
    await runDays(createWorldRun({ ...settings, loaded, partitions, onStep }), world, 0, 1);
    return scores;
  };
  const expected = await scoresWith(4);
  assert.ok(expected.size > 1_000 && [...expected.values()].every((score) => score !== null));
  assert.deepEqual(await scoresWith(1), expected);
});
