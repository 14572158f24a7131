import { WeirError } from '../../errors.js';
import type { Clickhouse } from './client.js';
import type { TableShape } from './columns.js';
import { addColumnSql, createTableSql } from './create-table.js';
import { quoteText } from './quote.js';

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
export async function ensureTable(clickhouse: Clickhouse, table: TableShape): Promise<void> {
  const found = await clickhouse.rows<Existing>(
    'SELECT name, type, comment FROM system.columns WHERE database = {database:String} AND table = {table:String}',
    { database: clickhouse.database, table: table.name },
  );
  if (found.length === 0) {
    await clickhouse.command(createTableSql(table));
    return;
  }
  refuseOtherTypes(clickhouse.database, table, found);
  for (const column of table.columns) {
    const existing = found.find(({ name }) => name === column.name);
    if (existing === undefined) await clickhouse.command(addColumnSql(table.name, column));
    else if (existing.comment !== column.comment) {
      await clickhouse.command(
        `ALTER TABLE \`${table.name}\` COMMENT COLUMN \`${column.name}\` ${quoteText(column.comment)}`,
      );
    }
  }
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
