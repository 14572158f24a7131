import type { Column, TableShape } from './columns.js';
import { quoteText } from './quote.js';

function definition({ name, type, codec, comment }: Column): string {
  return `\`${name}\` ${type} COMMENT ${quoteText(comment)}${codec === undefined ? '' : ` ${codec}`}`;
}

/** The statement that creates the table, every column with its comment. */
export function createTableSql(table: TableShape): string {
  const columns = table.columns.map((column) => `  ${definition(column)}`).join(',\n');
  const orderBy = table.orderBy.map((name) => `\`${name}\``).join(', ');
  return [
    `CREATE TABLE IF NOT EXISTS \`${table.name}\` (\n${columns}\n)`,
    `ENGINE = ${table.engine}`,
    `PARTITION BY ${table.partitionBy}`,
    `ORDER BY (${orderBy})`,
    // Without the window a table that is not replicated ignores deduplication tokens.
    'SETTINGS non_replicated_deduplication_window = 1000',
    `COMMENT ${quoteText(table.comment)}`,
  ].join('\n');
}

/** The statement that adds a column to a table that has rows. */
export function addColumnSql(table: string, column: Column): string {
  return `ALTER TABLE \`${table}\` ADD COLUMN IF NOT EXISTS ${definition(column)}`;
}
