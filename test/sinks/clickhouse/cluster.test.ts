import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Clickhouse } from '../../../src/sinks/clickhouse/client.js';
import { ensureTable } from '../../../src/sinks/clickhouse/ensure-table.js';
import { eventTable } from '../../../src/sinks/clickhouse/event-table.js';
import { readMigrations, shardBy, statements } from '../../../src/sinks/clickhouse/migrations.js';
import { prepareTables } from '../../../src/sinks/clickhouse/prepare-tables.js';
import { createClickhouseSink } from '../../../src/sinks/clickhouse/sink.js';
import { layOut } from '../../../src/sinks/clickhouse/table-layout.js';
import { vectorTable } from '../../../src/sinks/clickhouse/vector-table.js';
import { context, interactions, rowsOf, user, vectorAt } from './shapes.js';
import { type Running, skip, withEmbedded } from './with-embedded.js';

const topics = [interactions, context];
const values = [4, 3, 'phone', null, [1], []] as const;

const shard = `<shard><internal_replication>true</internal_replication>
  <replica><host>127.0.0.1</host><port>9000</port></replica></shard>`;
// A node is itself where host and port are its own; nothing listens there.
const cluster = `<tcp_port>9000</tcp_port>
<macros><shard>01</shard><replica>first</replica></macros>
<remote_servers><one>${shard}</one><two>${shard}${shard}</two></remote_servers>
`;

/** The embedded engine runs no queue of ON CLUSTER statements: this runs them on its one node. */
function onThisNode(client: Clickhouse): Clickhouse {
  const command: Clickhouse['command'] = (sql, params) =>
    client.command(sql.replace(/ ON CLUSTER '\w+'/, ''), params);
  return { ...client, command };
}

async function writeTwice(client: Clickhouse): Promise<void> {
  for (const rowsMax of [7, 30]) {
    const sink = createClickhouseSink(client, { views: [user], topics, rowsMax });
    await sink.vectors(
      rowsOf(Array.from({ length: 50 }, (_, n) => vectorAt(n, values, { key: n % 5 }))),
      1,
    );
    await sink.close();
  }
}

async function readViews(client: Clickhouse): Promise<void> {
  const views = await client.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = '${client.database}' AND engine = 'View'`,
  );
  assert.equal(views.length, 11);
  for (const { name } of views) {
    const given = name.startsWith('click_through') ? "(field = 'place_id')" : '';
    await client.rows(`SELECT * FROM \`${name}\`${given}`);
  }
}

describe('tables of a cluster', { skip }, () => {
  let running: Running;
  before(async () => {
    running = await withEmbedded({ elements: cluster });
  });
  after(() => running.end());

  it('are written and read under the names of one server', async () => {
    const client = onThisNode(running.client('spread'));
    await prepareTables(client, [user], topics, { cluster: 'one', replicated: false });
    await writeTwice(client);
    const counts = 'SELECT count() AS n, uniqExact(position) AS positions FROM vectors_user FINAL';
    assert.deepEqual(await client.rows(counts), [{ n: 50, positions: 50 }]);
    assert.deepEqual(await client.rows('SELECT count() AS n FROM latest_user'), [{ n: 5 }]);
    const local = 'SELECT uniqExact(position) AS positions FROM vectors_user_local';
    assert.deepEqual(await client.rows(local), [{ positions: 50 }]);
    await readViews(client);
  });

  it('enter a block that is sent again once', async () => {
    const client = onThisNode(running.client('again'));
    await prepareTables(client, [user], topics, { cluster: 'one', replicated: false });
    const block = {
      table: 'dead_letters',
      columns: [{ name: 'topic', type: 'LowCardinality(String)' }],
      body: Buffer.from('\u0001t\u0001u'),
      token: 'same',
    };
    await client.insert(block);
    await client.insert(block);
    assert.deepEqual(await client.rows('SELECT count() AS n FROM dead_letters'), [{ n: 2 }]);
  });

  it('are grown by a changed definition, the local ones too', async () => {
    const client = onThisNode(running.client('grown'));
    const layout = { cluster: 'one', replicated: false };
    await prepareTables(client, [user], topics, layout);
    const visits = { name: 'visits', type: 'integer', comment: 'count of visits' } as const;
    const changed = { ...user, features: [...user.features, visits] };
    await prepareTables(client, [changed], topics, layout);
    const columns =
      "SELECT table FROM system.columns WHERE database = 'grown' AND name = 'visits' ORDER BY table";
    assert.deepEqual(await client.rows(columns), [
      { table: 'latest_user' },
      { table: 'training_user' },
      { table: 'vectors_user' },
      { table: 'vectors_user_local' },
    ]);
  });

  it('have views that read where there are two shards', async () => {
    const client = onThisNode(running.client('two'));
    await prepareTables(client, [user], topics, { cluster: 'two', replicated: false });
    await writeTwice(client);
    await readViews(client); // both shards are this node: rows come twice, what counts is no error
  });
});

const zookeeper = process.env.WEIR_TEST_ZOOKEEPER ?? '';
const withoutKeeper =
  skip || (zookeeper === '' && 'needs a ZooKeeper: WEIR_TEST_ZOOKEEPER=127.0.0.1:2181');

describe('replicated tables', { skip: withoutKeeper }, () => {
  // Only made: the embedded engine starts no replication, so that they stay read-only.
  it('are made with ZooKeeper', async () => {
    const [host, port] = zookeeper.split(':');
    const keeper = `<zookeeper><node><host>${host}</host><port>${port}</port></node></zookeeper>`;
    const running = await withEmbedded({ elements: cluster + keeper });
    const database = `replicated_${process.pid}`;
    const client = onThisNode(running.client(database));
    await client.command(`CREATE DATABASE ${database}`);
    const layout = { cluster: 'one', replicated: true };
    for (const { sql } of readMigrations()) {
      for (const statement of statements(sql)) {
        for (const one of layOut(statement, { database, layout, shardBy }))
          await client.command(one);
      }
    }
    for (const table of [vectorTable(user), ...topics.map(eventTable)]) {
      await ensureTable(client, table, layout);
    }
    const engines = `SELECT engine, count() AS n FROM system.tables WHERE database = '${database}' AND engine != 'View' GROUP BY engine ORDER BY engine`;
    assert.deepEqual(await client.rows(engines), [
      { engine: 'Distributed', n: 7 },
      { engine: 'ReplicatedReplacingMergeTree', n: 7 },
    ]);
    await client.command(`DROP DATABASE ${database} SYNC`);
    await running.end();
  });
});
