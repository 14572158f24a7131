import { WeirError } from '../../errors.js';

/** How tables are spread over servers. */
export interface TableLayout {
  /**
   * A cluster of the server's configuration: every table `T` is then `T_local` on each node, and
   * `T` a Distributed table over them, which is what everyone reads and writes.
   */
  readonly cluster: string | null;
  /** Tables have copies: path and replica by the server's macros {shard} and {replica}. */
  readonly replicated: boolean;
}

export const oneServer: TableLayout = { cluster: null, replicated: false };

/** What the layout of a statement needs to know beside its text. */
export interface LayoutPlace {
  readonly database: string;
  readonly layout: TableLayout;
  /** By table: columns whose hash chooses the shard. */
  readonly shardBy: ReadonlyMap<string, string>;
}

const createTable = /^CREATE TABLE IF NOT EXISTS `?(\w+)`? \(/;
const alterTable = /^ALTER TABLE `?(\w+)`?/;

/**
 * Statements for the layout out of one that is written for a single server. Each bears being run
 * again. CREATE DATABASE, CREATE TABLE IF NOT EXISTS, ALTER TABLE and CREATE OR REPLACE VIEW are
 * spread; others stay as they are.
 */
export function layOut(statement: string, place: LayoutPlace): readonly string[] {
  const { layout } = place;
  const sql = statement.replaceAll(/^--.*\n/gm, '').trim();
  const on = layout.cluster === null ? '' : ` ON CLUSTER '${layout.cluster}'`;
  if (createTable.test(sql)) return tableOf(sql, place, on);
  if (layout.cluster === null) return [sql];
  const altered = alterTable.exec(sql)?.[1];
  if (altered !== undefined) {
    const onTable = (name: string): string =>
      sql.replace(alterTable, () => `ALTER TABLE \`${name}\`${on}`);
    const ordering = /,\s*MODIFY ORDER BY \([^)]*\)/; // a Distributed table has no order
    return [onTable(`${altered}_local`), onTable(altered).replace(ordering, '')];
  }
  return [sql.replace(/^(CREATE (?:DATABASE IF NOT EXISTS|OR REPLACE VIEW) \S+)/, `$1${on}`)];
}

function tableOf(sql: string, { database, layout, shardBy }: LayoutPlace, on: string): string[] {
  const name = createTable.exec(sql)![1]!; // the caller has looked
  const replicated = layout.replicated ? replicatedTable(sql) : sql;
  if (layout.cluster === null) return [replicated];
  const columns = shardBy.get(name);
  if (columns === undefined) {
    throw new WeirError('internal', `table ${name} says nothing of its shards; please report it`);
  }
  const local = `${name}_local`;
  const key = columns.split(', ').map((column) => `\`${column}\``);
  return [
    replicated.replace(createTable, () => `CREATE TABLE IF NOT EXISTS \`${local}\`${on} (`),
    `CREATE TABLE IF NOT EXISTS \`${name}\`${on} AS \`${local}\`
ENGINE = Distributed('${layout.cluster}', '${database}', '${local}', cityHash64(${key.join(', ')}))
COMMENT ${/COMMENT ('(?:[^'\\]|\\.)*')\s*$/.exec(sql)?.[1] ?? "''"}`,
  ];
}

function replicatedTable(sql: string): string {
  const path = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'";
  return sql
    .replace(/^ENGINE = (\w*MergeTree)(?:\(([^)]*)\))?/m, (_, engine: string, given?: string) => {
      return `ENGINE = Replicated${engine}(${given === undefined ? path : `${path}, ${given}`})`;
    })
    .replace('non_replicated_deduplication_window', 'replicated_deduplication_window');
}
