import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../../src/features/fields.js';
import { monitor } from '../../src/monitors/definition.js';
import { evaluatePeriod } from '../../src/monitors/evaluate.js';
import type { Expectation } from '../../src/monitors/expectation.js';
import { createGathering, gather } from '../../src/monitors/gather.js';
import { advance, countEvent, createSampler, type Sampler } from '../../src/monitors/sampler.js';
import { restoreSampler, snapshotSampler } from '../../src/monitors/sampler-snapshot.js';
import { dayMs, simulatedFeatures } from './simulation.js';

const features = simulatedFeatures(1);
const group = 'user';

function samplers(expectations: readonly Expectation[], count = 1): readonly Sampler[] {
  const common = { group, features, periodMs: dayMs, binning: null, expectations };
  return Array.from({ length: count }, () => createSampler(common));
}

/** The checks of day 0 over all the samplers. */
function checks(expectations: readonly Expectation[], all: readonly Sampler[]) {
  const definition = monitor({ name: 'q', expectations });
  const gathering = createGathering(
    all.map(() => group),
    dayMs,
  );
  const [period] = all.flatMap((one, i) => gather(gathering, i, advance(one, dayMs), new Map()));
  const evaluation = { definition, modelVersion: '1', features, reference: null };
  return evaluatePeriod(evaluation, period!).filter(({ subject }) => subject === 'quality');
}

function found(expectation: Expectation, events: readonly (readonly [number, Row])[]) {
  const [one] = samplers([expectation]);
  for (const [timeMs, row] of events) countEvent(one!, timeMs, row);
  const [check] = checks([expectation], [one!]);
  const { statistic, effect, verdict, detail, nCurrent } = check!;
  return { statistic, effect, verdict, detail, nCurrent };
}

const rows = (count: number): readonly (readonly [number, Row])[] =>
  Array.from({ length: count }, (_, i) => [i % 97, { user: i, amount: i % 3 ? 1 : null }]);

test('a column that no event has a value of breaks the schema, and is named', () => {
  const columns = ['user', 'amount', 'currency', 'shop'];
  assert.deepEqual(found({ test: 'schema', group, columns }, rows(10)), {
    statistic: 0.5,
    effect: 0.5,
    verdict: 'drift',
    detail: 'without a value in any event: currency, shop',
    nCurrent: 10,
  });
  const kept = found({ test: 'schema', group, columns: ['user', 'amount'] }, rows(2));
  assert.deepEqual([kept.verdict, kept.statistic, kept.detail], ['ok', 1, '']);
});

test('an event repeats another of the same time and the same columns', () => {
  const all = rows(1_000);
  const again = [...all, ...all.slice(0, 40), all[7]!];
  const share = 41 / 1_041;
  const { statistic, verdict, nCurrent } = found({ test: 'duplicates', group }, again);
  assert.deepEqual([statistic, verdict, nCurrent], [share, 'drift', 1_041]);
  assert.equal(found({ test: 'duplicates', group, most: 0.05 }, again).verdict, 'ok');
  const later = all.slice(0, 40).map(([timeMs, row]) => [timeMs + 1, row] as const);
  assert.equal(found({ test: 'duplicates', group }, [...all, ...later]).statistic, 0);
  // By the amount alone, 97 times and two amounts make 194 different events.
  const byAmount = found({ test: 'duplicates', group, columns: ['amount'] }, all);
  assert.equal(byAmount.statistic, (1_000 - 194) / 1_000);
});

test('more repeats than asked for, but no more than chance makes, are no breach', () => {
  const all = rows(100);
  const few = found({ test: 'duplicates', group }, [...all, all[0]!, all[1]!]);
  assert.equal(few.verdict, 'ok');
  assert.ok(few.effect! > 0);
});

test('of many events a sample is kept, over partitions, and the share stays true', () => {
  const expectation: Expectation = { test: 'duplicates', group };
  const [one, other] = samplers([expectation], 2);
  let repeats = 0;
  for (let i = 0; i < 120_000; i++) {
    const event = { user: i, amount: (i * 7) % 11 };
    const of = i % 3 === 0 ? one! : other!;
    countEvent(of, i % dayMs, event);
    if (i % 40 !== 0) continue;
    countEvent(of, i % dayMs, event);
    repeats++;
  }
  for (const sampler of [one!, other!]) assert.ok(sampler.open.get(0)!.seen!.counts.size <= 16_384);
  const [check] = checks([expectation], [one!, other!]);
  const share = repeats / (120_000 + repeats);
  // Five standard errors of a share of some 16,000 events.
  assert.ok(Math.abs(check!.statistic! - share) < 5 * Math.sqrt((share * (1 - share)) / 16_000));
  assert.equal(check!.verdict, 'drift');
});

test('a restart in the middle of a period knows the events before it', () => {
  const expectations: readonly Expectation[] = [
    { test: 'schema', group, columns: ['amount'] },
    { test: 'duplicates', group },
  ];
  const [whole, before, after] = samplers(expectations, 3);
  const events = [...rows(300), ...rows(30)];
  for (const [i, [timeMs, row]] of events.entries()) {
    countEvent(whole!, timeMs, row);
    countEvent(i < 200 ? before! : after!, timeMs, row);
    if (i === 199) restoreSampler(after!, JSON.parse(JSON.stringify(snapshotSampler(before!))));
  }
  assert.deepEqual(checks(expectations, [after!]), checks(expectations, [whole!]));
  // A snapshot of an earlier version has seen nothing.
  const [fresh] = samplers(expectations);
  const { open, ...rest } = snapshotSampler(before!);
  restoreSampler(fresh!, { ...rest, open: open.map(({ seen: _, ...one }) => one) });
  assert.equal(fresh!.open.get(0)!.seen!.counts.size, 0);
});

test('what is asked of all events is asked of a view, with columns', () => {
  const refused = (expectation: Expectation, expected: RegExp) =>
    assert.throws(() => monitor({ name: 'q', expectations: [expectation] }), {
      code: 'definition-invalid',
      message: expected,
    });
  refused({ test: 'duplicates', group: 'scores' }, /duplicates of scores: expected a view/);
  refused({ test: 'schema', group: 'scores', columns: ['lat'] }, /schema of scores/);
  refused({ test: 'schema', group, columns: [] }, /schema of user: expected columns/);
});

test('a period without an event says so', () => {
  const expectations: readonly Expectation[] = [
    { test: 'schema', group, columns: ['amount'] },
    { test: 'duplicates', group },
  ];
  const [one] = samplers(expectations);
  one!.closedUpToMs = 0;
  countEvent(one!, -1, {});
  assert.equal(one!.missed, 1);
  const definition = monitor({ name: 'q', expectations });
  const period = { periodStartMs: 0, periodEndMs: dayMs, groups: [] };
  const evaluation = { definition, modelVersion: '1', features, reference: null };
  const silent = evaluatePeriod(evaluation, period).filter(({ subject }) => subject === 'quality');
  assert.deepEqual(
    silent.map(({ verdict, detail }) => `${verdict}: ${detail}`),
    ['insufficient-data: no entity was seen', 'insufficient-data: no entity was seen'],
  );
});
