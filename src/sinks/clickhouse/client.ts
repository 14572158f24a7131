import { Readable } from 'node:stream';
import {
  ClickHouseError,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client';
import { WeirError } from '../../errors.js';
import { dataCodes } from './data-codes.js';
import { createRowBytes, writeLength, writeText } from './row-bytes.js';

export interface ClickhouseSettings {
  readonly url: string;
  readonly database: string;
  readonly username?: string;
  readonly password?: string;
  /**
   * Compress what is sent: worth it over a network, a waste of the shared core on loopback. Level 1
   * makes rows 4.9 times smaller for 1.6 µs a row; gzip's own level 6, 5.8 times for 5.4 µs.
   */
  readonly gzip?: boolean;
  readonly requestMsMax?: number;
}

/** A block of rows. */
export interface Insert {
  readonly table: string;
  readonly columns: readonly InsertColumn[];
  /** In RowBinary, in the order of the columns. */
  readonly body: Buffer;
  /** Blocks with the same token enter the table once. */
  readonly token: string;
}

export interface InsertColumn {
  readonly name: string;
  /** As system.columns shows it; the server refuses a block whose columns have changed. */
  readonly type: string;
}

/** `refused`: the rows themselves are wrong; sending them again is in vain. */
export type InsertOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: number; readonly reason: string };

export type QueryParams = Readonly<Record<string, unknown>>;

/** A ClickHouse server, embedded or not, and the database Weir's tables are in. */
export interface Clickhouse {
  readonly url: string;
  readonly database: string;
  /** @throws WeirError clickhouse-failed */
  command(sql: string, params?: QueryParams): Promise<void>;
  /** Rows as objects, 64-bit integers as numbers. @throws WeirError clickhouse-failed */
  rows<T>(sql: string, params?: QueryParams): Promise<T[]>;
  /** Rows in chunks, for results too large to hold. @throws WeirError clickhouse-failed */
  chunks<T>(sql: string, params?: QueryParams): AsyncIterable<readonly T[]>;
  /** @throws WeirError clickhouse-failed where the server, not the rows, is at fault */
  insert(insert: Insert): Promise<InsertOutcome>;
  /** Such as `26.7.2.1`. @throws WeirError clickhouse-failed */
  version(): Promise<string>;
  /** Whether it answers within 5 s. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

/** A server that hangs accepts a connection and never answers. */
const pingMsMax = 5_000;

const readSettings: ClickHouseSettings = { output_format_json_quote_64bit_integers: 0 };

const insertSettings: ClickHouseSettings = {
  async_insert: 0,
  // Into a Distributed table: acknowledged by the shards, not by a queue on the server's disk.
  insert_distributed_sync: 1,
  // A replay of old files spreads one block over months.
  max_partitions_per_insert_block: '1000',
  // Who reads says FINAL; merging each block before it is written as well took the server 15 %
  // more.
  optimize_on_insert: 0,
};

/** Opens a client with keep-alive; nothing is sent until the first call. */
export function createClickhouse(settings: ClickhouseSettings): Clickhouse {
  const { url, database, username = 'default', password = '', gzip = false } = settings;
  const client = createClient({
    url,
    username,
    password,
    request_timeout: settings.requestMsMax ?? 60_000,
    compression: { request: gzip && { codec: 'gzip', level: 1 }, response: gzip },
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    application: 'weir',
    log: { level: ClickHouseLogLevel.OFF }, // every failure is thrown, with more to say
  });
  // Statements name the database in a parameter, so that it can be created by the same client.
  const inDatabase = { database } as ClickHouseSettings; // sent as a URL parameter, as it must be
  const select = (query: string, params: QueryParams = {}) =>
    client.query({
      query,
      format: 'JSONEachRow',
      query_params: params,
      clickhouse_settings: { ...inDatabase, ...readSettings },
    });
  return {
    url,
    database,
    command: (query, params = {}) =>
      attempt(url, async () => {
        const onServer = /^\s*CREATE DATABASE/i.test(query);
        await client.command({
          query,
          query_params: params,
          clickhouse_settings: onServer ? {} : inDatabase,
        });
      }),
    // T is the caller's word.
    rows: (query, params) => attempt(url, async () => (await select(query, params)).json<never>()),
    chunks: <T>(query: string, params?: QueryParams) =>
      chunksOf<T>(url, async () => (await select(query, params)).stream<T>()),
    insert: (insert) =>
      attempt(url, () =>
        outcomeOf(async () => {
          const { stream } = await client.exec({
            query: insertSql(insert),
            values: Readable.from([headOf(insert), insert.body], { objectMode: false }),
            clickhouse_settings: {
              ...inDatabase,
              ...insertSettings,
              insert_deduplication_token: insert.token,
            },
          });
          stream.resume();
        }),
      ),
    version: () =>
      attempt(url, async () => {
        const query = 'SELECT version() AS version';
        const answer = await client.query({ query, format: 'JSONEachRow' });
        const rows = await answer.json<{ version: string }>();
        return rows[0]?.version ?? '';
      }),
    ping: async () => {
      const abort_signal = AbortSignal.timeout(pingMsMax);
      return (await client.ping({ select: true, abort_signal })).success;
    },
    close: () => client.close(),
  };
}

function insertSql({ table, columns }: Insert): string {
  const names = columns.map(({ name }) => `\`${name}\``).join(', ');
  return `INSERT INTO \`${table}\` (${names}) FORMAT RowBinaryWithNamesAndTypes`;
}

function headOf({ columns }: Insert): Buffer {
  const head = createRowBytes(64 * (1 + columns.length));
  writeLength(head, columns.length);
  for (const { name } of columns) writeText(head, name);
  for (const { type } of columns) writeText(head, type);
  return head.bytes.subarray(0, head.at);
}

async function outcomeOf(send: () => Promise<void>): Promise<InsertOutcome> {
  try {
    await send();
    return { ok: true };
  } catch (error) {
    const code = clickhouseCode(error);
    if (code === null || !dataCodes.has(code)) throw error;
    // A ClickHouseError has a code.
    return { ok: false, code, reason: (error as Error).message.trim() };
  }
}

async function* chunksOf<T>(
  url: string,
  open: () => Promise<AsyncIterable<readonly { json(): T }[]>>,
): AsyncIterable<readonly T[]> {
  const stream = await attempt(url, open);
  try {
    for await (const rows of stream) yield rows.map((row) => row.json());
  } catch (error) {
    throw failure(url, error);
  }
}

async function attempt<T>(url: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw failure(url, error);
  }
}

/** ClickHouse's own code of an error or of its cause; null where it never answered. */
export function clickhouseCode(error: unknown): number | null {
  if (error instanceof ClickHouseError) return Number(error.code);
  return error instanceof WeirError && error.cause !== undefined
    ? clickhouseCode(error.cause)
    : null;
}

function failure(url: string, error: unknown): WeirError {
  if (error instanceof WeirError) return error;
  const code = clickhouseCode(error);
  const said = error instanceof Error ? error.message.trim() || error.name : String(error);
  const message =
    code === null
      ? `expected ClickHouse at ${url} to answer: ${said}; check that it runs and that the URL is right`
      : `ClickHouse at ${url} answered with code ${code}: ${said}`;
  return new WeirError('clickhouse-failed', message, { cause: error });
}
