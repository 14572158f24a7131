import { WeirError } from '../../errors.js';
import type { Clickhouse } from './client.js';
import type { TableShape } from './columns.js';
import { addColumnSql, createTableSql } from './create-table.js';
import { quoteText } from './quote.js';
import { layOut, oneServer, type TableLayout } from './table-layout.js';

interface Existing {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
}

/**
 * Creates the table, or adds the columns and comments that a changed definition brings.
 * Columns that are no longer declared stay, for the rows that have them.
 * @throws WeirError definition-changed with the plan, where a column has another type
 */
export async function ensureTable(
  clickhouse: Clickhouse,
  table: TableShape,
  layout: TableLayout = oneServer,
): Promise<void> {
  const shardBy = new Map([[table.name, table.shardBy]]);
  const run = async (statement: string): Promise<void> => {
    const place = { database: clickhouse.database, layout, shardBy };
    for (const sql of layOut(statement, place)) await clickhouse.command(sql);
  };
  await run(createTableSql(table));
  await refuseOtherOrder(clickhouse, table);
  const found = await clickhouse.rows<Existing>(
    'SELECT name, type, comment FROM system.columns WHERE database = {database:String} AND table = {table:String}',
    { database: clickhouse.database, table: table.name },
  );
  refuseOtherTypes(clickhouse.database, table, found);
  for (const column of table.columns) {
    const existing = found.find(({ name }) => name === column.name);
    if (existing === undefined) await run(addColumnSql(table.name, column));
    else if (existing.comment !== column.comment) {
      await run(
        `ALTER TABLE \`${table.name}\` COMMENT COLUMN \`${column.name}\` ${quoteText(column.comment)}`,
      );
    }
  }
}

/** A table's order cannot be changed, and rows of another order would not replace each other. */
async function refuseOtherOrder(clickhouse: Clickhouse, table: TableShape): Promise<void> {
  const { database } = clickhouse;
  const [found] = await clickhouse.rows<{ key: string }>(
    "SELECT sorting_key AS key FROM system.tables WHERE database = {database:String} AND name IN ({table:String}, concat({table:String}, '_local')) AND engine LIKE '%MergeTree'",
    { database, table: table.name },
  );
  const wanted = table.orderBy.join(', ');
  if (found === undefined || found.key.replaceAll('`', '') === wanted) return;
  throw new WeirError(
    'definition-changed',
    [
      `table ${database}.${table.name} is ordered by (${found.key}), this version of Weir orders it by (${wanted}).`,
      'Keep the old rows aside and rebuild with --reset:',
      `  RENAME TABLE ${database}.${table.name} TO ${database}.${table.name}_old`,
      'or, where ClickHouse runs embedded, move the directory clickhouse of the data directory aside.',
    ].join('\n'),
  );
}

function refuseOtherTypes(database: string, table: TableShape, found: readonly Existing[]): void {
  const changes = table.columns.flatMap((column) => {
    const existing = found.find(({ name }) => name === column.name);
    return existing === undefined || existing.type === column.type
      ? []
      : [`${column.name}: ${existing.type} -> ${column.type}`];
  });
  if (changes.length === 0) return;
  throw new WeirError(
    'definition-changed',
    [
      `table ${database}.${table.name} has columns of another type than the definition:`,
      ...changes.map((change) => `  ${change}`),
      'Give each changed feature or field a new name, which adds a column beside the old one; or keep the old rows aside with',
      `  RENAME TABLE ${database}.${table.name} TO ${database}.${table.name}_old`,
      'and rebuild with --reset.',
    ].join('\n'),
  );
}
