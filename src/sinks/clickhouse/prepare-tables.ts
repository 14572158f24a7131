import { WeirError } from '../../errors.js';
import type { ViewShape } from '../../features/shape.js';
import type { TopicDefinition } from '../../features/source.js';
import { analyticsViews } from './analytics-views.js';
import type { Clickhouse } from './client.js';
import { ensureTable } from './ensure-table.js';
import { eventTable } from './event-table.js';
import { migrate } from './migrations.js';
import { underSchemaLock } from './schema-lock.js';
import { refuseOldServer } from './server-version.js';
import { layOut, oneServer, type TableLayout } from './table-layout.js';
import { vectorTable } from './vector-table.js';

/**
 * Brings the database to where the definitions are: migrations, then a table per view and topic,
 * then what analysts read. Of several processes one does it, the others wait and find it done.
 * @throws WeirError clickhouse-too-old, definition-changed, definition-invalid, clickhouse-failed
 */
export async function prepareTables(
  clickhouse: Clickhouse,
  views: readonly ViewShape[],
  topics: readonly TopicDefinition[],
  layout: TableLayout = oneServer,
): Promise<void> {
  const tables = [...views.map(vectorTable), ...topics.map(eventTable)];
  const ready = analyticsViews(views, topics);
  refuseTwins([...tables, ...ready]);
  await refuseOldServer(clickhouse);
  const { database } = clickhouse;
  const place = { database, layout, shardBy: new Map<string, string>() };
  const run = async (statement: string): Promise<void> => {
    for (const sql of layOut(statement, place)) await clickhouse.command(sql);
  };
  await run(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
  await underSchemaLock(clickhouse, async () => {
    await migrate(clickhouse, undefined, layout);
    for (const table of tables) await ensureTable(clickhouse, table, layout);
    for (const { sql } of ready) await run(sql);
  });
}

function refuseTwins(named: readonly { readonly name: string }[]): void {
  const names = named.map(({ name }) => name);
  const twin = names.find((name, i) => names.indexOf(name) !== i);
  if (twin === undefined) return;
  throw new WeirError(
    'definition-invalid',
    `two views or topics would share the table ${twin} in ClickHouse; rename one`,
  );
}
