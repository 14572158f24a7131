import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verdicts } from '../../../src/records/batch.js';
import type { Score } from '../../../src/records/score.js';
import type { Vector } from '../../../src/records/vector.js';
import { type Clickhouse, createClickhouse } from '../../../src/sinks/clickhouse/client.js';
import { prepareTables } from '../../../src/sinks/clickhouse/prepare-tables.js';
import type { RefusedRow } from '../../../src/sinks/clickhouse/refused-row.js';
import { createClickhouseSink } from '../../../src/sinks/clickhouse/sink.js';
import { batchOf, context, interactions, rowsOf, user, vectorAt } from './shapes.js';
import { type Running, skip, withEmbedded } from './with-embedded.js';

const topics = [interactions, context];
const full = [
  4.25,
  3,
  'a "phone" \\ \n é \u{1F600}',
  1_705_314_600_123,
  [0, 2, 5],
  [
    ['italian', 2],
    ["it's", 1],
  ],
] as const;
const empty = [null, null, null, null, null, null] as const;

describe('the sink', { skip }, () => {
  let running: Running;
  before(async () => {
    running = await withEmbedded();
  });
  after(() => running.end());

  async function fresh(database: string, gzip = false): Promise<Clickhouse> {
    const client = running.client(database, gzip);
    await prepareTables(client, [user], topics);
    return client;
  }

  for (const gzip of [false, true]) {
    it(`writes vectors with every type and with nulls, ${gzip ? 'gzipped' : 'plain'}`, async () => {
      const client = await fresh(`vectors_${gzip}`, gzip);
      const sink = createClickhouseSink(client, { views: [user], topics });
      await sink.vectors(rowsOf([vectorAt(1, full), vectorAt(2, empty, { key: 'x"y' })]), 1);
      await sink.flush();
      assert.deepEqual(await client.rows('SELECT * FROM vectors_user ORDER BY position'), [
        {
          key: '7',
          as_of: '2024-01-15 10:30:00.124',
          position: 1,
          definition: '0123456789abcdef',
          topic: 'interactions',
          partition: 0,
          offset: 1,
          time: '2024-01-15 10:30:00.124',
          epoch: 1,
          sequence: 1,
          mean_rating: 4.25,
          clicks_24h: 3,
          device: 'a "phone" \\ \n é \u{1F600}',
          last_activity: '2024-01-15 10:30:00.123',
          busy_hours: [0, 2, 5],
          categories: [
            ['italian', 2],
            ["it's", 1],
          ],
        },
        {
          key: 'x"y',
          as_of: '2024-01-15 10:30:00.125',
          position: 2,
          definition: '0123456789abcdef',
          topic: 'interactions',
          partition: 0,
          offset: 2,
          time: '2024-01-15 10:30:00.125',
          epoch: 1,
          sequence: 2,
          mean_rating: null,
          clicks_24h: null,
          device: null,
          last_activity: null,
          busy_hours: [],
          categories: [],
        },
      ]);
      await sink.close();
    });
  }

  it('writes the used records of a batch into the table of their topic', async () => {
    const client = await fresh('events');
    const sink = createClickhouseSink(client, { views: [user], topics });
    const row = {
      user_id: 5,
      place_id: 'p',
      event_type: 'click',
      rating: null,
      search_query: 'so "good"',
    };
    const batch = batchOf([
      { topic: 0, offset: 3, verdict: verdicts.indexOf('used'), row },
      { topic: 0, offset: 4, verdict: verdicts.indexOf('late'), row: null },
      { topic: 1, offset: 9, verdict: 0, row: { temperature: -2.5, active: ['a', 'b'] } },
      { topic: 1, offset: 10, verdict: 0, row: { temperature: null, active: null } },
    ]);
    await sink.events(batch, 2);
    await sink.close();
    assert.deepEqual(await client.rows('SELECT * FROM events_interactions'), [
      {
        topic: 'interactions',
        partition: 0,
        offset: 3,
        time: '2024-01-15 10:30:00.003',
        epoch: 2,
        sequence: 100,
        user_id: '5',
        place_id: 'p',
        event_type: 'click',
        rating: null,
        search_query: 'so "good"',
        raw: JSON.stringify(row),
      },
    ]);
    const others =
      'SELECT sequence, temperature, active FROM events_city_context ORDER BY sequence';
    assert.deepEqual(await client.rows(others), [
      { sequence: 102, temperature: -2.5, active: ['a', 'b'] },
      { sequence: 103, temperature: null, active: [] },
    ]);
  });

  it('writes scores, checks, alerts and dead letters', async () => {
    const client = await fresh('fixed');
    const sink = createClickhouseSink(client, { views: [user], topics });
    const score: Score = {
      requestId: 'interactions/0/3',
      key: 5,
      model: 'ranker',
      version: '1',
      arm: 'champion',
      score: 0.75,
      timeMs: 1_705_314_600_000,
      position: { epoch: 1, n: 8 },
      inputs: { distance_km: 1.5, age: null, device: 'mobile', hours: [1, 2] },
    };
    await sink.scores([score, { ...score, score: null, requestId: 'r', inputs: {} }]);
    const alert = {
      id: 'ranker-1-1-opened',
      monitor: 'drift',
      model: 'ranker',
      version: '1',
      episode: 1,
      event: 'opened',
      timeMs: 1_705_314_600_000,
      openedAtMs: 1_705_314_600_000,
      features: ['price'],
      reason: 'PSI of price is 0.4',
      evidence: { psi: 0.4 },
    } as const;
    await sink.alerts([alert]);
    await sink.checks([
      {
        monitor: 'drift',
        model: 'ranker',
        version: '1',
        subject: 'feature',
        feature: 'price',
        segment: '',
        test: 'psi',
        periodStartMs: 1_705_276_800_000,
        periodEndMs: 1_705_363_200_000,
        referenceId: 'training',
        referenceHash: 'abcd',
        nReference: 1_000,
        nCurrent: 200,
        statistic: 0.4,
        corrected: 0.35,
        nullMean: 0.05,
        critical: 0.1,
        pValue: 1e-300,
        level: 1e-5,
        effect: Number.NaN,
        threshold: 0.2,
        leave: 0.1,
        method: 'chi2',
        verdict: 'drift',
        detail: '',
      },
    ]);
    const letter = {
      topic: 't',
      partition: 1,
      offset: 2,
      reason: 'late',
      detail: 'd',
      raw: '{',
    } as const;
    await sink.deadLetters([letter]);
    await sink.close();
    const inputs = 'SELECT score, inputs, text_inputs FROM scores ORDER BY request_id';
    assert.deepEqual(await client.rows(inputs), [
      {
        score: 0.75,
        inputs: { distance_km: 1.5, age: null },
        text_inputs: { device: 'mobile', hours: '[1,2]' },
      },
      { score: null, inputs: {}, text_inputs: {} },
    ]);
    assert.deepEqual(
      await client.rows(
        "SELECT features, evidence, written_at > '2024-01-16' AS recent FROM alerts",
      ),
      [{ features: ['price'], evidence: '{"psi":0.4}', recent: 1 }],
    );
    assert.deepEqual(await client.rows('SELECT p_value, effect, n_current FROM checks'), [
      { p_value: 1e-300, effect: null, n_current: 200 },
    ]);
    assert.deepEqual(await client.rows('SELECT topic, offset, reason, raw FROM dead_letters'), [
      { topic: 't', offset: 2, reason: 'late', raw: '{' },
    ]);
  });

  it('leaves one row of each after a replay in other blocks', async () => {
    const client = await fresh('replayed');
    const rows = Array.from({ length: 100 }, (_, n) => vectorAt(n, full));
    for (const rowsMax of [30, 7, 7]) {
      const sink = createClickhouseSink(client, { views: [user], topics, rowsMax });
      await sink.vectors(rowsOf(rows), 1);
      await sink.close();
    }
    const counts = 'SELECT count() AS n, uniqExact(position) AS distinct FROM vectors_user FINAL';
    assert.deepEqual(await client.rows(counts), [{ n: 100, distinct: 100 }]);
  });

  it('enters a block with the same token once', async () => {
    const client = await fresh('token');
    const insert = {
      table: 'dead_letters',
      columns: [{ name: 'topic', type: 'LowCardinality(String)' }],
      body: Buffer.from('\u0001t'),
      token: 'same',
    };
    await client.insert(insert);
    await client.insert(insert);
    assert.deepEqual(await client.rows('SELECT count() AS n FROM dead_letters'), [{ n: 1 }]);
  });

  it('dead-letters the rows that a column cannot hold, and only those', async () => {
    const client = await fresh('held');
    const sink = createClickhouseSink(client, { views: [user], topics });
    const wrong = new Map([
      [41, [4.25, 1.5, ...full.slice(2)]], // half a click
      [70, [...full.slice(0, 4), [0, 2 ** 63], []]],
      [80, [...full.slice(0, 5), [['italian', Number.NaN]]]],
    ]);
    const rows = Array.from({ length: 100 }, (_, n) =>
      vectorAt(n, (wrong.get(n) ?? full) as Vector['values']),
    );
    await sink.vectors(rowsOf(rows), 1);
    await sink.close();
    assert.deepEqual(await client.rows('SELECT count() AS n FROM vectors_user'), [{ n: 97 }]);
    const letters = await client.rows<{ offset: number; detail: string; raw: string }>(
      'SELECT topic, offset, reason, detail, raw FROM dead_letters ORDER BY offset',
    );
    assert.deepEqual(
      letters.map(({ offset, detail }) => [offset, detail]),
      [
        [41, 'vectors_user: expected Nullable(Int64) in column clicks_24h, found 1.5'],
        [
          70,
          'vectors_user: expected Array(Int64) in column busy_hours, found [0,9223372036854776000]',
        ],
        [
          80,
          'vectors_user: expected Array(Tuple(String, Int64)) in column categories, found [["italian",null]]',
        ],
      ],
    );
    assert.equal(JSON.parse(letters[0]!.raw).clicks_24h, 1.5);
  });

  it('dead-letters the rows that the server refuses, and only those', async () => {
    const client = await fresh('refused');
    await client.command(
      "ALTER TABLE vectors_user ADD COLUMN few UInt8 MATERIALIZED accurateCast(clicks_24h, 'UInt8')",
    );
    const sink = createClickhouseSink(client, { views: [user], topics });
    const many = [4.25, 300, ...full.slice(2)] as Vector['values'];
    const rows = Array.from({ length: 100 }, (_, n) =>
      vectorAt(n, n === 41 || n === 70 ? many : full),
    );
    await sink.vectors(rowsOf(rows), 1);
    await sink.close();
    assert.deepEqual(await client.rows('SELECT count() AS n FROM vectors_user'), [{ n: 98 }]);
    const letters = await client.rows<{ offset: number; detail: string; raw: string }>(
      'SELECT offset, detail, raw FROM dead_letters ORDER BY offset',
    );
    assert.deepEqual(
      letters.map(({ offset }) => offset),
      [41, 70],
    );
    assert.match(letters[0]!.detail, /^vectors_user: .*accurateCast/s);
    const { timeMs, asOfMs } = vectorAt(41, full);
    assert.deepEqual(JSON.parse(letters[0]!.raw), {
      key: '7',
      as_of: asOfMs,
      position: 41,
      definition: '0123456789abcdef',
      topic: 'interactions',
      partition: 0,
      offset: 41,
      time: timeMs,
      epoch: 1,
      sequence: 41,
      mean_rating: 4.25,
      clicks_24h: 300,
      device: full[2],
      last_activity: full[3],
      busy_hours: full[4],
      categories: full[5],
    });
  });

  it('hands refused rows to a callback where there is one', async () => {
    const client = await fresh('callback');
    const refused: RefusedRow[] = [];
    const onRefused = (row: RefusedRow): number => refused.push(row);
    const sink = createClickhouseSink(client, { views: [user], topics, onRefused });
    const rows = [-1, Number.NaN, 0].map((offset, n) => vectorAt(n, full, { offset }));
    await sink.vectors(rowsOf(rows), 1);
    await sink.close();
    assert.deepEqual(
      refused.map(({ table, row }) => [table, row.position]),
      [
        ['vectors_user', 0],
        ['vectors_user', 1],
      ],
    );
    const { rows: written, refused: count, pending } = sink.state()[0]!;
    assert.deepEqual({ written, count, pending }, { written: 1, count: 2, pending: 0 });
  });

  it('refuses all rows of a block where a column has become another type', async () => {
    const client = await fresh('changed');
    const sink = createClickhouseSink(client, { views: [user], topics });
    await client.command('ALTER TABLE vectors_user MODIFY COLUMN mean_rating Nullable(Float32)');
    await sink.vectors(rowsOf([vectorAt(1, full)]), 1);
    await sink.close();
    const letters = await client.rows<{ detail: string }>('SELECT detail FROM dead_letters');
    assert.match(letters[0]!.detail, /mean_rating/);
  });

  it('waits while the server is away and then loses nothing', async () => {
    const running2 = await withEmbedded();
    const client = running2.client('away');
    await prepareTables(client, [user], topics);
    const sink = createClickhouseSink(client, { views: [user], topics, rowsMax: 5, blocksMax: 1 });
    process.kill(running2.embedded.pid()!, 'SIGKILL');
    const writes = Array.from({ length: 10 }, (_, block) =>
      sink.vectors(rowsOf(Array.from({ length: 5 }, (_, i) => vectorAt(block * 5 + i, full))), 1),
    );
    let passed = false;
    const last = writes.at(-1)!.then(() => {
      passed = true;
    });
    await new Promise(setImmediate);
    assert.equal(passed, false);
    await sink.flush();
    await last;
    const [vectors] = sink.state();
    assert.equal(vectors?.rows, 50);
    assert.ok((vectors?.retries ?? 0) > 0);
    assert.equal(vectors?.waitingFor, null);
    const counts = 'SELECT count() AS n, sum(position) AS s FROM vectors_user FINAL';
    assert.deepEqual(await client.rows(counts), [{ n: 50, s: 1225 }]);
    await sink.close();
    await running2.end();
  });
});

describe('a sink without a server', () => {
  it('ends after its time with the rows left to the log', async () => {
    const client = createClickhouse({ url: 'http://127.0.0.1:1', database: 'weir' });
    const sink = createClickhouseSink(client, { views: [user], topics });
    await sink.vectors(rowsOf([vectorAt(1, full)]), 1);
    await assert.rejects(sink.close(100), {
      code: 'clickhouse-failed',
      message: /table vectors_user: rows were not acknowledged when Weir closed .*written again/,
    });
    assert.match(sink.state()[0]!.waitingFor ?? '', /127\.0\.0\.1:1/);
    await client.close();
  });
});
