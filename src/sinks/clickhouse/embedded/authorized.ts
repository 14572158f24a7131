import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A request that carries the user and password, in any of the ways ClickHouse takes them. */
export function authorized(
  request: IncomingMessage,
  params: URLSearchParams,
  expected: { readonly username: string; readonly password: string },
): boolean {
  if (expected.password === '') return true;
  const [user, password] = credentials(request, params);
  return same(user, expected.username) && same(password, expected.password);
}

function credentials(request: IncomingMessage, params: URLSearchParams): [string, string] {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '');
  if (basic !== null) {
    const text = Buffer.from(basic[1]!, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    return [text.slice(0, colon), text.slice(colon + 1)];
  }
  const user = request.headers['x-clickhouse-user'] ?? params.get('user') ?? 'default';
  const key = request.headers['x-clickhouse-key'] ?? params.get('password') ?? '';
  return [String(user), String(key)];
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * False for a request that a web page elsewhere makes a browser send: it could read or drop tables.
 */
export function fromThisMachine(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  if (host !== undefined && !loopback.test(host)) return false;
  return origin === undefined || loopback.test(origin.replace(/^https?:\/\//, ''));
}
