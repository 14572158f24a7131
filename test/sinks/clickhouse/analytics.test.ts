import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { builtInPipelines } from '../../../src/pipelines/built-in.js';
import type { Score } from '../../../src/records/score.js';
import type { AlertRow } from '../../../src/sinks/clickhouse/alert-row.js';
import type { CheckRow } from '../../../src/sinks/clickhouse/check-row.js';
import type { Clickhouse } from '../../../src/sinks/clickhouse/client.js';
import { createClickhouseSink } from '../../../src/sinks/clickhouse/sink.js';
import { fillClickhouse } from '../../../src/streams/verify/fill-clickhouse.js';
import { type Running, skip, withEmbedded } from './with-embedded.js';

const page = readFileSync(
  fileURLToPath(new URL('../../../../docs/analytics.md', import.meta.url)),
  'utf8',
);
const queries = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql!);

const places = builtInPipelines[0]!; // the only one
const topicIndex = places.topics.findIndex(({ topic }) => topic === 'interactions');

/** Day of January 2026 and time, user, place, what, device; the offset is the place in the list. */
const events = [
  ['10T10:00', 1, 1, 'view', 'mobile'],
  ['10T10:05', 1, 1, 'click', 'mobile'],
  ['10T10:10', 2, 1, 'view', 'web'],
  ['10T11:00', 2, 2, 'view', 'web'],
  ['10T11:30', 1, 1, 'visit', 'mobile'],
  ['10T12:00', 3, 2, 'click', 'mobile'],
  ['11T09:00', 2, 2, 'view', 'web'],
  ['11T09:40', 2, 2, 'click', 'web'],
  ['11T09:50', 3, 1, 'view', 'mobile'],
  ['11T10:00', 3, 1, 'click', 'mobile'],
  ['11T10:30', 1, 1, 'rate', 'mobile'],
] as const;

const at = (time: string): number => Date.parse(`2026-01-${time}:00Z`);
const shown = (time: string): string => `2026-01-${time.replace('T', ' ')}:00.000`;

function lineOf([time, user_id, place_id, event_type, device]: (typeof events)[number]): string {
  const rating = event_type === 'rate' ? { rating: 4 } : {};
  const timestamp = new Date(at(time)).toISOString();
  return JSON.stringify({
    user_id,
    place_id,
    event_type,
    timestamp,
    ...rating,
    context: { device },
  });
}

function scoreAt(n: number, epoch: number, key: number, time: string, score: number | null): Score {
  const model = { model: 'ranker', version: '1', arm: 'champion' };
  const position = { epoch, n };
  return { ...model, requestId: `r${n}`, key, score, timeMs: at(time), position, inputs: {} };
}

const check: CheckRow = {
  monitor: 'drift',
  model: 'ranker',
  version: '1',
  subject: 'feature',
  feature: 'price',
  segment: '',
  test: 'psi',
  periodStartMs: at('10T00:00'),
  periodEndMs: at('11T00:00'),
  referenceId: 'training',
  referenceHash: 'abcd',
  nReference: 1_000,
  nCurrent: 200,
  statistic: 0.4,
  corrected: 0.35,
  nullMean: 0.05,
  critical: 0.1,
  pValue: 0.001,
  level: 1e-5,
  effect: 0.35,
  threshold: 0.2,
  leave: 0.1,
  method: 'chi2',
  verdict: 'drift',
  detail: '',
};

const alert: AlertRow = {
  id: 'ranker/1/1/opened',
  monitor: 'drift',
  model: 'ranker',
  version: '1',
  episode: 1,
  event: 'opened',
  timeMs: at('11T00:00'),
  openedAtMs: at('11T00:00'),
  features: ['price'],
  reason: 'PSI of price is 0.35',
  evidence: {},
};

async function fill(client: Clickhouse): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-analytics-'));
  const path = join(directory, 'interactions.ndjson');
  writeFileSync(path, `${events.map(lineOf).join('\n')}\n`);
  await fillClickhouse(client, {
    pipeline: places,
    inputs: [{ topicIndex, partition: 0, path }],
    nowMs: at('12T00:00'),
    partitions: 2,
    latenessMs: 3_600_000,
    disorderMs: 60_000,
    progress: () => undefined,
  });
  rmSync(directory, { recursive: true });
  const views = places.views.map(({ shape }) => shape);
  const sink = createClickhouseSink(client, { views, topics: places.topics });
  await sink.scores([
    scoreAt(0, 1, 1, '10T10:00', 0.1),
    scoreAt(0, 2, 1, '10T10:00', 0.75),
    scoreAt(1, 2, 2, '10T10:10', 0.25),
    scoreAt(2, 2, 2, '11T09:00', 0.5),
    scoreAt(3, 2, 3, '11T09:50', 1),
    scoreAt(4, 2, 1, '11T10:20', 0.75), // its label is not yet known
    scoreAt(5, 2, 1, '11T10:25', null),
  ]);
  await sink.checks([
    check,
    { ...check, feature: 'rating', effect: 0.01, verdict: 'ok' },
    { ...check, feature: 'age', effect: null, verdict: 'insufficient-data' },
  ]);
  const closed = { id: 'ranker/1/1/closed', event: 'closed', timeMs: at('12T00:00') } as const;
  await sink.alerts([
    alert,
    { ...alert, ...closed, reason: 'quiet' },
    { ...alert, id: 'ranker/1/2/opened', episode: 2, timeMs: at('13T00:00') },
  ]);
  const letter = { topic: 'interactions', partition: 0, raw: '{' };
  await sink.deadLetters([
    { ...letter, offset: 20, reason: 'late', detail: 'two hours' },
    { ...letter, offset: 21, reason: 'invalid', detail: 'no time' },
    { ...letter, offset: 22, reason: 'future', detail: 'next year' },
    { ...letter, offset: 23, reason: 'invalid', detail: 'no user' },
  ]);
  await sink.close();
}

/** Every row again, as a replay leaves them. */
async function repeatAll(client: Clickhouse): Promise<void> {
  const tables = await client.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = '${client.database}' AND engine LIKE '%Replacing%' AND name != 'schema_migrations'`,
  );
  for (const { name } of tables) {
    await client.command(`SYSTEM STOP MERGES \`${name}\``);
    const again = `INSERT INTO \`${name}\` SELECT * FROM \`${name}\` SETTINGS insert_deduplicate = 0`;
    await client.command(again);
  }
  const [row] = await client.rows<{ n: number }>('SELECT count() AS n FROM vectors_user');
  assert.equal(row?.n, 2 * events.length);
}

describe('docs/analytics.md, every row written twice', { skip }, () => {
  let running: Running;
  let client: Clickhouse;
  before(async () => {
    running = await withEmbedded();
    client = running.client('weir');
    await fill(client);
    await repeatAll(client);
  });
  after(() => running.end());

  const answers = async (number: number): Promise<unknown[]> => {
    const rows = await client.rows<Record<string, unknown>>(queries[number - 1]!);
    return rows.map((row) => Object.values(row));
  };

  it('has ten queries', () => {
    assert.equal(queries.length, 10);
  });

  it('1: counts events by day and kind', async () => {
    const counts = new Map<string, number>();
    for (const [time, , , what] of events) {
      const group = `2026-01-${time.slice(0, 2)} ${what}`;
      counts.set(group, (counts.get(group) ?? 0) + 1);
    }
    const expected = [...counts].sort().map(([group, n]) => [...group.split(' '), n]);
    assert.deepEqual(await answers(1), expected);
  });

  it('2: shows a user with what was known before each event', async () => {
    const key = '1';
    const rows = await client.rows(queries[1]!.replace("'7'", `'${key}'`));
    assert.deepEqual(rows, [
      { time: shown('10T10:00'), event: 'view', place: '1', clicks_24h: 0, views_24h: 0 },
      { time: shown('10T10:05'), event: 'click', place: '1', clicks_24h: 0, views_24h: 1 },
      { time: shown('10T11:30'), event: 'visit', place: '1', clicks_24h: 1, views_24h: 1 },
      { time: shown('11T10:30'), event: 'rate', place: '1', clicks_24h: 0, views_24h: 0 },
    ]);
  });

  it('3: ranks users by their last vector', async () => {
    assert.deepEqual(await answers(3), [
      ['2', 3, shown('11T09:40')],
      ['3', 2, shown('11T10:00')],
      ['1', 1, shown('11T10:30')],
    ]);
  });

  it('4: counts who got how far', async () => {
    assert.deepEqual(await answers(4), [
      ['2026-01-10', 'view', 2, 1],
      ['2026-01-10', 'click', 1, 0.5],
      ['2026-01-10', 'visit', 1, 0.5],
      ['2026-01-10', 'rate', 0, 0],
      ['2026-01-11', 'view', 2, 1],
      ['2026-01-11', 'click', 2, 1],
      ['2026-01-11', 'visit', 0, 0],
      ['2026-01-11', 'rate', 0, 0],
    ]);
  });

  it('5: divides clicks by views of each device', async () => {
    assert.deepEqual(await answers(5), [
      ['mobile', 2, 3, 1.5],
      ['web', 3, 1, 1 / 3],
    ]);
  });

  it('6: labels views by clicks within 30 minutes', async () => {
    assert.deepEqual(await answers(6), [
      ['1', shown('10T10:00'), 0, 0, 1],
      ['2', shown('10T10:10'), 0, 0, 0],
      ['2', shown('10T11:00'), 0, 1, 0],
      ['2', shown('11T09:00'), 0, 2, 0],
      ['3', shown('11T09:50'), 1, 0, 1],
    ]);
  });

  it('7: tells which features are missing', async () => {
    assert.deepEqual(await answers(7), [
      ['avg_rating_given', 1, 1_800],
      ['avg_rating_given_30d', 1, 1_800],
      ['clicks_24h', 0, 1_800],
    ]);
  });

  it('8: follows the scores from day to day, those of the newest epoch', async () => {
    assert.deepEqual(await answers(8), [
      ['2026-01-10', 'ranker', '1', 2, 0, 0.5, null],
      ['2026-01-11', 'ranker', '1', 3, 1, 0.75, 0.25],
    ]);
  });

  it('9: compares scores with clicks', async () => {
    assert.deepEqual(await answers(9), [
      [0.2, 1, 0],
      [0.5, 1, 0],
      [0.7, 1, 1],
      [1, 1, 1],
    ]);
  });

  it('10: gives the account', async () => {
    const account = ['interactions', events.length, 1, 3];
    assert.deepEqual(await answers(10), [
      [...account, 'future', 1, 'next year'],
      [...account, 'invalid', 2, 'no user'],
      [...account, 'late', 1, 'two hours'],
    ]);
  });

  it('has a view of drift by day and of its episodes', async () => {
    assert.deepEqual(await client.rows('SELECT * FROM drift_daily'), [
      {
        day: '2026-01-10',
        monitor: 'drift',
        model: 'ranker',
        version: '1',
        checks: 3,
        ok: 1,
        warnings: 0,
        drifts: 1,
        without_answer: 1,
        drifting: ['price'],
        largest: 'price',
        largest_effect: 0.35,
      },
    ]);
    const episodes =
      'SELECT episode, opened, closed, retraining, drifting, why FROM drift_episodes';
    const why = 'PSI of price is 0.35';
    const common = { retraining: null, drifting: ['price'], why };
    assert.deepEqual(await client.rows(episodes), [
      { episode: 1, opened: shown('11T00:00'), closed: shown('12T00:00'), ...common },
      { episode: 2, opened: shown('13T00:00'), closed: null, ...common },
    ]);
  });

  it('names every view that there is', async () => {
    const views = await client.rows<{ name: string; comment: string }>(
      "SELECT name, comment FROM system.tables WHERE database = 'weir' AND engine = 'View'",
    );
    for (const { name, comment } of views) {
      const general = name
        .replace(/^(latest|freshness|training)_\w+$/, '$1_VIEW')
        .replace(/^(funnel|click_through)_interactions$/, '$1_TOPIC');
      assert.ok(page.includes(`| \`${general}`), name);
      assert.notEqual(comment, '', name);
    }
    assert.equal(views.length, 14);
  });

  it('shows that a materialized view counts a row again that is inserted again', async () => {
    await client.command(
      'CREATE TABLE per_day (day Date, n UInt64) ENGINE = SummingMergeTree ORDER BY day',
    );
    await client.command(
      "CREATE MATERIALIZED VIEW trap TO per_day AS SELECT toDate(time, 'UTC') AS day, count() AS n FROM events_interactions GROUP BY day",
    );
    const again =
      'INSERT INTO events_interactions SELECT * FROM events_interactions FINAL SETTINGS insert_deduplicate = 0';
    await client.command(again);
    await client.command(again);
    const counts = 'SELECT sum(n) AS n FROM per_day';
    assert.deepEqual(await client.rows(counts), [{ n: 2 * events.length }]);
    const right = 'SELECT count() AS n FROM events_interactions FINAL';
    assert.deepEqual(await client.rows(right), [{ n: events.length }]);
    await client.command('DROP TABLE trap');
    const refreshed = `CREATE MATERIALIZED VIEW refreshed REFRESH EVERY 10 MINUTE ENGINE = MergeTree ORDER BY day
      AS SELECT toDate(time, 'UTC') AS day, count() AS n FROM events_interactions FINAL GROUP BY day`;
    await client.command(refreshed); // the statement of the page is one that the engine takes
    await client.command('DROP TABLE refreshed');
  });
});
