import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { BlockLimits } from '../../../src/sinks/clickhouse/block-writer.js';
import { type Clickhouse, createClickhouse } from '../../../src/sinks/clickhouse/client.js';
import { prepareTables } from '../../../src/sinks/clickhouse/prepare-tables.js';
import { type ClickhouseSink, createClickhouseSink } from '../../../src/sinks/clickhouse/sink.js';
import { interactions, rowsOf, user, vectorAt } from './shapes.js';
import { type Running, skip, withEmbedded } from './with-embedded.js';

const topics = [interactions];
const options = { views: [user], topics };
const values = [4.25, 3, 'phone', null, [1], []] as const;
const monthMs = 31 * 86_400_000;

/** Passes bytes on; where it is told to, it cuts the connection instead of the next answer. */
async function cuttingProxy(target: URL) {
  const state = { cutNext: false, cuts: 0 };
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (!state.cutNext) return void client.write(chunk);
      state.cutNext = false;
      state.cuts += 1;
      client.destroy();
      upstream.destroy();
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined).on('close', () => client.destroy());
    }
    client.on('close', () => upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP
  return { state, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

describe('delivery to ClickHouse', { skip }, () => {
  let running: Running;
  before(async () => {
    running = await withEmbedded();
  });
  after(() => running.end());

  async function fresh(database: string): Promise<Clickhouse> {
    const client = running.client(database);
    await prepareTables(client, [user], topics);
    return client;
  }

  it('sends a block again whose answer was lost, and no row stands twice, FINAL or not', async () => {
    const direct = await fresh('lost');
    const proxy = await cuttingProxy(new URL(running.embedded.url));
    const client = createClickhouse({ url: proxy.url, database: 'lost' });
    const sink = createClickhouseSink(client, options);
    const spread = (n: number) => ({ timeMs: vectorAt(n, values).timeMs + (n % 4) * monthMs });
    for (let block = 0; block < 5; block++) {
      await sink.vectors(
        rowsOf(Array.from({ length: 20 }, (_, i) => vectorAt(block * 20 + i, values, spread(i)))),
        1,
      );
      proxy.state.cutNext = true;
      await sink.flush();
    }
    assert.equal(proxy.state.cuts, 5);
    assert.equal(sink.state()[0]?.retries, 5);
    const counts = 'SELECT count() AS n, uniqExact(toYYYYMM(time)) AS months FROM vectors_user';
    assert.deepEqual(await direct.rows(counts), [{ n: 100, months: 4 }]);
    await sink.close();
    await client.close();
    proxy.close();
  });

  it('waits where the server takes no inserts, says why, and goes on when it does', async () => {
    const client = await fresh('parts');
    await client.command('SYSTEM STOP MERGES vectors_user');
    await client.command('ALTER TABLE vectors_user MODIFY SETTING parts_to_throw_insert = 1');
    const sink = createClickhouseSink(client, options);
    for (const n of [1, 2]) {
      await sink.vectors(rowsOf([vectorAt(n, values)]), 1);
      if (n === 1) await sink.flush();
    }
    const flushed = sink.flush();
    while (sink.state()[0]!.waitingFor === null) await delay(5);
    const stuck = sink.state()[0]!;
    assert.match(stuck.waitingFor ?? '', /code 252.*[Tt]oo many parts/s);
    assert.equal(stuck.pending, 1);
    assert.ok(stuck.oldestPendingMs > 0 && stuck.refused === 0);
    await client.command('ALTER TABLE vectors_user RESET SETTING parts_to_throw_insert');
    await flushed;
    const { pending, waitingFor, oldestPendingMs } = sink.state()[0]!;
    assert.deepEqual(
      { pending, waitingFor, oldestPendingMs },
      {
        pending: 0,
        waitingFor: null,
        oldestPendingMs: 0,
      },
    );
    assert.deepEqual(await client.rows('SELECT count() AS n FROM vectors_user'), [{ n: 2 }]);
    await sink.close();
  });

  it('waits where its table is gone', async () => {
    const client = await fresh('short');
    const sink = createClickhouseSink(client, options);
    await client.command('RENAME TABLE vectors_user TO aside');
    await sink.vectors(rowsOf([vectorAt(1, values)]), 1);
    const flushed = sink.flush();
    while (sink.state()[0]!.waitingFor === null) await delay(5);
    assert.match(sink.state()[0]!.waitingFor ?? '', /code 60/);
    await client.command('RENAME TABLE aside TO vectors_user');
    await flushed;
    await sink.close();
  });

  it('tells of each block that was acknowledged', async () => {
    const client = await fresh('told');
    const told: [string, number, number, boolean][] = [];
    const sink = createClickhouseSink(client, {
      ...options,
      rowsMax: 3,
      onInsert: (table, rows, bytes, seconds) => told.push([table, rows, bytes, seconds > 0]),
    });
    await sink.vectors(rowsOf(Array.from({ length: 4 }, (_, n) => vectorAt(n, values))), 1);
    assert.equal(sink.state()[0]?.pending, 4);
    await sink.flush();
    assert.deepEqual(
      told.map(([table, rows, , timed]) => [table, rows, timed]),
      [
        ['vectors_user', 3, true],
        ['vectors_user', 1, true],
      ],
    );
    assert.equal(sink.state()[0]!.bytes, told[0]![2] + told[1]![2]);
    assert.ok((sink.state()[0]!.lastInsertSeconds ?? 0) > 0);
    await sink.close();
  });

  it('sends a block that is full by rows or bytes, or whose oldest row has waited', async () => {
    const client = await fresh('limits');
    // Rows of one length; nothing is flushed.
    const four = [0, 1, 2, 3].map((n) => vectorAt(1_000 + n, values));
    async function blocksOf(
      limits: Partial<BlockLimits>,
    ): Promise<[rows: number, bytes: number][]> {
      const blocks: [number, number][] = [];
      const sink = await new Promise<ClickhouseSink>((done) => {
        const onInsert = (_table: string, rows: number, bytes: number): void => {
          blocks.push([rows, bytes]);
          if (blocks.reduce((sum, [n]) => sum + n, 0) === four.length) done(writing);
        };
        const writing = createClickhouseSink(client, { ...options, ...limits, onInsert });
        writing.vectors(rowsOf(four), 1);
      });
      await sink.close();
      return blocks;
    }
    const byRows = await blocksOf({ rowsMax: 2, ageMsMax: 60_000 });
    const bytes = byRows[0]![1];
    assert.deepEqual(byRows, [
      [2, bytes],
      [2, bytes],
    ]);
    assert.deepEqual(await blocksOf({ bytesMax: bytes, ageMsMax: 60_000 }), byRows);
    assert.deepEqual(await blocksOf({ ageMsMax: 10 }), [[4, 2 * bytes]]);
  });

  it('settles with the block that is being filled, and closes one that might wait long', async () => {
    const client = await fresh('settle');
    async function blocksOf(ageMsMax: number): Promise<number[]> {
      const blocks: number[] = [];
      const onInsert = (_table: string, rows: number): void => void blocks.push(rows);
      const sink = createClickhouseSink(client, { ...options, rowsMax: 3, ageMsMax, onInsert });
      sink.vectors(rowsOf([vectorAt(1, values)]), 1);
      const settled = sink.settle();
      sink.vectors(rowsOf([vectorAt(2, values), vectorAt(3, values)]), 1);
      await settled;
      const found = [...blocks];
      await sink.close();
      return found;
    }
    assert.deepEqual(await blocksOf(1_000), [3]);
    assert.deepEqual(await blocksOf(60_000), [1]);
  });

  it('flushes what came before, however much comes after', async () => {
    const client = await fresh('constant');
    const sink = createClickhouseSink(client, { ...options, rowsMax: 200 });
    let n = 0;
    let stopping = false;
    const tasks = Array.from({ length: 4 }, async () => {
      while (!stopping) {
        await sink.vectors(rowsOf(Array.from({ length: 50 }, () => vectorAt(n++, values))), 1);
        await delay(0);
      }
    });
    let withOthersPending = 0;
    for (let flush = 0; flush < 20; flush++) {
      const before = n;
      await sink.flush();
      if (sink.state()[0]!.pending > 0) withOthersPending += 1;
      const [row] = await client.rows<{ n: number }>(
        `SELECT count() AS n FROM vectors_user FINAL WHERE position < ${before}`,
      );
      assert.equal(row?.n, before);
    }
    stopping = true;
    await Promise.all(tasks);
    assert.ok(withOthersPending > 0);
    await sink.close();
    const [row] = await client.rows<{ n: number }>('SELECT count() AS n FROM vectors_user FINAL');
    assert.equal(row?.n, n);
  });

  it('replaces the vectors of an event by those of a new epoch, and keeps the others', async () => {
    const client = await fresh('epochs');
    const sink = createClickhouseSink(client, options);
    await sink.vectors(rowsOf([0, 1, 2].map((n) => vectorAt(n, values))), 1);
    const again = [1, 2].map((n) =>
      vectorAt(n, [5, 4, 'tv', null, [], []], {
        position: { epoch: 2, n: n - 1 },
        // An entity's earlier events may be missing from a rebuild, so that as_of differs.
        asOfMs: vectorAt(n, values).asOfMs + 7,
      }),
    );
    await sink.flush();
    await sink.vectors(rowsOf(again), 2);
    await sink.close();
    const rows = 'SELECT offset, epoch, clicks_24h FROM vectors_user FINAL ORDER BY offset';
    assert.deepEqual(await client.rows(rows), [
      { offset: 0, epoch: 1, clicks_24h: 3 },
      { offset: 1, epoch: 2, clicks_24h: 4 },
      { offset: 2, epoch: 2, clicks_24h: 4 },
    ]);
  });
});
