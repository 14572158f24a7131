import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { authorized, fromThisMachine } from './authorized.js';
import type { OpenSession } from './chdb.js';
import { type Exception, exception, exceptionOf } from './exception.js';
import type { HostSettings } from './host-settings.js';
import { httpStatus } from './http-status.js';
import type { Lanes } from './lanes.js';
import { readBody } from './read-body.js';
import { type Answer, runStatement } from './run-statement.js';
import { readStatement } from './statement.js';

export interface Host {
  readonly settings: HostSettings;
  readonly open: OpenSession;
  readonly lanes: Lanes;
  readonly version: string;
}

const deflate = promisify(gzip);

const contentTypes: Readonly<Record<string, string>> = {
  JSON: 'application/json; charset=UTF-8',
  JSONEachRow: 'application/x-ndjson; charset=UTF-8',
  JSONCompactEachRow: 'application/x-ndjson; charset=UTF-8',
  CSV: 'text/csv; charset=UTF-8; header=absent',
  TabSeparated: 'text/tab-separated-values; charset=UTF-8',
};

/** Answers one request as ClickHouse's HTTP interface does. */
export async function answerRequest(
  host: Host,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname === '/ping' || (url.pathname === '/' && url.search === '' && isGet(request))) {
    response.end('Ok.\n');
    return;
  }
  const queryId = url.searchParams.get('query_id') ?? randomUUID();
  response.setHeader('X-ClickHouse-Query-Id', queryId);
  response.setHeader('X-ClickHouse-Server-Display-Name', 'weir');
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  try {
    await answerStatement(host, url, request, response);
  } catch (error) {
    fail(host, response, exceptionOf(error));
  }
}

function isGet(request: IncomingMessage): boolean {
  return request.method === 'GET' || request.method === 'HEAD';
}

function refusal(host: Host, url: URL, request: IncomingMessage): Exception | null {
  if (!fromThisMachine(request)) {
    return exception(497, 'requests are taken from this machine only', 'ACCESS_DENIED');
  }
  if (!authorized(request, url.searchParams, host.settings)) {
    return exception(516, 'the user or the password is wrong', 'AUTHENTICATION_FAILED');
  }
  if (url.searchParams.has('session_id')) {
    return exception(48, 'the embedded ClickHouse keeps no HTTP sessions', 'NOT_IMPLEMENTED');
  }
  return null;
}

async function answerStatement(
  host: Host,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = refusal(host, url, request);
  if (refused !== null) return fail(host, response, refused);
  const body = await readBody(request, host.settings.bodyBytesMax);
  if (body === null) {
    const limit = `the body is longer than ${host.settings.bodyBytesMax} bytes`;
    return fail(host, response, exception(223, limit, 'QUERY_IS_TOO_LARGE'));
  }
  const params = await withForm(url.searchParams, request, body);
  const { 'x-clickhouse-database': database, 'x-clickhouse-format': format } = request.headers;
  const statement = readStatement(
    params,
    {
      ...(typeof database === 'string' ? { database } : {}),
      ...(typeof format === 'string' ? { format } : {}),
    },
    params === url.searchParams ? body : Buffer.alloc(0),
    isGet(request),
  );
  const running = host.lanes.run(() => runStatement(host.open, statement, host.settings.directory));
  if (running === null) {
    const limit = `${host.settings.waitingMax} statements wait already`;
    return fail(host, response, exception(202, limit, 'TOO_MANY_SIMULTANEOUS_QUERIES'));
  }
  const answer = await running;
  const named = /\bFORMAT\s+(\w+)\s*;?\s*$/i.exec(statement.sql)?.[1] ?? statement.format;
  response.setHeader('Content-Type', contentTypes[named] ?? 'text/plain; charset=UTF-8');
  response.setHeader('X-ClickHouse-Format', named);
  response.setHeader('X-ClickHouse-Summary', summary(answer, statement.data.length));
  await send(request, response, answer.bytes, params.get('enable_http_compression') === '1');
}

/** Query parameters may come as a form, where they are too long for the URL. */
async function withForm(
  params: URLSearchParams,
  request: IncomingMessage,
  body: Buffer,
): Promise<URLSearchParams> {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return params;
  const form = await new Response(new Uint8Array(body), {
    headers: { 'Content-Type': type },
  }).formData();
  const all = new URLSearchParams(params);
  for (const [name, value] of form) all.set(name, String(value));
  return all;
}

function summary(answer: Answer, bytes: number): string {
  return JSON.stringify({
    read_rows: String(answer.readRows),
    read_bytes: '0',
    written_rows: String(answer.writtenRows),
    written_bytes: String(bytes),
    total_rows_to_read: '0',
    result_rows: String(answer.writtenRows),
    result_bytes: String(answer.bytes.length),
    elapsed_ns: String(Math.round(answer.elapsedMs * 1e6)),
  });
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  compress: boolean,
): Promise<void> {
  if (!compress || !/\bgzip\b/.test(String(request.headers['accept-encoding']))) {
    response.end(bytes);
    return;
  }
  response.setHeader('Content-Encoding', 'gzip');
  response.end(await deflate(bytes));
}

function fail(host: Host, response: ServerResponse, { code, text }: Exception): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.statusCode = httpStatus(code);
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader('X-ClickHouse-Exception-Code', code);
  // What is left of a body that was not read must not be taken for the next request.
  if (response.statusCode === 413 || response.statusCode === 403) {
    response.setHeader('Connection', 'close');
  }
  response.end(`${text} (version ${host.version} (embedded))\n`);
}
