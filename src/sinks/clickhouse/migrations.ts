import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../../errors.js';
import type { Clickhouse } from './client.js';
import { quoteText } from './quote.js';
import { layOut, oneServer, type TableLayout } from './table-layout.js';

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly hash: string;
}

const shipped = fileURLToPath(new URL('../../../../schemas/clickhouse/', import.meta.url));

/**
 * Reads `NNNN_name.sql` in order. @throws WeirError input-unreadable where a number is missing or
 * taken twice
 */
export function readMigrations(directory: string = shipped): readonly Migration[] {
  const files = readdirSync(directory).filter((file) => file.endsWith('.sql'));
  return files.sort().map((file, index) => {
    const found = /^(\d{4})_(\w+)\.sql$/.exec(file);
    if (found === null || Number(found[1]) !== index + 1) {
      throw new WeirError(
        'input-unreadable',
        `${directory}: expected a migration ${String(index + 1).padStart(4, '0')}_name.sql, found ${file}`,
        { place: { path: directory } },
      );
    }
    const sql = readFileSync(`${directory}/${file}`, 'utf8');
    const hash = createHash('sha256').update(sql).digest('hex');
    return { number: index + 1, name: found[2]!, sql, hash };
  });
}

const history = `CREATE TABLE IF NOT EXISTS schema_migrations (
  number UInt32 COMMENT 'Number of the migration, applied in this order',
  name String COMMENT 'What it brings',
  hash String COMMENT 'SHA-256 of its file when it was applied',
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When it was applied, UTC'
)
ENGINE = ReplacingMergeTree
ORDER BY number
COMMENT 'Migrations of schemas/clickhouse that this database has had'`;

/** Where the tables of schemas/clickhouse lie in a cluster: with what replaces their rows. */
export const shardBy: ReadonlyMap<string, string> = new Map([
  ['schema_migrations', 'number'],
  ['scores', 'key'],
  ['checks', 'model'],
  ['alerts', 'model'],
  ['dead_letters', 'topic, partition, offset'],
]);

interface Applied {
  readonly number: number;
  readonly hash: string;
}

/**
 * Applies, once and in order, what the database has not had yet; to be run under the schema lock.
 * A statement must bear being applied again: a crash may come before it is recorded.
 * @returns the names of those applied now
 * @throws WeirError definition-changed where an applied file was edited or is unknown
 */
export async function migrate(
  clickhouse: Clickhouse,
  migrations: readonly Migration[] = readMigrations(),
  layout: TableLayout = oneServer,
): Promise<readonly string[]> {
  const run = async (statement: string): Promise<void> => {
    const place = { database: clickhouse.database, layout, shardBy };
    for (const sql of layOut(statement, place)) await clickhouse.command(sql);
  };
  await run(history);
  const applied = await clickhouse.rows<Applied>(
    'SELECT number, hash FROM schema_migrations FINAL ORDER BY number',
  );
  refuseForeign(clickhouse.database, applied, migrations);
  const due = migrations.slice(applied.length);
  for (const { number, name, sql, hash } of due) {
    for (const statement of statements(sql)) await run(statement);
    await clickhouse.command(
      `INSERT INTO schema_migrations (number, name, hash) VALUES (${number}, ${quoteText(name)}, '${hash}')`,
    );
  }
  return due.map(({ name }) => name);
}

/** Statements end with a semicolon at the end of a line. */
export function statements(sql: string): readonly string[] {
  return sql.split(/;\s*(?:\n|$)/).filter((part) => part.replaceAll(/^--.*$/gm, '').trim() !== '');
}

function refuseForeign(
  database: string,
  applied: readonly Applied[],
  migrations: readonly Migration[],
): void {
  for (const [index, { number, hash }] of applied.entries()) {
    const migration = migrations[index];
    if (migration === undefined || number !== index + 1) {
      throw new WeirError(
        'definition-changed',
        `database ${database} has had migration ${number}, which this version of Weir does not know; run the version that wrote it, or use another database`,
      );
    }
    if (migration.hash !== hash) {
      const file = `${String(number).padStart(4, '0')}_${migration.name}.sql`;
      throw new WeirError(
        'definition-changed',
        `migration ${file} was edited after database ${database} had it; restore the file and put the change into a new migration`,
      );
    }
  }
}
