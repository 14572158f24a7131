import { isUtf8 } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChdbSession, OpenSession } from './chdb.js';
import type { Statement } from './statement.js';

export interface Answer {
  readonly bytes: Uint8Array;
  readonly readRows: number;
  readonly writtenRows: number;
  readonly elapsedMs: number;
}

/**
 * Runs one statement on a session of its own, so that settings and parameters end with it
 * (a session costs 2 ms; resetting a shared one would have to know every setting).
 */
export async function runStatement(open: OpenSession, statement: Statement): Promise<Answer> {
  const started = performance.now();
  const session = open();
  try {
    prepare(session, statement);
    const done = await execute(session, statement);
    return { ...done, elapsedMs: performance.now() - started };
  } finally {
    session.close();
  }
}

function prepare(session: ChdbSession, { database, settings, readOnly }: Statement): void {
  if (database !== 'default') session.query(`USE \`${database.replaceAll('`', '')}\``);
  for (const [name, value] of settings) {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
    session.query(`SET ${name.replaceAll(/\W/g, '')} = '${escaped}'`);
  }
  if (readOnly) session.query('SET readonly = 1');
}

type Done = Omit<Answer, 'elapsedMs'>;

async function execute(session: ChdbSession, statement: Statement): Promise<Done> {
  const { sql, data, format } = statement;
  if (data.length === 0) {
    if (/\bFORMAT\s+\w+\s*$/i.test(sql) && /^\s*INSERT\b/i.test(sql)) return nothing;
    return select(session, sql, format);
  }
  const plain = plainInsert(sql);
  if (plain !== null) {
    const { rowsWritten } = await session.insert({ ...plain, values: data });
    return { ...nothing, writtenRows: rowsWritten };
  }
  if (isUtf8(data)) return select(session, `${sql}\n${data.toString('utf8')}`, format);
  return insertBinary(session, sql, data);
}

const nothing: Done = { bytes: new Uint8Array(0), readRows: 0, writtenRows: 0 };

async function select(session: ChdbSession, sql: string, format: string): Promise<Done> {
  const result = await session.queryAsync(sql, { format });
  return { bytes: result.bytes(), readRows: result.rowsRead, writtenRows: 0 };
}

const name = '`?[A-Za-z_]\\w*`?';
const plainForm = new RegExp(
  `^\\s*INSERT\\s+INTO\\s+(?:TABLE\\s+)?(${name}(?:\\.${name})?)\\s*(?:\\(([^()]*)\\))?\\s*FORMAT\\s+(JSONEachRow|JSONCompactEachRow|CSV|TabSeparated)\\s*$`,
  'i',
);
const plainName = new RegExp(`^${name}$`);

/** The insert that chdb takes as bytes, without a copy into a JavaScript string; null for any other. */
export function plainInsert(
  sql: string,
): { table: string; columns?: readonly string[]; format: string } | null {
  const found = plainForm.exec(sql);
  if (found === null) return null;
  const table = found[1]!.replaceAll('`', '');
  const format = found[3]!;
  if (found[2] === undefined) return { table, format };
  const columns = found[2].split(',').map((column) => column.trim());
  if (!columns.every((column) => plainName.test(column))) return null;
  return { table, columns: columns.map((column) => column.replaceAll('`', '')), format };
}

/** Binary formats do not survive a JavaScript string; the engine reads them from a file. */
async function insertBinary(session: ChdbSession, sql: string, data: Buffer): Promise<Done> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-insert-'));
  try {
    const file = join(directory, 'data');
    writeFileSync(file, data);
    const from = sql.replace(/\s+FORMAT\s+(\w+)\s*$/i, ` FROM INFILE '${file}' FORMAT $1`);
    return await select(session, from, 'TabSeparated');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
