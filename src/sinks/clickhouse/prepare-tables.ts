import { WeirError } from '../../errors.js';
import type { ViewShape } from '../../features/shape.js';
import type { TopicDefinition } from '../../features/source.js';
import type { Clickhouse } from './client.js';
import type { TableShape } from './columns.js';
import { ensureTable } from './ensure-table.js';
import { eventTable } from './event-table.js';
import { migrate } from './migrations.js';
import { vectorTable } from './vector-table.js';

/**
 * Brings the database to where the definitions are: migrations, then a table per view and topic.
 * @throws WeirError definition-changed, definition-invalid, clickhouse-failed
 */
export async function prepareTables(
  clickhouse: Clickhouse,
  views: readonly ViewShape[],
  topics: readonly TopicDefinition[],
): Promise<void> {
  const tables = [...views.map(vectorTable), ...topics.map(eventTable)];
  refuseTwins(tables);
  await migrate(clickhouse);
  for (const table of tables) await ensureTable(clickhouse, table);
}

function refuseTwins(tables: readonly TableShape[]): void {
  const names = tables.map(({ name }) => name);
  const twin = names.find((name, i) => names.indexOf(name) !== i);
  if (twin === undefined) return;
  throw new WeirError(
    'definition-invalid',
    `two views or topics would share the table ${twin} in ClickHouse; rename one`,
  );
}
