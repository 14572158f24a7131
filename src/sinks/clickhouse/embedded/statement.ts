/** One statement as it came over HTTP. */
export interface Statement {
  readonly sql: string;
  /** Rows of an INSERT; empty where the statement stands alone. */
  readonly data: Buffer;
  readonly database: string;
  /** Format of a result whose statement names none. */
  readonly format: string;
  /** Settings and `param_…` values in the order given. */
  readonly settings: readonly (readonly [string, string])[];
  readonly readOnly: boolean;
}

/** Parameters of ClickHouse's HTTP layer, which the engine does not know as settings. */
const httpOnly = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'user',
  'password',
  'role',
  'quota_key',
  'stacktrace',
  'compress',
  'decompress',
  'buffer_size',
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_response_buffer_size',
  'http_zlib_compression_level',
  'http_write_exception_in_output_format',
  'enable_http_compression',
]);

/** Reads a statement out of the URL's parameters and the body. */
export function readStatement(
  params: URLSearchParams,
  headers: { readonly database?: string; readonly format?: string },
  body: Buffer,
  readOnly: boolean,
): Statement {
  const query = params.get('query');
  return {
    sql: query ?? body.toString('utf8'),
    data: query === null ? Buffer.alloc(0) : body,
    database: params.get('database') ?? headers.database ?? 'default',
    format: params.get('default_format') ?? headers.format ?? 'TabSeparated',
    settings: [...params].filter(([name]) => !httpOnly.has(name)),
    readOnly,
  };
}
