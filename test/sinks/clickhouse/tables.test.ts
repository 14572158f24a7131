import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { text } from '../../../src/features/fields.js';
import type { ViewShape } from '../../../src/features/shape.js';
import type { Clickhouse } from '../../../src/sinks/clickhouse/client.js';
import { eventTable } from '../../../src/sinks/clickhouse/event-table.js';
import { migrate, readMigrations } from '../../../src/sinks/clickhouse/migrations.js';
import { prepareTables } from '../../../src/sinks/clickhouse/prepare-tables.js';
import { vectorTable } from '../../../src/sinks/clickhouse/vector-table.js';
import { context, interactions, user } from './shapes.js';
import { type Running, skip, withEmbedded } from './with-embedded.js';

const schemas = fileURLToPath(new URL('../../../../schemas/clickhouse/', import.meta.url));

describe('generated tables', () => {
  it('refuses a feature or field that has the name of a fixed column', () => {
    const features = [{ name: 'as_of', type: 'number', comment: '' }] as const;
    assert.throws(() => vectorTable({ ...user, features }), { code: 'definition-invalid' });
    const fields = { ...interactions.fields, raw: text() };
    assert.throws(() => eventTable({ ...interactions, fields }), { code: 'definition-invalid' });
  });

  it('refuses a name that would need quoting', () => {
    const features = [{ name: 'a`b', type: 'number', comment: '' }] as const;
    assert.throws(() => vectorTable({ ...user, features }), { code: 'definition-invalid' });
  });
});

describe('the tables in ClickHouse', { skip }, () => {
  let running: Running;
  let client: Clickhouse;
  before(async () => {
    running = await withEmbedded();
    client = running.client('weir');
    await prepareTables(client, [user], [interactions, context]);
  });
  after(() => running.end());

  it('are one per view and topic, and the fixed ones', async () => {
    const tables = await client.rows<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'weir' AND engine LIKE '%MergeTree' ORDER BY name",
    );
    assert.deepEqual(
      tables.map(({ name }) => name),
      [
        'alerts',
        'checks',
        'dead_letters',
        'events_city_context',
        'events_interactions',
        'schema_migrations',
        'scores',
        'vectors_user',
      ],
    );
  });

  it('have a comment on every column and table', async () => {
    const bare = await client.rows(
      `SELECT table, name FROM system.columns WHERE database = 'weir' AND comment = '' AND table IN
       (SELECT name FROM system.tables WHERE database = 'weir' AND engine LIKE '%MergeTree')`,
    );
    assert.deepEqual(bare, []);
    const tables = await client.rows(
      "SELECT name FROM system.tables WHERE database = 'weir' AND comment = ''",
    );
    assert.deepEqual(tables, []);
  });

  it('type the features of a view', async () => {
    const columns = await client.rows<{ name: string; type: string }>(
      "SELECT name, type FROM system.columns WHERE database = 'weir' AND table = 'vectors_user'",
    );
    assert.deepEqual(Object.fromEntries(columns.map(({ name, type }) => [name, type])), {
      key: 'String',
      as_of: "DateTime64(3, 'UTC')",
      position: 'UInt64',
      definition: 'LowCardinality(String)',
      topic: 'LowCardinality(String)',
      partition: 'Int32',
      offset: 'UInt64',
      time: "DateTime64(3, 'UTC')",
      epoch: 'UInt64',
      sequence: 'UInt64',
      mean_rating: 'Nullable(Float64)',
      clicks_24h: 'Nullable(Int64)',
      device: 'LowCardinality(Nullable(String))',
      last_activity: "Nullable(DateTime64(3, 'UTC'))",
      busy_hours: 'Array(Int64)',
      categories: 'Array(Tuple(String, Int64))',
    });
  });

  it('keep monitoring history for 30 days from writing', async () => {
    const tables = await client.rows<{ name: string; create_table_query: string }>(
      "SELECT name, create_table_query FROM system.tables WHERE database = 'weir' AND create_table_query LIKE '%TTL%' ORDER BY name",
    );
    assert.deepEqual(
      tables.map(({ name }) => name),
      ['alerts', 'checks'],
    );
    for (const { create_table_query } of tables) {
      assert.ok(
        create_table_query.includes("TTL toDateTime(written_at, 'UTC') + toIntervalDay(30)"),
      );
    }
  });

  it('bear being prepared again', async () => {
    await prepareTables(client, [user], [interactions, context]);
  });

  it('gain a column and a new comment with a changed definition, and keep the rows', async () => {
    const database = 'grown';
    const grown = running.client(database);
    await prepareTables(grown, [user], []);
    await grown.command('INSERT INTO vectors_user (key, clicks_24h) VALUES (1, 5)');
    const features = [
      ...user.features.map((f) => (f.name === 'device' ? { ...f, comment: 'the last one' } : f)),
      { name: 'visits_7d', type: 'integer', comment: 'count of visits' } as const,
    ];
    await prepareTables(grown, [{ ...user, features }], []);
    const columns = await grown.rows(
      "SELECT name, type, comment FROM system.columns WHERE database = {database:String} AND table = 'vectors_user' AND name IN ('device', 'visits_7d') ORDER BY name",
      { database },
    );
    assert.deepEqual(columns, [
      { name: 'device', type: 'LowCardinality(Nullable(String))', comment: 'the last one' },
      { name: 'visits_7d', type: 'Nullable(Int64)', comment: 'count of visits' },
    ]);
    assert.deepEqual(await grown.rows('SELECT clicks_24h, visits_7d FROM vectors_user'), [
      { clicks_24h: 5, visits_7d: null },
    ]);
  });

  it('refuse a feature of another type, with the plan', async () => {
    const features = user.features.map((f) =>
      f.name === 'device' ? ({ ...f, type: 'number' } as const) : f,
    );
    const changed: ViewShape = { ...user, features };
    await assert.rejects(prepareTables(client, [changed], []), (error: Error) => {
      assert.match(
        error.message,
        /device: LowCardinality\(Nullable\(String\)\) -> Nullable\(Float64\)/,
      );
      assert.match(error.message, /RENAME TABLE weir\.vectors_user/);
      return true;
    });
  });
});

describe('migrate', { skip }, () => {
  let running: Running;
  let directory: string;
  before(async () => {
    running = await withEmbedded();
    directory = mkdtempSync(join(tmpdir(), 'weir-migrations-'));
    cpSync(schemas, directory, { recursive: true });
  });
  after(async () => {
    await running.end();
    rmSync(directory, { recursive: true });
  });

  it('applies each file once, in order, and a new one later', async () => {
    const client = running.client('once');
    await client.command('CREATE DATABASE once');
    const names = readdirSync(schemas).map((file) => file.slice(5, -4));
    assert.deepEqual(await migrate(client, readMigrations(directory)), names);
    assert.deepEqual(await migrate(client, readMigrations(directory)), []);
    const next = `${String(names.length + 1).padStart(4, '0')}_added.sql`;
    writeFileSync(
      join(directory, next),
      '-- two statements\nCREATE TABLE a (x UInt8) ENGINE = MergeTree ORDER BY x;\nALTER TABLE a ADD COLUMN y UInt8;\n',
    );
    assert.deepEqual(await migrate(client, readMigrations(directory)), ['added']);
    assert.deepEqual(await client.rows('SELECT sum(y) AS n FROM a'), [{ n: 0 }]);
    rmSync(join(directory, next));
  });

  it('bears a crash between any file and its record: all can be applied again', async () => {
    const client = running.client('again');
    await client.command('CREATE DATABASE again');
    const migrations = readMigrations();
    await migrate(client, migrations);
    await client.command('TRUNCATE TABLE schema_migrations');
    assert.equal((await migrate(client, migrations)).length, migrations.length);
  });

  it('refuses an edited file, and a database of a later version', async () => {
    const client = running.client('edited');
    await client.command('CREATE DATABASE edited');
    const migrations = readMigrations(directory);
    await migrate(client, migrations);
    const edited = migrations.map((m) => (m.number === 2 ? { ...m, hash: 'other' } : m));
    await assert.rejects(migrate(client, edited), {
      code: 'definition-changed',
      message: /0002_checks\.sql was edited after database edited had it; restore the file/,
    });
    await assert.rejects(migrate(client, migrations.slice(0, 2)), {
      code: 'definition-changed',
      message: /migration 3, which this version of Weir does not know/,
    });
  });

  it('refuses a gap in the numbers', () => {
    writeFileSync(join(directory, '0009_far.sql'), 'SELECT 1;\n');
    assert.throws(() => readMigrations(directory), { code: 'input-unreadable' });
    rmSync(join(directory, '0009_far.sql'));
  });
});
