import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { analyticsViews } from '../../../src/sinks/clickhouse/analytics-views.js';
import { createTableSql } from '../../../src/sinks/clickhouse/create-table.js';
import { eventTable } from '../../../src/sinks/clickhouse/event-table.js';
import { readMigrations, shardBy, statements } from '../../../src/sinks/clickhouse/migrations.js';
import { layOut, type TableLayout } from '../../../src/sinks/clickhouse/table-layout.js';
import { vectorTable } from '../../../src/sinks/clickhouse/vector-table.js';
import { context, interactions, user } from './shapes.js';

const golden = fileURLToPath(new URL('../../../../test/sinks/clickhouse/golden/', import.meta.url));

/** Every statement that prepares a database, for the layout. */
function ddl(layout: TableLayout): string {
  const shapes = [vectorTable(user), eventTable(interactions), eventTable(context)];
  const shards = new Map([...shardBy, ...shapes.map((t) => [t.name, t.shardBy] as const)]);
  const place = { database: 'weir', layout, shardBy: shards };
  const all = [
    'CREATE DATABASE IF NOT EXISTS `weir`',
    ...readMigrations().flatMap(({ sql }) => statements(sql)),
    ...shapes.map(createTableSql),
    'ALTER TABLE `vectors_user` ADD COLUMN IF NOT EXISTS `visits` Nullable(Int64)',
    ...analyticsViews([user], [interactions, context]).map(({ sql }) => sql),
  ];
  return `${all.flatMap((sql) => layOut(sql, place)).join(';\n\n')};\n`;
}

describe('statements for a layout', () => {
  for (const [file, layout] of [
    ['one-server.txt', { cluster: null, replicated: false }],
    ['replicated.txt', { cluster: null, replicated: true }],
    ['cluster.txt', { cluster: 'main', replicated: false }],
    ['replicated-cluster.txt', { cluster: '{cluster}', replicated: true }],
  ] as const) {
    it(`are those of ${file}`, () => {
      assert.equal(ddl(layout), readFileSync(`${golden}${file}`, 'utf8'));
    });
  }

  it('put every table on all nodes of a cluster, and rows that replace each other on one', () => {
    const text = ddl({ cluster: 'main', replicated: true });
    const creations = text.match(/^CREATE .*/gm) ?? [];
    for (const line of creations) assert.ok(line.includes(" ON CLUSTER 'main'"), line);
    for (const [, local, columns] of text.matchAll(/'(\w+)_local', cityHash64\((.*)\)\)/g)) {
      const order = new RegExp(`\`${local}_local\` [^]*?ORDER BY \\((.*)\\)`).exec(text)?.[1];
      const sorted = order?.replaceAll('`', '').split(', ') ?? [];
      for (const column of columns!.replaceAll('`', '').split(', ')) {
        assert.ok(sorted.includes(column), `${local}: ${column} of (${order})`);
      }
    }
  });

  it('leave no table without its copies where tables are replicated', () => {
    const text = ddl({ cluster: null, replicated: true });
    for (const line of text.match(/^ENGINE = .*/gm) ?? []) {
      assert.match(line, /^ENGINE = Replicated\w*MergeTree\('.*\{shard\}.*', '\{replica\}'/);
    }
    assert.ok(!text.includes('non_replicated_'));
  });
});
